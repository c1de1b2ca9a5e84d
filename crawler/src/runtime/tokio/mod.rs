//! The programs of `crawler` on tokio.

mod site;

use anyhow::Result;

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
    match command {
        Command::Site(options) => site::serve(options.listen()?, &options, interrupted).await,
        _ => anyhow::bail!("not yet"),
    }
}
