//! The programs of `pipeline` on async-std.

mod cake;
mod mandelbrot;
mod squares;
mod thumbs;
mod wrong;

use anyhow::Result;
use common::exit::Interrupted;
use futures_lite::future;

use crate::cli::Command;

/// Runs one program. At Ctrl-C it just stops; one that writes files finishes what it is just writing.
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

/// What `program` ends with, unless it is interrupted first and dropped.
async fn or(program: impl Future<Output = Result<()>>, interrupted: impl Future<Output = ()>) -> Result<()> {
    future::or(program, async {
        interrupted.await;
        Err(Interrupted.into())
    })
    .await
}
