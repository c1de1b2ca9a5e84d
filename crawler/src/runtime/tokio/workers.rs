//! Long-lived workers: the book's third crawler, on tokio.
//!
//! A channel of tokio has one receiver. Workers that share one take turns: whoever holds the lock waits for the next
//! job.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

use super::crawl::{alarm, show};
use super::dial::Network;
use crate::crawl::{Crawl, Done, Step};
use crate::frontier::Job;
use crate::visit::Visitor;

/// Crawls with `limit` workers. Dropping the future ends them, and what they fetch.
pub(super) async fn crawl(
    crawl: &mut Crawl,
    visitor: &Arc<Visitor<Network>>,
    limit: usize,
    pages: &Sender<Vec<u8>>,
) {
    // There is room for a job and a result of each worker: neither side ever waits for the other to take one.
    let (jobs, queue) = mpsc::channel(limit);
    let (results, mut done) = mpsc::channel(limit);
    let queue = Arc::new(Mutex::new(queue));
    let mut workers = JoinSet::new();
    for _ in 0..limit {
        workers.spawn(worker(Arc::clone(visitor), Arc::clone(&queue), results.clone()));
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
        tokio::select! {
            Some(result) = done.recv() => {
                busy -= 1;
                crawl.done(result, Instant::now());
            }
            // None ends before the queue does, unless it panics: then its job would be waited for in vain.
            Some(Err(error)) = workers.join_next() => resume_unwind(error.into_panic()),
            () = alarm(wake) => {}
        }
    }
}

/// Does one job after another.
async fn worker(visitor: Arc<Visitor<Network>>, queue: Arc<Mutex<Receiver<Job>>>, results: Sender<Done>) {
    loop {
        // A statement of its own: in the condition of a `while let` the lock would be held for as long as the body.
        let job = queue.lock().await.recv().await;
        let Some(job) = job else { return };
        if results.send(visitor.visit(job).await).await.is_err() {
            return;
        }
    }
}
