//! The programs of `clock` on smol.

mod countdown;
mod serve;
mod spin;
mod wall;
mod watch;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use common::exit::Interrupted;
use smol::net::TcpStream;
use smol::{Executor, Timer, future};

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve` and an abort of `countdown`; the others just stop.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Serve(options) => {
            serve::serve(executor, options.clock()?, options.listen()?, &options, interrupted).await
        }
        Command::Countdown(options) => countdown::countdown(&options, interrupted).await,
        Command::Watch(options) => or(watch::watch(&options), interrupted).await,
        Command::Wall(options) => or(wall::wall(executor, options.wall()?), interrupted).await,
        Command::Spin(options) => or(spin::spin(executor, options), interrupted).await,
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

/// Connects to `address` within `limit`.
async fn dial(address: &str, limit: Duration) -> Result<TcpStream> {
    match timeout(limit, TcpStream::connect(address)).await {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(error).with_context(|| format!("cannot connect to {address}: no answer in {limit:?}"))
        }
        connected => connected.with_context(|| format!("cannot connect to {address}")),
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
