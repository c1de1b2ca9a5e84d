//! The programs of `chat` on async-std.

mod serve;

use anyhow::Result;

use crate::cli::Command;

/// Runs one program. Ctrl-C is an orderly end of `serve`.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::async_std::interrupted()?;
    match command {
        Command::Serve(options) => serve::serve(options.listen()?, &options, interrupted).await,
    }
}
