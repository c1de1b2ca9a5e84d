//! The programs of `crawler` on async-std.

use anyhow::Result;

use crate::cli::Command;

/// Runs one program.
pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        _ => anyhow::bail!("not yet"),
    }
}
