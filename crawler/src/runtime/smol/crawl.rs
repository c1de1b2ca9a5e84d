//! `crawler crawl` on smol (8.6, exercises 8.6 and 8.10).
//!
//! Run with: `cargo run -p crawler -- --runtime smol crawl http://127.0.0.1:8000`
//!
//! ```text
//! crawl ─► jobs ─► workers.rs or semaphore.rs: one fetch each, `--limit` at a time ─► results ─► crawl
//!   └─► printer ─► stdout
//! ```
//!
//! One task, this one, knows what was seen and what comes next: nothing of that is shared, and nothing is locked. The
//! fetches know their page alone. Ctrl-C drops the loop, and with it every fetch that is under way; what was done until
//! then is still here, and is summed up.

use std::future::pending;
use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use common::runtime::smol::print;
use smol::channel::{self, Receiver, Sender};
use smol::{Executor, Timer, Unblock, future};

use super::dial::Network;
use super::{semaphore, workers};
use crate::cli::{self, Strategy};
use crate::crawl::{Crawl, End};
use crate::http::Client;
use crate::visit::Visitor;

/// Texts that wait for the printer: a slow reader of stdout slows the crawl.
const QUEUE: usize = 256;

/// What comes within this is printed together: a write to stdout is a call on the blocking pool, which costs more than
/// to fetch a small page.
const PAUSE: Duration = Duration::from_millis(2);

/// What the printer may still take after Ctrl-C: nobody may read.
const FINISH: Duration = Duration::from_millis(50);

/// Crawls, and prints what it finds.
pub(super) async fn crawl(
    executor: &Arc<Executor<'static>>,
    options: &cli::Crawl,
    interrupted: impl Future<Output = ()>,
) -> Result<()> {
    let client = Client::new(Network, &options.client, options.polite.limit)?;
    let visitor = Arc::new(Visitor::new(client, &options.client.user_agent));
    let mut crawl = Crawl::new(&options.urls, &options.polite, Some(options.format))?;
    let end = run(executor, &mut crawl, &visitor, options.polite.strategy, interrupted).await?;
    crawl.result(end)
}

/// Crawls until all is done or the user has had enough, and then tells on stderr what was done.
pub(super) async fn run(
    executor: &Arc<Executor<'static>>,
    crawl: &mut Crawl,
    visitor: &Arc<Visitor<Network>>,
    strategy: Strategy,
    interrupted: impl Future<Output = ()>,
) -> Result<End> {
    let (pages, printed) = channel::bounded(QUEUE);
    let mut printer = executor.spawn(printer(printed));
    let whole = async {
        match strategy {
            Strategy::Workers => workers::crawl(executor, crawl, visitor, &pages).await,
            Strategy::Semaphore => semaphore::crawl(executor, crawl, visitor, &pages).await,
        }
        End::Whole
    };
    // ANCHOR: ex8.10-interrupt
    let interrupted = async {
        interrupted.await;
        End::Interrupted
    };
    let end = future::or(whole, interrupted).await;
    // ANCHOR_END: ex8.10-interrupt
    let summary = crawl.summary(Instant::now());
    let rest = async {
        if let Some(text) = crawl.end() {
            pages.send(text).await.ok();
        }
        drop(pages);
        (&mut printer).await
    };
    let late = async {
        if end == End::Whole {
            pending::<()>().await;
        }
        Timer::after(FINISH).await;
        Ok(())
    };
    future::or(rest, late).await?;
    write!(std::io::stderr(), "{summary}").ok();
    Ok(end)
}

/// Hands what is to be printed to the printer. Returns whether there still is one.
pub(super) async fn show(crawl: &mut Crawl, pages: &Sender<Vec<u8>>) -> bool {
    match crawl.output() {
        Some(text) => pages.send(text).await.is_ok(),
        None => true,
    }
}

/// Completes at `time`; never without one.
pub(super) async fn alarm(time: Option<Instant>) {
    match time {
        Some(time) => _ = Timer::at(time).await,
        None => pending().await,
    }
}

/// Prints what comes, all that has come at a time.
async fn printer(pages: Receiver<Vec<u8>>) -> Result<()> {
    let mut stdout = Unblock::new(stdout());
    while let Ok(mut text) = pages.recv().await {
        Timer::after(PAUSE).await;
        while let Ok(more) = pages.try_recv() {
            text.extend(more);
        }
        print(&mut stdout, &text).await?;
    }
    Ok(())
}
