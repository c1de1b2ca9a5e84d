//! The programs of `crawler` on async-std.

mod crawl;
mod dial;
mod fastest;
mod mirror;
mod semaphore;
mod site;
mod workers;

use anyhow::Result;
use async_std::task;
use common::exit::Interrupted;
use futures_lite::future;

use crate::cli::Command;

/// Runs one program. Those that are busy run as a task: the thread from which a runtime was started is none of its
/// workers, and each page would cost a switch of threads there and back.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::async_std::interrupted()?;
    match command {
        Command::Crawl(options) => {
            task::spawn(async move { crawl::crawl(&options, interrupted).await }).await
        }
        Command::Mirror(options) => {
            task::spawn(async move { mirror::mirror(&options, interrupted).await }).await
        }
        Command::Fastest(options) => or(fastest::fastest(&options), interrupted).await,
        Command::Site(options) => site::serve(options.listen()?, &options, interrupted).await,
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
