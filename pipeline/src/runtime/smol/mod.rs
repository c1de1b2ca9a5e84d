//! The programs of `pipeline` on smol.

mod cake;
mod mandelbrot;
mod squares;
mod thumbs;
mod wrong;

use std::sync::Arc;

use anyhow::Result;
use common::exit::Interrupted;
use smol::{Executor, future, unblock};

use crate::cli::Command;
use crate::file::close;

/// Runs one program. At Ctrl-C it just stops, but for a file that is being written.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, command: Command) -> Result<()> {
    let interrupted = common::runtime::smol::interrupted()?;
    match command {
        Command::Squares(options) => or(squares::squares(executor, &options), interrupted).await,
        Command::Cake(options) => or(cake::cake(executor, &options), interrupted).await,
        Command::Thumbs(options) => match options.wrong {
            None => thumbs::thumbs(executor, &options, interrupted).await,
            Some(way) => or(wrong::wrong(executor, &options, way), interrupted).await,
        },
        Command::Mandelbrot(options) => or(mandelbrot::mandelbrot(&options), interrupted).await,
    }
}

/// What `program` ends with, unless it is interrupted first and dropped. A file that it is writing is still finished.
async fn or(program: impl Future<Output = Result<()>>, interrupted: impl Future<Output = ()>) -> Result<()> {
    future::or(program, async {
        interrupted.await;
        unblock(close).await;
        Err(Interrupted.into())
    })
    .await
}
