//! Long-lived workers: the book's third crawler, on tokio.
//!
//! A channel of tokio has one receiver, so each worker has a channel of its own, and a job goes to one that is idle. (The
//! usual way to share a receiver is a lock around it, held while waiting for the next job. It wakes two workers for each.)

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

use super::crawl::{alarm, show};
use super::dial::Network;
use crate::crawl::{Crawl, Done, Step};
use crate::frontier::Job;
use crate::visit::Visitor;

/// Crawls with as many workers as requests may be under way. Dropping the future ends them, and what they fetch.
pub(super) async fn crawl(crawl: &mut Crawl, visitor: &Arc<Visitor<Network>>, pages: &Sender<Vec<u8>>) {
    // ANCHOR: 8.6-workers
    let limit = visitor.limit();
    // There is room for a result of each worker: none ever waits for it to be taken.
    let (results, mut done) = mpsc::channel(limit);
    let (mut workers, mut queues) = (JoinSet::new(), Vec::new());
    for n in 0..limit {
        let (queue, jobs) = mpsc::channel(1);
        workers.spawn(worker(n, Arc::clone(visitor), jobs, results.clone()));
        queues.push(queue);
    }
    let mut idle: Vec<usize> = (0..limit).collect();
    loop {
        let mut wake = None;
        while let Some(n) = idle.last() {
            match crawl.next(Instant::now()) {
                Step::Fetch(job) => {
                    // Its queue is empty, and it ends when this is dropped: that cannot fail.
                    queues[*n].try_send(job).ok();
                    idle.pop();
                }
                Step::WaitUntil(time) => {
                    wake = Some(time);
                    break;
                }
                Step::Wait => break,
                Step::Over => return,
            }
        }
        if !show(crawl, pages).await {
            return;
        }
        tokio::select! {
            Some((n, result)) = done.recv() => {
                idle.push(n);
                crawl.done(result, Instant::now());
            }
            // None ends before the queue does, unless it panics: then its job would be waited for in vain.
            Some(Err(error)) = workers.join_next() => resume_unwind(error.into_panic()),
            () = alarm(wake) => {}
        }
    }
    // ANCHOR_END: 8.6-workers
}

/// Does one job after another, as worker `n`.
async fn worker(
    n: usize,
    visitor: Arc<Visitor<Network>>,
    mut jobs: Receiver<Job>,
    results: Sender<(usize, Done)>,
) {
    // ANCHOR: 8.6-worker
    while let Some(job) = jobs.recv().await {
        if results.send((n, visitor.visit(job).await)).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.6-worker
}
