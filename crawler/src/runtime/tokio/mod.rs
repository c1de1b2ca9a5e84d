//! The programs of `crawler` on tokio.

mod crawl;
mod dial;
mod semaphore;
mod site;
mod workers;

use anyhow::Result;

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
    match command {
        Command::Crawl(options) => crawl::crawl(&options, interrupted).await,
        Command::Site(options) => site::serve(options.listen()?, &options, interrupted).await,
        _ => anyhow::bail!("not yet"),
    }
}
