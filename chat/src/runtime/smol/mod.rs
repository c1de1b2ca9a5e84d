//! The programs of `chat` on smol.

mod join;
mod serve;
mod terminal;
mod writer;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::exit::Interrupted;
use smol::net::TcpStream;
use smol::{Executor, Timer, future};

use crate::cli::{self, Command};

/// Runs one program. Ctrl-C is an orderly end of `serve`; the other one just stops.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(executor, options.listen()?, &options, interrupted).await,
        Command::Join(options) if options.on_terminal() => {
            or(terminal::session(executor, &options), interrupted).await
        }
        Command::Join(options) => or(join::join(&options), interrupted).await,
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

/// Connects to `address`, or says that it did not answer within `limit`.
async fn dial(address: &str, limit: Duration) -> Result<TcpStream> {
    let server = match timeout(limit, TcpStream::connect(address)).await {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            bail!("cannot connect to {address}: no answer in {limit:?}")
        }
        connected => connected.with_context(|| format!("cannot connect to {address}"))?,
    };
    cli::tune(&server)?;
    Ok(server)
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
