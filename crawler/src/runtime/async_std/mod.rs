//! The programs of `crawler` on async-std.

mod crawl;
mod dial;
mod fastest;
mod semaphore;
mod site;
mod workers;

use anyhow::Result;
use common::exit::Interrupted;
use futures_lite::future;

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::async_std::interrupted()?;
    match command {
        Command::Crawl(options) => crawl::crawl(&options, interrupted).await,
        Command::Fastest(options) => or(fastest::fastest(&options), interrupted).await,
        Command::Site(options) => site::serve(options.listen()?, &options, interrupted).await,
        _ => anyhow::bail!("not yet"),
    }
}

/// What `program` ends with, unless it is interrupted first and dropped.
async fn or(program: impl Future<Output = Result<()>>, interrupted: impl Future<Output = ()>) -> Result<()> {
    future::or(program, async {
        interrupted.await;
        Err(Interrupted.into())
    })
    .await
}
