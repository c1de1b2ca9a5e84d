//! `crawler fastest` on async-std (exercise 8.11; the mirrored query of 8.4).
//!
//! Run with: `cargo run -p crawler -- --runtime async-std fastest http://127.0.0.1:8000/slow http://127.0.0.1:8000/`
//!
//! ```text
//! ask (one a URL) ─► the first that has all of its body ─► stdout
//! ```
//!
//! The others are cancelled before anything is written, each at the await where it stands, and their connections are
//! closed: their servers see it, and do no more for nobody.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use async_std::io::stdout;
use async_std::{channel, task};
use common::runtime::async_std::print;
use common::text::Outlet;
use futures_lite::FutureExt;

use super::dial::Network;
use crate::cli::Fastest;
use crate::http::Client;
use crate::race::{ask, lost, won};

/// Asks for all URLs at once, and prints the first that comes.
pub(super) async fn fastest(options: &Fastest) -> Result<()> {
    // ANCHOR: ex8.11-fastest
    let client = Arc::new(Client::new(Network, &options.client, options.urls.len())?);
    let (began, any_host) = (Instant::now(), options.any_host);
    let (answers, first) = channel::bounded(options.urls.len());
    let mut asked = Vec::new();
    for url in options.urls.clone() {
        let (client, answers) = (Arc::clone(&client), answers.clone());
        asked.push(task::spawn(async move {
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
                    // Waits until it is gone; dropping the handle would leave it at work.
                    task.cancel().await;
                }
                won(&url, body.len(), took);
                return print(&mut stdout(), &Outlet::stdout().pass(&body)).await;
            }
            Ok(Err(failure)) => failures.push((url, failure)),
            Err(panic) => resume_unwind(panic),
        }
    }
    lost(&failures)
    // ANCHOR_END: ex8.11-fastest
}
