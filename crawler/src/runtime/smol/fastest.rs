//! `crawler fastest` on smol (exercise 8.11; the mirrored query of 8.4).
//!
//! Run with: `cargo run -p crawler -- --runtime smol fastest http://127.0.0.1:8000/slow http://127.0.0.1:8000/`
//!
//! ```text
//! ask (one a URL) ─► the first that has all of its body ─► stdout
//! ```
//!
//! The others are cancelled before anything is written, each at the await where it stands, and their connections are
//! closed: their servers see it, and do no more for nobody.

use std::io::stdout;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use common::runtime::smol::print;
use common::text::Outlet;
use smol::future::FutureExt;
use smol::{Executor, Unblock, channel};

use super::dial::Network;
use crate::cli::Fastest;
use crate::http::Client;
use crate::race::{ask, lost, won};

/// Asks for all URLs at once, and prints the first that comes.
pub(super) async fn fastest(executor: &Arc<Executor<'static>>, options: &Fastest) -> Result<()> {
    // ANCHOR: ex8.11-fastest
    let client = Arc::new(Client::new(Network, &options.client, options.urls.len())?);
    let (began, any_host) = (Instant::now(), options.any_host);
    let (answers, first) = channel::bounded(options.urls.len());
    let mut asked = Vec::new();
    for url in options.urls.clone() {
        let (client, answers) = (Arc::clone(&client), answers.clone());
        asked.push(executor.spawn(async move {
            let answer = AssertUnwindSafe(ask(&client, &url, any_host)).catch_unwind().await;
            // The race may be over.
            answers.send((answer, url)).await.ok();
        }));
    }
    // Closed when the last has answered.
    drop(answers);
    let mut failures = Vec::new();
    while let Ok((answer, url)) = first.recv().await {
        match answer {
            Ok(Ok(body)) => {
                let took = began.elapsed();
                for task in asked {
                    // Waits until it is gone; dropping it would just ask for that.
                    task.cancel().await;
                }
                won(&url, body.len(), took);
                return print(&mut Unblock::new(stdout()), &Outlet::stdout().pass(&body)).await;
            }
            Ok(Err(failure)) => failures.push((url, failure)),
            Err(panic) => resume_unwind(panic),
        }
    }
    lost(&failures)
    // ANCHOR_END: ex8.11-fastest
}
