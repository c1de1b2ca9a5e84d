//! The programs of `echo` on smol.

mod connect;
mod plain;
mod serve;
mod shouting;

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use common::exit::Interrupted;
use smol::io::AsyncWriteExt;
use smol::{Async, Executor, Timer, future};

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve`; `connect` just stops.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(executor, options.listen()?, &options, interrupted).await,
        Command::Connect(options) => or(connect::connect(&options), interrupted).await,
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
async fn dial(address: &str, limit: Duration) -> Result<smol::net::TcpStream> {
    match timeout(limit, smol::net::TcpStream::connect(address)).await {
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

/// Writes all of `bytes` to a client, or fails with `TimedOut` when it takes nothing for `patience`.
async fn write_all(mut client: &Async<TcpStream>, mut bytes: &[u8], patience: Duration) -> io::Result<()> {
    while !bytes.is_empty() {
        // Registers a timer only if the client's buffer is full and the write has to wait.
        let n = timeout(patience, client.write(bytes)).await?;
        bytes = &bytes[n..];
    }
    Ok(())
}
