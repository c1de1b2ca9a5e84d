//! A task for each page, as many at a time as there are permits: the book's second crawler, on smol.
//!
//! The permit is taken before the task is spawned, and lives as long as it: so the tasks are bounded too, not just the
//! requests.

use std::future::pending;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use smol::channel::{self, Sender};
use smol::future::{self, FutureExt};
use smol::lock::{Semaphore, SemaphoreGuardArc};
use smol::{Executor, Task};

use super::crawl::{alarm, show};
use super::dial::Network;
use crate::crawl::{Crawl, Done, Step};
use crate::frontier::Job;
use crate::visit::Visitor;

/// What comes first.
enum Event {
    Result(thread::Result<Done>),
    Permit(SemaphoreGuardArc),
    Alarm,
}

/// Crawls with at most as many tasks as requests may be under way. Dropping the future ends them.
pub(super) async fn crawl(
    executor: &Arc<Executor<'static>>,
    crawl: &mut Crawl,
    visitor: &Arc<Visitor<Network>>,
    pages: &Sender<Vec<u8>>,
) {
    // ANCHOR: 8.6-semaphore
    let limit = visitor.limit();
    let permits = Arc::new(Semaphore::new(limit));
    let (results, done) = channel::bounded(limit);
    // Dropping them cancels them.
    let mut fetches: Vec<Task<()>> = Vec::new();
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
            // Now and then, so that it costs nothing a page.
            if fetches.len() >= 2 * limit {
                fetches.retain(|task| !task.is_finished());
            }
            fetches.push(executor.spawn(fetch(Arc::clone(visitor), job, permit, results.clone())));
        }
        let result = async {
            match done.recv().await {
                Ok(result) => Event::Result(result),
                Err(_) => pending().await,
            }
        };
        let free = async {
            if permit.is_some() {
                pending::<()>().await;
            }
            Event::Permit(permits.acquire_arc().await)
        };
        let alarm = async {
            alarm(wake).await;
            Event::Alarm
        };
        // Results first: what they bring may come before what waits.
        match future::or(result, future::or(free, alarm)).await {
            Event::Result(Ok(result)) => crawl.done(result, Instant::now()),
            Event::Result(Err(panic)) => resume_unwind(panic),
            Event::Permit(free) => permit = Some(free),
            Event::Alarm => {}
        }
    }
    // ANCHOR_END: 8.6-semaphore
}

/// Does one job, and has a permit until it is done.
///
/// A panic would be told to who awaits the task. Nobody does, and its job would be waited for in vain: it is a result.
async fn fetch(
    visitor: Arc<Visitor<Network>>,
    job: Job,
    _permit: SemaphoreGuardArc,
    results: Sender<thread::Result<Done>>,
) {
    let result = AssertUnwindSafe(visitor.visit(job)).catch_unwind().await;
    // The crawl may be over.
    results.send(result).await.ok();
}
