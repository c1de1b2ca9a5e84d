//! The programs of `chat` on smol.

mod serve;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use smol::{Executor, Timer, future};

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve`.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(executor, options.listen()?, &options, interrupted).await,
    }
}

/// What `operation` gives, or `TimedOut` when that takes longer than `limit`.
///
/// smol has no timeout of its own: it is a race with a timer, and `or` polls the left side first, so that an
/// operation which does not have to wait never registers one.
async fn timeout<T>(limit: Duration, operation: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    future::or(operation, async {
        Timer::after(limit).await;
        Err(io::ErrorKind::TimedOut.into())
    })
    .await
}
