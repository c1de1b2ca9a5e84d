//! `pipeline thumbs` on async-std (8.5: thumbnail6).
//!
//! Run with: `ls *.jpg | cargo run -p pipeline -- --runtime async-std thumbs`
//!
//! ```text
//! reader ─► workers (`--jobs`, each with a thread of the blocking pool) ─► collector
//! ```
//!
//! A worker asks for a name, and for the next one when the thumbnail is there: so there are never more pictures
//! in memory than workers, and names are read no faster than they are used. To decode is work without an await,
//! and is done on the blocking pool.
//!
//! The end walks along the channels: the reader drops its sender, then each worker its own. After the first
//! error, with `--fail-fast`, the reader is cancelled, which drops its sender as well. What the blocking pool has
//! begun cannot be cancelled: it is waited for. At Ctrl-C it is not, but may write nothing any more.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use async_std::channel::{self, Receiver, Sender};
use async_std::io::{ReadExt, stdin, stdout};
use async_std::task::{self, spawn_blocking};
use common::exit::Interrupted;
use common::lines::Lines;
use common::runtime::async_std::print;
use futures_lite::future;

use crate::cli::Thumbs;
use crate::file::close;
use crate::thumbs::{LONGEST_NAME, Name, Names, Outcome, Report, Studio, of_line};

/// Makes the thumbnails, and tells how many there are, also when it is interrupted.
pub(crate) async fn thumbs(options: &Thumbs, interrupted: impl Future<Output = ()>) -> Result<()> {
    // ANCHOR: 8.5-thumbs
    let names = options.names()?;
    let studio = Arc::new(options.studio()?);
    let mut report = Report::new(names.count());
    let jobs = options.jobs();
    let (found, to_make) = channel::bounded(jobs);
    let (done, outcomes) = channel::bounded(jobs);
    let reader = task::spawn(reader(names, found));
    for _ in 0..jobs {
        task::spawn(worker(Arc::clone(&studio), to_make.clone(), done.clone()));
    }
    // The collector ends when the last worker has dropped its own.
    drop(done);
    // And the reader's send fails when there is no worker.
    drop(to_make);
    let all = async {
        collector(&outcomes, &mut report, options.fail_fast).await;
        reader.cancel().await;
        studio.begin_no_more();
        // Of those that were begun.
        collector(&outcomes, &mut report, false).await;
    };
    let interrupted = future::or(
        async {
            all.await;
            false
        },
        async {
            interrupted.await;
            true
        },
    )
    .await;
    if interrupted {
        spawn_blocking(close).await;
    }
    report.clear();
    print(&mut stdout(), studio.total().as_bytes()).await?;
    if interrupted { Err(Interrupted.into()) } else { report.end() }
    // ANCHOR_END: 8.5-thumbs
}

/// Sends the names, until there are no more or nobody wants them.
async fn reader(names: Names, found: Sender<Name>) {
    let all_sent = match names {
        Names::Given(names) => give(names, &found).await,
        Names::Stdin => read(&found).await,
    };
    if let Err(error) = all_sent {
        found.send(Err(error)).await.ok();
    }
}

/// Sends the names of the command line.
async fn give(names: Vec<PathBuf>, found: &Sender<Name>) -> Result<()> {
    for name in names {
        if found.send(Ok(name)).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Sends the names that stdin has, each as soon as its line is there.
async fn read(found: &Sender<Name>) -> Result<()> {
    let (mut stdin, mut lines) = (stdin(), Lines::new(LONGEST_NAME));
    loop {
        let n = stdin.read(lines.space()).await.context("cannot read stdin")?;
        lines.filled(n);
        while let Some(line) = lines.next().context("stdin")? {
            if let Some(name) = of_line(line)
                && found.send(Ok(name)).await.is_err()
            {
                return Ok(());
            }
        }
        if n == 0 {
            return Ok(());
        }
    }
}

/// Makes one thumbnail after another, until there are no more names or nobody wants to know.
async fn worker(studio: Arc<Studio>, to_make: Receiver<Name>, done: Sender<Outcome>) {
    // ANCHOR: 8.5-worker
    while let Ok(name) = to_make.recv().await {
        let studio = Arc::clone(&studio);
        let outcome = spawn_blocking(move || studio.make(name)).await;
        if done.send(outcome).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.5-worker
}

/// Counts what comes, until all workers have ended, or to the first error if that is to be the last.
async fn collector(outcomes: &Receiver<Outcome>, report: &mut Report, fail_fast: bool) {
    // ANCHOR: 8.5-collector
    while let Ok(outcome) = outcomes.recv().await {
        if !report.take(&outcome) && fail_fast {
            return;
        }
    }
    // ANCHOR_END: 8.5-collector
}
