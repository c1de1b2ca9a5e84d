//! The programs of `crawler` on smol.

mod crawl;
mod dial;
mod fastest;
mod semaphore;
mod site;
mod workers;

use std::sync::Arc;

use anyhow::Result;
use common::exit::Interrupted;
use smol::{Executor, future};

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Crawl(options) => crawl::crawl(executor, &options, interrupted).await,
        Command::Fastest(options) => or(fastest::fastest(executor, &options), interrupted).await,
        Command::Site(options) => site::serve(executor, options.listen()?, &options, interrupted).await,
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
