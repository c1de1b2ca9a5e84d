//! `pipeline thumbs` on tokio (8.5: thumbnail6).
//!
//! Run with: `ls *.jpg | cargo run -p pipeline -- --runtime tokio thumbs`
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
//! error, with `--fail-fast`, the reader is aborted, which drops its sender as well. What the blocking pool has
//! begun cannot be aborted: it is waited for. At Ctrl-C it is not, but may write nothing any more.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Error, Result};
use common::exit::Interrupted;
use common::lines::Lines;
use common::runtime::tokio::print;
use tokio::io::{AsyncReadExt, stdin, stdout};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::spawn_blocking;

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
    let (found, to_make) = mpsc::channel(jobs);
    let (done, mut outcomes) = mpsc::channel(jobs);
    let reader = tokio::spawn(reader(names, found));
    let to_make = Arc::new(Mutex::new(to_make));
    for _ in 0..jobs {
        tokio::spawn(worker(Arc::clone(&studio), Arc::clone(&to_make), done.clone()));
    }
    // The collector ends when the last worker has dropped its own.
    drop(done);
    // And the reader's send fails when there is no worker.
    drop(to_make);
    let all = async {
        collector(&mut outcomes, &mut report, options.fail_fast).await;
        reader.abort();
        studio.begin_no_more();
        // Of those that were begun.
        collector(&mut outcomes, &mut report, false).await;
    };
    let interrupted = tokio::select! {
        () = all => false,
        () = interrupted => true,
    };
    if interrupted {
        spawn_blocking(close).await?;
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
async fn worker(studio: Arc<Studio>, to_make: Arc<Mutex<Receiver<Name>>>, done: Sender<Outcome>) {
    // ANCHOR: 8.5-worker
    loop {
        // One worker waits for a name, the others for the lock, which ends here.
        let name = to_make.lock().await.recv().await;
        let Some(name) = name else { return };
        let studio = Arc::clone(&studio);
        let made = spawn_blocking(move || studio.make(name)).await;
        let outcome = made.unwrap_or_else(|panic| Outcome::Failed(Error::new(panic)));
        if done.send(outcome).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.5-worker
}

/// Counts what comes, until all workers have ended, or to the first error if that is to be the last.
async fn collector(outcomes: &mut Receiver<Outcome>, report: &mut Report, fail_fast: bool) {
    // ANCHOR: 8.5-collector
    while let Some(outcome) = outcomes.recv().await {
        if !report.take(&outcome) && fail_fast {
            return;
        }
    }
    // ANCHOR_END: 8.5-collector
}
