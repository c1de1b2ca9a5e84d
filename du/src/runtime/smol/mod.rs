//! `du` on smol.

mod collect;
mod du;
mod naive;

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;

use anyhow::Result;
use smol::{Executor, future, unblock};

use self::collect::End;
use crate::cli::Du;
use crate::key;
use crate::totals::Totals;
use crate::view::View;

/// Runs the walk that is asked for, with at most `jobs` jobs.
pub(crate) async fn run(executor: &Arc<Executor<'static>>, options: Du, jobs: usize) -> Result<()> {
    let mut interrupted = pin!(common::runtime::smol::interrupted()?);
    let options = Arc::new(options);
    let roots = {
        let options = Arc::clone(&options);
        unblock(move || options.roots())
    };
    let roots = async { Some(roots.await) };
    let stop = async {
        interrupted.as_mut().await;
        None
    };
    let Some(roots) = future::or(roots, stop).await.transpose()? else {
        // The names come from a stdin on which nothing comes: nothing was found.
        let (totals, view) = (Totals::new(&[]), View::new(options.output()));
        return collect::report(&totals, view, None, End::Cancelled).await;
    };
    let cancelled = cancelled(interrupted);
    match options.naive {
        true => naive::du(executor, &options, roots, cancelled).await,
        false => du::du(&options, roots, jobs, cancelled).await,
    }
}

/// Completes at the first byte on stdin or when interrupted. The end of stdin cancels nothing.
///
/// The wait for a byte is a blocking call on a thread of its own, which outlives this future when it is dropped.
async fn cancelled(interrupted: impl Future<Output = ()>) {
    // ANCHOR: 8.9-cancelled
    let key = async {
        if !unblock(key::pressed).await {
            pending().await
        }
    };
    future::or(key, interrupted).await;
    // ANCHOR_END: 8.9-cancelled
}
