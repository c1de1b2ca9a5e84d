//! `crawler mirror` on tokio (exercise 8.7).
//!
//! Run with: `cargo run -p crawler -- --runtime tokio mirror http://127.0.0.1:8000 --out copy`
//!
//! The crawl of crawl.rs, whose fetches put what they bring into a folder. A file system has no asynchronous calls: they
//! are made on the blocking pool, one for each file that is whole.

use std::io::Write;
use std::sync::Arc;

use anyhow::Result;
use tokio::task::spawn_blocking;

use super::crawl::run;
use super::dial::Network;
use crate::cli::{Format, Mirror};
use crate::crawl::Crawl;
use crate::http::Client;
use crate::mirror::Store;
use crate::visit::Visitor;

/// Copies the site. After Ctrl-C, what has come can be read, and the next run fetches the rest.
pub(super) async fn mirror(options: &Mirror, interrupted: impl Future<Output = ()>) -> Result<()> {
    // ANCHOR: ex8.7-mirror
    let dir = options.out.clone();
    let store = Arc::new(spawn_blocking(move || Store::open(&dir)).await??);
    let client = Client::new(Network, &options.client, options.polite.limit)?;
    let visitor = Visitor::new(client, &options.client.user_agent).with_store(Arc::clone(&store));
    let mut crawl = Crawl::new(&options.urls, &options.polite, Some(Format::Text))?;
    let end = run(&mut crawl, &Arc::new(visitor), options.polite.strategy, interrupted).await?;
    let published = spawn_blocking(move || store.finish()).await??;
    write!(std::io::stderr(), "{published}").ok();
    crawl.result(end)
    // ANCHOR_END: ex8.7-mirror
}
