//! `du` on async-std (8.8, 8.9, exercise 8.9).
//!
//! Run with: `cargo run --release -p du -- --runtime async-std -v /usr`
//!
//! ```text
//! jobs (a few, blocking pool) ─► batches (bounded) ─► collector
//! ```
//!
//! A file system has no asynchronous calls: whatever awaits one, a thread of the blocking pool makes it. So the walk
//! is there as a whole, in a few jobs that go on until it ends, and a message is what thousands of calls gave. How
//! they share the directories is in `walk/`; here is how they are started, heard and stopped.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use async_std::channel;
use async_std::task::spawn_blocking;

use super::collect::{End, collect, finish, report};
use crate::cli::Du;
use crate::totals::Totals;
use crate::view::View;

/// Walks, and prints how much there is.
pub(super) async fn du(
    options: &Du,
    roots: Vec<PathBuf>,
    jobs: usize,
    cancelled: impl Future<Output = ()>,
) -> Result<()> {
    // ANCHOR: 8.8-du
    let rules = options.rules()?;
    let top = rules.top.clone();
    let walk = Arc::new(options.walk(&roots, rules, jobs)?);
    let (found, mut batches) = channel::bounded(walk.jobs());
    let mut jobs = Vec::new();
    for _ in 0..walk.jobs() {
        let (walk, found) = (Arc::clone(&walk), found.clone());
        jobs.push(spawn_blocking(move || walk.job(|batch| found.send_blocking(batch).is_ok())));
    }
    // The channel is closed when the last job has dropped its own.
    drop(found);
    let (mut totals, view) = (Totals::new(&roots), View::new(options.output()));
    let end = collect(options, &mut batches, &mut totals, &view, cancelled).await;
    match end {
        End::Whole => {
            for job in jobs {
                job.await;
            }
        }
        End::Cancelled => {
            walk.stop();
            finish(&mut batches, &mut totals, &view).await;
        }
    }
    report(&totals, view, top.as_deref(), end).await
    // ANCHOR_END: 8.8-du
}
