//! The programs of `echo` on tokio.

mod connect;
mod plain;
mod serve;
mod shouting;

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::exit::Interrupted;
use common::runtime::tokio::lapse;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve`; `connect` just stops.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(options.listen()?, &options, interrupted).await,
        Command::Connect(options) => or(connect::connect(&options), interrupted).await,
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

/// Writes all of `bytes` to a client, or fails with `TimedOut` when it takes nothing for `patience`.
async fn write_all(
    client: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    patience: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        // Registers a timer only if the client's buffer is full and the write has to wait.
        let n = tokio::select! {
            biased;
            written = client.write(bytes) => written?,
            () = lapse(patience) => return Err(io::ErrorKind::TimedOut.into()),
        };
        bytes = &bytes[n..];
    }
    Ok(())
}
