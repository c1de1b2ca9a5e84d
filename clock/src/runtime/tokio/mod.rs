//! The programs of `clock` on tokio.

mod countdown;
mod serve;
mod spin;
mod wall;
mod watch;

use anyhow::{Context, Result, bail};
use common::exit::Interrupted;
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve` and an abort of `countdown`; the others just stop.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
    match command {
        Command::Serve(options) => {
            serve::serve(options.clock()?, options.listen()?, &options, interrupted).await
        }
        Command::Countdown(options) => countdown::countdown(&options, interrupted).await,
        Command::Watch(options) => or(watch::watch(&options), interrupted).await,
        Command::Wall(options) => or(wall::wall(options.wall()?), interrupted).await,
        Command::Spin(options) => or(spin::spin(options), interrupted).await,
    }
}

/// What `program` ends with, unless it is interrupted first and dropped.
async fn or(program: impl Future<Output = Result<()>>, interrupted: impl Future<Output = ()>) -> Result<()> {
    tokio::select! {
        result = program => result,
        () = interrupted => Err(Interrupted.into()),
    }
}

/// Connects to `address` within `limit`.
async fn dial(address: &str, limit: Duration) -> Result<TcpStream> {
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(connected) => connected.with_context(|| format!("cannot connect to {address}")),
        Err(_) => bail!("cannot connect to {address}: no answer in {limit:?}"),
    }
}
