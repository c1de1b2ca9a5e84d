//! `du` on tokio.

mod collect;
mod du;
mod naive;

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;

use anyhow::Result;
use tokio::task::spawn_blocking;

use self::collect::End;
use crate::cli::Du;
use crate::key;
use crate::totals::Totals;
use crate::view::View;

/// Runs the walk that is asked for, with at most `jobs` jobs.
pub(crate) async fn run(options: Du, jobs: usize) -> Result<()> {
    let mut interrupted = pin!(common::runtime::tokio::interrupted()?);
    let options = Arc::new(options);
    let roots = {
        let options = Arc::clone(&options);
        spawn_blocking(move || options.roots())
    };
    let roots = tokio::select! {
        roots = roots => roots??,
        // The names come from a stdin on which nothing comes: nothing was found.
        () = &mut interrupted => {
            let (totals, view) = (Totals::new(&[]), View::new(options.output()));
            return collect::report(&totals, view, None, End::Cancelled).await;
        }
    };
    let cancelled = cancelled(interrupted);
    match options.naive {
        true => naive::du(&options, roots, cancelled).await,
        false => du::du(&options, roots, jobs, cancelled).await,
    }
}

/// Completes at the first byte on stdin or when interrupted. The end of stdin cancels nothing.
///
/// The wait for a byte is a blocking call on a thread of its own, which outlives this future when it is dropped.
async fn cancelled(interrupted: impl Future<Output = ()>) {
    // ANCHOR: 8.9-cancelled
    let key = async {
        if !spawn_blocking(key::pressed).await.unwrap_or(false) {
            pending().await
        }
    };
    tokio::select! {
        () = key => {}
        () = interrupted => {}
    }
    // ANCHOR_END: 8.9-cancelled
}
