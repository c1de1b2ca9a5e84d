//! `crawler fastest` on tokio (exercise 8.11; the mirrored query of 8.4).
//!
//! Run with: `cargo run -p crawler -- --runtime tokio fastest http://127.0.0.1:8000/slow http://127.0.0.1:8000/`
//!
//! ```text
//! ask (one a URL) ─► the first that has all of its body ─► stdout
//! ```
//!
//! The others are cancelled before anything is written, each at the await where it stands, and their connections are
//! closed: their servers see it, and do no more for nobody.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use common::runtime::tokio::print;
use common::text::Outlet;
use tokio::io::stdout;
use tokio::task::JoinSet;

use super::dial::Network;
use crate::cli::Fastest;
use crate::http::Client;
use crate::race::{ask, lost, won};

/// Asks for all URLs at once, and prints the first that comes.
pub(super) async fn fastest(options: &Fastest) -> Result<()> {
    // ANCHOR: ex8.11-fastest
    let client = Arc::new(Client::new(Network, &options.client, options.urls.len())?);
    let (began, any_host) = (Instant::now(), options.any_host);
    let mut asked = JoinSet::new();
    for url in options.urls.clone() {
        let client = Arc::clone(&client);
        asked.spawn(async move { (ask(&client, &url, any_host).await, url) });
    }
    let mut failures = Vec::new();
    while let Some(answer) = asked.join_next().await {
        match answer {
            Ok((Ok(body), url)) => {
                let took = began.elapsed();
                // Aborts them, and waits until each is gone.
                asked.shutdown().await;
                won(&url, body.len(), took);
                return print(&mut stdout(), &Outlet::stdout().pass(&body)).await;
            }
            Ok((Err(failure), url)) => failures.push((url, failure)),
            // Nobody has aborted them: it is a panic.
            Err(error) => resume_unwind(error.into_panic()),
        }
    }
    lost(&failures)
    // ANCHOR_END: ex8.11-fastest
}
