//! What both walks have in common on smol: someone who sums up (8.8), shows the sums so far, and stops early (8.9).
//!
//! The lesson is the `or`: the cancellation, a tick, or a batch, whichever comes first; of those that are ready, the
//! left one.

use std::io::stdout;
use std::pin::pin;

use anyhow::Result;
use common::exit::Interrupted;
use common::runtime::smol::print;
use smol::channel::Receiver;
use smol::{Timer, Unblock, future};

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

/// What comes first.
enum Event {
    Cancelled,
    Tick,
    Batch(Batch),
    /// No more batches will come.
    Whole,
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
    // Set again after each tick: an interval makes up for those missed, and of a slow terminal nothing else is heard.
    let mut tick = match view.shows_progress() {
        true => Timer::after(options.every),
        false => Timer::never(),
    };
    loop {
        let cancel = async {
            cancelled.as_mut().await;
            Event::Cancelled
        };
        let next = async {
            (&mut tick).await;
            Event::Tick
        };
        let batch = async { batches.recv().await.map_or(Event::Whole, Event::Batch) };
        // In order: a flood of batches delays neither of the others.
        match future::or(cancel, future::or(next, batch)).await {
            Event::Cancelled => return End::Cancelled,
            Event::Tick => {
                view.progress(totals);
                tick.set_after(options.every);
            }
            Event::Batch(batch) => take(&batch, totals, view),
            Event::Whole => return End::Whole,
        }
    }
    // ANCHOR_END: ex8.9-collect
}

/// Takes what was found until a stop. Not for long: a job may hang in a call to a server that does not answer.
pub(super) async fn finish(batches: &mut Receiver<Batch>, totals: &mut Totals, view: &View) {
    // ANCHOR: 8.9-finish
    let rest = async {
        while let Ok(batch) = batches.recv().await {
            take(&batch, totals, view);
        }
    };
    let limit = async {
        Timer::after(FINISH).await;
    };
    future::or(rest, limit).await;
    // ANCHOR_END: 8.9-finish
}

/// Prints the result, and turns how it came about into how the program ends.
pub(super) async fn report(totals: &Totals, view: View, top: Option<&Top>, end: End) -> Result<()> {
    let text = view.result(totals, top, end == End::Cancelled)?;
    print(&mut Unblock::new(stdout()), &text).await?;
    match end {
        End::Whole => Ok(totals.complete()?),
        End::Cancelled => Err(Interrupted.into()),
    }
}

fn take(batch: &Batch, totals: &mut Totals, view: &View) {
    totals.add(batch);
    view.failures(batch);
}
