//! The programs of `crawler` on smol.

mod crawl;
mod dial;
mod fastest;
mod mirror;
mod semaphore;
mod site;
mod workers;

use std::sync::Arc;

use anyhow::Result;
use common::exit::Interrupted;
use smol::{Executor, future};

use crate::cli::Command;

/// Runs one program. Those that are busy run as a task: the thread from which a runtime was started is none of its
/// workers, and each page would cost a switch of threads there and back.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Crawl(options) => {
            let on = Arc::clone(executor);
            executor.spawn(async move { crawl::crawl(&on, &options, interrupted).await }).await
        }
        Command::Mirror(options) => {
            let on = Arc::clone(executor);
            executor.spawn(async move { mirror::mirror(&on, &options, interrupted).await }).await
        }
        Command::Fastest(options) => or(fastest::fastest(executor, &options), interrupted).await,
        Command::Site(options) => site::serve(executor, options.listen()?, &options, interrupted).await,
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
