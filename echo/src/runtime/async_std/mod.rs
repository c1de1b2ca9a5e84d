//! The programs of `echo` on async-std.

mod connect;
mod plain;
mod serve;
mod shouting;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_std::future::timeout;
use async_std::io::{self, WriteExt};
use async_std::net::TcpStream;
use common::exit::Interrupted;
use futures_lite::future;

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve`; `connect` just stops.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::async_std::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(options.listen()?, &options, interrupted).await,
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
async fn dial(address: &str, limit: Duration) -> Result<TcpStream> {
    match timeout(limit, TcpStream::connect(address)).await {
        Ok(connected) => connected.with_context(|| format!("cannot connect to {address}")),
        Err(_) => bail!("cannot connect to {address}: no answer in {limit:?}"),
    }
}

/// Writes all of `bytes` to a client, or fails with `TimedOut` when it takes nothing for `patience`.
async fn write_all(mut client: &TcpStream, mut bytes: &[u8], patience: Duration) -> io::Result<()> {
    while !bytes.is_empty() {
        // Registers a timer only if the client's buffer is full and the write has to wait.
        let n = io::timeout(patience, client.write(bytes)).await?;
        bytes = &bytes[n..];
    }
    Ok(())
}
