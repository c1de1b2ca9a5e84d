//! `pipeline thumbs --wrong` on tokio: two ways of the chapter that are wrong (8.5: thumbnail2 and thumbnail4).
//!
//! Run with: `cargo run -p pipeline -- --runtime tokio thumbs --wrong leak *.jpg`
//!
//! In both a task is started for each picture, and the end of the loop is not the end of the tasks. That the
//! handle of a task is dropped does not end it: it is detached.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Error, Result};
use common::runtime::tokio::print;
use tokio::io::stdout;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{self, spawn_blocking};

use crate::cli::{Thumbs, Wrong};
use crate::thumbs::{Names, Outcome, Studio};

/// Does it in the way that the command line names.
pub(crate) async fn wrong(options: &Thumbs, way: Wrong) -> Result<()> {
    let studio = Arc::new(options.studio()?);
    match (way, options.names()?) {
        (Wrong::Early, Names::Given(pictures)) => early(studio, pictures).await,
        (Wrong::Leak, Names::Given(pictures)) => leak(studio, pictures).await,
        (_, Names::Stdin) => Ok(()),
    }
}

/// Starts a task for each picture, and returns. The program ends, and with it what has not been made.
async fn early(studio: Arc<Studio>, pictures: Vec<PathBuf>) -> Result<()> {
    let begun = pictures.len();
    for picture in pictures {
        tokio::spawn(make(Arc::clone(&studio), picture));
    }
    print(&mut stdout(), format!("{begun} thumbnails begun\n").as_bytes()).await
}

/// Starts a task for each picture, and returns the first error. The channel has room for one outcome more, and
/// whoever has another to tell waits for ever, since its receiver is there but nobody receives.
///
/// In Go nothing can be done about them. Here they end when the receiver is dropped: their send fails.
async fn leak(studio: Arc<Studio>, pictures: Vec<PathBuf>) -> Result<()> {
    let begun = pictures.len();
    let (done, mut outcomes) = mpsc::channel(1);
    let (working, mut none_works) = mpsc::channel::<Infallible>(1);
    for picture in pictures {
        tokio::spawn(tell(Arc::clone(&studio), picture, done.clone(), working.clone()));
    }
    drop((done, working));
    let (told, first) = first_error(&mut outcomes).await;
    // Nothing is ever sent: the channel is closed when the last picture was made.
    none_works.recv().await;
    // One finds room in the channel, and ends.
    while outcomes.sender_strong_count() > begun.saturating_sub(told + 1) {
        task::yield_now().await;
    }
    let waiting = format!("{} tasks wait for ever\n", outcomes.sender_strong_count());
    print(&mut stdout(), waiting.as_bytes()).await?;
    first.map_or(Ok(()), Err)
}

/// Makes a thumbnail on the blocking pool.
async fn make(studio: Arc<Studio>, picture: PathBuf) -> Outcome {
    let made = spawn_blocking(move || studio.make(Ok(picture))).await;
    made.unwrap_or_else(|panic| Outcome::Failed(Error::new(panic)))
}

/// Makes a thumbnail, and tells how that ended. `working` is dropped in between.
async fn tell(studio: Arc<Studio>, picture: PathBuf, done: Sender<Outcome>, working: Sender<Infallible>) {
    let outcome = make(studio, picture).await;
    drop(working);
    done.send(outcome).await.ok();
}

/// Receives up to the first error: how many outcomes that took, and the error.
async fn first_error(outcomes: &mut Receiver<Outcome>) -> (usize, Option<Error>) {
    let mut told = 0;
    while let Some(outcome) = outcomes.recv().await {
        told += 1;
        if let Outcome::Failed(error) = outcome {
            return (told, Some(error));
        }
    }
    (told, None)
}
