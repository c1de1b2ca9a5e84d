//! What both walks have in common on tokio: someone who sums up (8.8), shows the sums so far, and stops early (8.9).
//!
//! The lesson is the `select!`: a batch, a tick, or the cancellation, whichever comes first.

use std::pin::pin;

use anyhow::Result;
use common::exit::Interrupted;
use common::runtime::tokio::print;
use tokio::io::stdout;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::cli::Du;
use crate::top::Top;
use crate::totals::{FINISH, Totals};
use crate::view::View;
use crate::walk::Batch;

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All was walked.
    Whole,
    Cancelled,
}

/// Sums up what is found, until all is or the walk is cancelled.
pub(super) async fn collect(
    options: &Du,
    batches: &mut Receiver<Batch>,
    totals: &mut Totals,
    view: &View,
    cancelled: impl Future<Output = ()>,
) -> End {
    // ANCHOR: ex8.9-collect
    let mut cancelled = pin!(cancelled);
    let mut ticks = interval_at(Instant::now() + options.every, options.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // In order: a flood of batches delays neither of the others.
            biased;
            () = &mut cancelled => return End::Cancelled,
            _ = ticks.tick(), if view.shows_progress() => view.progress(totals),
            batch = batches.recv() => match batch {
                Some(batch) => take(&batch, totals, view),
                None => return End::Whole,
            },
        }
    }
    // ANCHOR_END: ex8.9-collect
}

/// Takes what was found until a stop. Not for long: a job may hang in a call to a server that does not answer.
pub(super) async fn finish(batches: &mut Receiver<Batch>, totals: &mut Totals, view: &View) {
    // ANCHOR: 8.9-finish
    let rest = async {
        while let Some(batch) = batches.recv().await {
            take(&batch, totals, view);
        }
    };
    timeout(FINISH, rest).await.ok();
    // ANCHOR_END: 8.9-finish
}

/// Prints the result, and turns how it came about into how the program ends.
pub(super) async fn report(totals: &Totals, view: View, top: Option<&Top>, end: End) -> Result<()> {
    let text = view.result(totals, top, end == End::Cancelled)?;
    print(&mut stdout(), &text).await?;
    match end {
        End::Whole => Ok(totals.complete()?),
        End::Cancelled => Err(Interrupted.into()),
    }
}

fn take(batch: &Batch, totals: &mut Totals, view: &View) {
    totals.add(batch);
    view.failures(batch);
}
