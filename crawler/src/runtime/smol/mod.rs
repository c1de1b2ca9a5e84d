//! The programs of `crawler` on smol.

mod site;

use std::sync::Arc;

use anyhow::Result;
use smol::Executor;

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Site(options) => site::serve(executor, options.listen()?, &options, interrupted).await,
        _ => anyhow::bail!("not yet"),
    }
}
