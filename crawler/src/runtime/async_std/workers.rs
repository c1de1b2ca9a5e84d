//! Long-lived workers: the book's third crawler, on async-std.
//!
//! A channel of async-std has as many receivers as are wanted: the workers share one queue, and each job goes to one of them.

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

/// Crawls with as many workers as requests may be under way. Dropping the future ends them, and what they fetch.
pub(super) async fn crawl(crawl: &mut Crawl, visitor: &Arc<Visitor<Network>>, pages: &Sender<Vec<u8>>) {
    // ANCHOR: 8.6-workers
    let limit = visitor.limit();
    // There is room for a job and a result of each worker: neither side ever waits for the other to take one.
    let (jobs, queue) = channel::bounded(limit);
    let (results, done) = channel::bounded(limit);
    // Dropping the handles would leave them at work: they end when this, to which nothing is sent, is dropped.
    let (_run, running) = channel::bounded(1);
    for _ in 0..limit {
        let worker = worker(Arc::clone(visitor), queue.clone(), results.clone());
        let stopped = running.clone();
        task::spawn(future::or(worker, async move { stopped.recv().await.unwrap_or(()) }));
    }
    let mut busy = 0;
    loop {
        let mut wake = None;
        while busy < limit && wake.is_none() {
            match crawl.next(Instant::now()) {
                Step::Fetch(job) => {
                    // Cannot fail: they end when this is dropped.
                    jobs.send(job).await.ok();
                    busy += 1;
                }
                Step::WaitUntil(time) => wake = Some(time),
                Step::Wait => break,
                Step::Over => return,
            }
        }
        if !show(crawl, pages).await {
            return;
        }
        let alarm = async {
            alarm(wake).await;
            None
        };
        match future::or(async { done.recv().await.ok() }, alarm).await {
            Some(Ok(result)) => {
                busy -= 1;
                crawl.done(result, Instant::now());
            }
            Some(Err(panic)) => resume_unwind(panic),
            None => {}
        }
    }
    // ANCHOR_END: 8.6-workers
}

/// Does one job after another.
///
/// A panic would be told to who awaits the task. Nobody does, and its job would be waited for in vain: it is a result.
async fn worker(visitor: Arc<Visitor<Network>>, queue: Receiver<Job>, results: Sender<thread::Result<Done>>) {
    // ANCHOR: 8.6-worker
    while let Ok(job) = queue.recv().await {
        let result = AssertUnwindSafe(visitor.visit(job)).catch_unwind().await;
        if results.send(result).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.6-worker
}
