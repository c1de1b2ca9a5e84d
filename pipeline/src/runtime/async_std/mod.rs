//! The programs of `pipeline` on async-std.

mod cake;
mod mandelbrot;
mod squares;
mod thumbs;
mod wrong;

use anyhow::Result;
use async_std::task::spawn_blocking;
use common::exit::Interrupted;
use futures_lite::future;

use crate::cli::Command;
use crate::file::close;

/// Runs one program. At Ctrl-C it just stops, but for a file that is being written.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::async_std::interrupted()?;
    match command {
        Command::Squares(options) => or(squares::squares(&options), interrupted).await,
        Command::Cake(options) => or(cake::cake(&options), interrupted).await,
        Command::Thumbs(options) => match options.wrong {
            None => thumbs::thumbs(&options, interrupted).await,
            Some(way) => or(wrong::wrong(&options, way), interrupted).await,
        },
        Command::Mandelbrot(options) => or(mandelbrot::mandelbrot(&options), interrupted).await,
    }
}

/// What `program` ends with, unless it is interrupted first and dropped. A file that it is writing is still finished.
async fn or(program: impl Future<Output = Result<()>>, interrupted: impl Future<Output = ()>) -> Result<()> {
    future::or(program, async {
        interrupted.await;
        spawn_blocking(close).await;
        Err(Interrupted.into())
    })
    .await
}
