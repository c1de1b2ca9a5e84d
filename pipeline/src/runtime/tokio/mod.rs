//! The programs of `pipeline` on tokio.

mod cake;
mod mandelbrot;
mod squares;
mod thumbs;
mod wrong;

use anyhow::Result;
use common::exit::Interrupted;
use tokio::task::spawn_blocking;

use crate::cli::Command;
use crate::file::close;

/// Runs one program. At Ctrl-C it just stops, but for a file that is being written.
pub(crate) async fn run(command: Command) -> Result<()> {
    let interrupted = common::runtime::tokio::interrupted()?;
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
    tokio::select! {
        result = program => result,
        () = interrupted => {
            spawn_blocking(close).await?;
            Err(Interrupted.into())
        }
    }
}
