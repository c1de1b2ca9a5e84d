//! `pipeline thumbs --wrong` on smol: two ways of the chapter that are wrong (8.5: thumbnail2 and thumbnail4).
//!
//! Run with: `cargo run -p pipeline -- --runtime smol thumbs --wrong leak *.jpg`
//!
//! In both a task is started for each picture, and the end of the loop is not the end of the tasks. A task
//! is detached, or it would be cancelled here and now.

use std::convert::Infallible;
use std::io::stdout;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Error, Result};
use common::runtime::smol::print;
use smol::channel::{self, Receiver, Sender};
use smol::{Executor, Unblock, future, unblock};

use crate::cli::{Thumbs, Wrong};
use crate::thumbs::{Names, Outcome, Studio};

/// Does it in the way that the command line names.
pub(crate) async fn wrong(executor: &Executor<'static>, options: &Thumbs, way: Wrong) -> Result<()> {
    let studio = Arc::new(options.studio()?);
    match (way, options.names()?) {
        (Wrong::Early, Names::Given(pictures)) => early(executor, studio, pictures).await,
        (Wrong::Leak, Names::Given(pictures)) => leak(executor, studio, pictures).await,
        (_, Names::Stdin) => Ok(()),
    }
}

/// Starts a task for each picture, and returns. The program ends, and with it what has not been made.
async fn early(executor: &Executor<'static>, studio: Arc<Studio>, pictures: Vec<PathBuf>) -> Result<()> {
    let begun = pictures.len();
    for picture in pictures {
        executor.spawn(make(Arc::clone(&studio), picture)).detach();
    }
    print(&mut Unblock::new(stdout()), format!("{begun} thumbnails begun\n").as_bytes()).await
}

/// Starts a task for each picture, and returns the first error. The channel has room for one outcome more, and
/// whoever has another to tell waits for ever, since its receiver is there but nobody receives.
///
/// In Go nothing can be done about them. Here they end when the receiver is dropped: their send fails.
async fn leak(executor: &Executor<'static>, studio: Arc<Studio>, pictures: Vec<PathBuf>) -> Result<()> {
    let begun = pictures.len();
    let (done, outcomes) = channel::bounded(1);
    let (working, none_works) = channel::bounded::<Infallible>(1);
    for picture in pictures {
        executor.spawn(tell(Arc::clone(&studio), picture, done.clone(), working.clone())).detach();
    }
    drop((done, working));
    let (told, first) = first_error(&outcomes).await;
    // Nothing is ever sent: the channel is closed when the last picture was made.
    none_works.recv().await.ok();
    // One finds room in the channel, and ends.
    while outcomes.sender_count() > begun.saturating_sub(told + 1) {
        future::yield_now().await;
    }
    let waiting = format!("{} tasks wait for ever\n", outcomes.sender_count());
    print(&mut Unblock::new(stdout()), waiting.as_bytes()).await?;
    first.map_or(Ok(()), Err)
}

/// Makes a thumbnail on the blocking pool.
async fn make(studio: Arc<Studio>, picture: PathBuf) -> Outcome {
    unblock(move || studio.make(Ok(picture))).await
}

/// Makes a thumbnail, and tells how that ended. `working` is dropped in between.
async fn tell(studio: Arc<Studio>, picture: PathBuf, done: Sender<Outcome>, working: Sender<Infallible>) {
    let outcome = make(studio, picture).await;
    drop(working);
    done.send(outcome).await.ok();
}

/// Receives up to the first error: how many outcomes that took, and the error.
async fn first_error(outcomes: &Receiver<Outcome>) -> (usize, Option<Error>) {
    let mut told = 0;
    while let Ok(outcome) = outcomes.recv().await {
        told += 1;
        if let Outcome::Failed(error) = outcome {
            return (told, Some(error));
        }
    }
    (told, None)
}
