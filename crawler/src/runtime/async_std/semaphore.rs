//! A task for each page, as many at a time as there are permits: the book's second crawler, on async-std.
//!
//! async-std has no semaphore. As in the book, a channel with room for so many is one: to send is to take a permit, to
//! receive is to give one back.
//!
//! The permit is taken before the task is spawned, and lives as long as it: so the tasks are bounded too, not just the
//! requests.

use std::future::pending;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use async_std::channel::{self, Receiver, Sender};
use async_std::task;
use futures_lite::future::{self, FutureExt};

use super::crawl::{alarm, show};
use super::dial::Network;
use crate::crawl::{Crawl, Done, Step};
use crate::frontier::Job;
use crate::visit::Visitor;

/// Given back when it is dropped.
struct Permit(Receiver<()>);

impl Drop for Permit {
    fn drop(&mut self) {
        // There is one: it was sent before this was made.
        self.0.try_recv().ok();
    }
}

/// What comes first.
enum Event {
    Result(thread::Result<Done>),
    Permit(Permit),
    Alarm,
}

/// Crawls with at most as many tasks as requests may be under way. Dropping the future ends them.
pub(super) async fn crawl(crawl: &mut Crawl, visitor: &Arc<Visitor<Network>>, pages: &Sender<Vec<u8>>) {
    // ANCHOR: 8.6-semaphore
    let limit = visitor.limit();
    let (permits, taken) = channel::bounded(limit);
    let (results, done) = channel::bounded(limit);
    // Dropping the handles would leave them at work: they end when this, to which nothing is sent, is dropped.
    let (_run, running) = channel::bounded(1);
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
            let fetch = fetch(Arc::clone(visitor), job, permit, results.clone());
            let stopped = running.clone();
            task::spawn(future::or(fetch, async move { stopped.recv().await.unwrap_or(()) }));
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
            // Cannot fail: the other end is here.
            permits.send(()).await.ok();
            Event::Permit(Permit(taken.clone()))
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
    _permit: Permit,
    results: Sender<thread::Result<Done>>,
) {
    let result = AssertUnwindSafe(visitor.visit(job)).catch_unwind().await;
    // The crawl may be over.
    results.send(result).await.ok();
}
