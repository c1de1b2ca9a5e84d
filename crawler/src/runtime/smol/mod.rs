//! The programs of `crawler` on smol.

use crate::cli::Command;
use anyhow::Result;
use smol::Executor;
use std::sync::Arc;

/// Runs one program.
pub(crate) async fn run(_executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    match command {
        _ => anyhow::bail!("not yet"),
    }
}
