//! A task for each page, as many at a time as there are permits: the book's second crawler, on tokio.
//!
//! The permit is taken before the task is spawned, and lives as long as it: so the tasks are bounded too, not just the
//! requests.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::crawl::{alarm, show};
use super::dial::Network;
use crate::crawl::{Crawl, Done, Step};
use crate::frontier::Job;
use crate::visit::Visitor;

/// Crawls with at most as many tasks as requests may be under way. Dropping the future ends them.
pub(super) async fn crawl(crawl: &mut Crawl, visitor: &Arc<Visitor<Network>>, pages: &Sender<Vec<u8>>) {
    // ANCHOR: 8.6-semaphore
    let limit = visitor.limit();
    let permits = Arc::new(Semaphore::new(limit));
    let mut fetches = JoinSet::new();
    let mut permit = None;
    loop {
        let (mut job, mut wake) = (None, None);
        // Not before it can begin: until then its server may have asked for a pause.
        if permit.is_some() {
            match crawl.next(Instant::now()) {
                Step::Fetch(next) => job = Some(next),
                Step::WaitUntil(time) => wake = Some(time),
                Step::Wait => {}
                Step::Over => return,
            }
        }
        if !show(crawl, pages).await {
            return;
        }
        if let Some(job) = job
            && let Some(permit) = permit.take()
        {
            fetches.spawn(fetch(Arc::clone(visitor), job, permit));
        }
        tokio::select! {
            // Results first: what they bring may come before what waits.
            biased;
            Some(result) = fetches.join_next() => match result {
                // The permit is given back here: what the result brings comes before the next page.
                Ok((result, _permit)) => crawl.done(result, Instant::now()),
                // Nothing else aborts them.
                Err(error) => resume_unwind(error.into_panic()),
            },
            Ok(free) = Arc::clone(&permits).acquire_owned(), if permit.is_none() => permit = Some(free),
            () = alarm(wake) => {}
        }
    }
    // ANCHOR_END: 8.6-semaphore
}

/// Does one job, and has a permit until its result is taken.
async fn fetch(
    visitor: Arc<Visitor<Network>>,
    job: Job,
    permit: OwnedSemaphorePermit,
) -> (Done, OwnedSemaphorePermit) {
    (visitor.visit(job).await, permit)
}
