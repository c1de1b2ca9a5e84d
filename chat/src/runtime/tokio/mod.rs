//! The programs of `chat` on tokio.

mod join;
mod serve;
mod terminal;
mod writer;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use common::exit::Interrupted;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cli::{self, Command};

/// Runs one program. Ctrl-C is an orderly end of `serve`; the other one just stops.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(options.listen()?, &options, interrupted).await,
        Command::Join(options) if options.on_terminal() => or(terminal::session(&options), interrupted).await,
        Command::Join(options) => or(join::join(&options), interrupted).await,
    }
}

/// What `program` ends with, unless it is interrupted first and dropped.
async fn or(program: impl Future<Output = Result<()>>, interrupted: impl Future<Output = ()>) -> Result<()> {
    tokio::select! {
        result = program => result,
        () = interrupted => Err(Interrupted.into()),
    }
}

/// Connects to `address`, or says that it did not answer within `limit`.
async fn dial(address: &str, limit: Duration) -> Result<TcpStream> {
    let Ok(connected) = timeout(limit, TcpStream::connect(address)).await else {
        bail!("cannot connect to {address}: no answer in {limit:?}");
    };
    let server = connected.with_context(|| format!("cannot connect to {address}"))?;
    cli::tune(&server)?;
    Ok(server)
}
