//! The programs of `crawler` on smol.

mod crawl;
mod dial;
mod semaphore;
mod site;
mod workers;

use std::sync::Arc;

use anyhow::Result;
use smol::Executor;

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Crawl(options) => crawl::crawl(executor, &options, interrupted).await,
        Command::Site(options) => site::serve(executor, options.listen()?, &options, interrupted).await,
        _ => anyhow::bail!("not yet"),
    }
}
