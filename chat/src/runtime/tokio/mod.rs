//! The programs of `chat` on tokio.

mod join;
mod serve;
mod writer;

use anyhow::Result;
use common::exit::Interrupted;

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve`; the other one just stops.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(options.listen()?, &options, interrupted).await,
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
