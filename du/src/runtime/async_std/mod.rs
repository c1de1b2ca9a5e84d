//! `du` on async-std.

mod collect;
mod du;
mod naive;

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;

use anyhow::Result;
use async_std::task::spawn_blocking;
use common::exit::Interrupted;
use futures_lite::future;

use crate::cli::Du;
use crate::key;

/// Runs the walk that is asked for, with at most `jobs` jobs.
pub(crate) async fn run(options: Du, jobs: usize) -> Result<()> {
    let mut interrupted = pin!(common::runtime::async_std::interrupted()?);
    let options = Arc::new(options);
    let roots = {
        let options = Arc::clone(&options);
        spawn_blocking(move || options.roots())
    };
    let roots = future::or(roots, async {
        // The names come from a stdin on which nothing comes.
        interrupted.as_mut().await;
        Err(Interrupted.into())
    })
    .await?;
    let cancelled = cancelled(options.listens(), interrupted);
    match options.naive {
        true => naive::du(&options, roots, cancelled).await,
        false => du::du(&options, roots, jobs, cancelled).await,
    }
}

/// Completes at the first byte on stdin, if it `listens` to that, or when interrupted. The end of stdin cancels
/// nothing.
///
/// The wait for a byte is a blocking call on a thread of its own, which outlives this future when it is dropped.
async fn cancelled(listens: bool, interrupted: impl Future<Output = ()>) {
    let key = async {
        if !listens || !spawn_blocking(key::pressed).await {
            pending().await
        }
    };
    future::or(key, interrupted).await;
}
