//! What is written to one client of `chat serve` on tokio.
//!
//! The room never waits for a writer: it puts what is said into the client's box and rings, and the writer
//! takes out all there is by one vectored write.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{self, JoinHandle};

use crate::outbox::{Batch, Outbox, Said};

/// How the room reaches a writer.
#[derive(Debug)]
pub(super) struct Mailbox {
    outbox: Arc<Outbox>,
    /// Rung when there is something to write; the writer ends when it is dropped.
    bell: Sender<()>,
}

impl Mailbox {
    /// The room's end and the task of a writer to `output`, for which at most `queue` messages wait.
    pub(super) fn open(output: OwnedWriteHalf, queue: usize) -> (Self, JoinHandle<()>) {
        let outbox = Arc::new(Outbox::new(queue));
        let (bell, rung) = mpsc::channel(1);
        let writer = task::spawn(writer_loop(output, Arc::clone(&outbox), rung));
        (Self { outbox, bell }, writer)
    }

    /// Puts in what is said, and never waits: what there is no room for is counted.
    pub(super) fn post(&self, said: &Said) {
        if self.outbox.put(said) {
            // A bell that still rings need not be rung again.
            self.bell.try_send(()).ok();
        }
    }
}

/// Writes what the room puts into the `outbox` until the room drops its end, and then closes the write half.
async fn writer_loop(mut output: OwnedWriteHalf, outbox: Arc<Outbox>, mut rung: Receiver<()>) {
    // ANCHOR: 8.10-writer-loop
    loop {
        let open = rung.recv().await.is_some();
        if write_all(&mut output, outbox.take()).await.is_err() {
            // The connection sees the same, and leaves.
            return;
        }
        if !open {
            output.shutdown().await.ok();
            return;
        }
        // In a flood the bell rings again already: the others have their turn, and the next write more to say.
        task::yield_now().await;
    }
    // ANCHOR_END: 8.10-writer-loop
}

/// Writes all of `batch`, by as few calls as the socket takes.
async fn write_all(output: &mut OwnedWriteHalf, mut batch: Batch) -> io::Result<()> {
    while !batch.is_empty() {
        let write = poll_fn(|cx| {
            batch.with_slices(|all| match all {
                // Most often there is one, and a plain write of it costs the kernel less.
                [one] => Pin::new(&mut *output).poll_write(cx, one),
                all => Pin::new(&mut *output).poll_write_vectored(cx, all),
            })
        });
        let n = write.await?;
        batch.advance(n);
    }
    Ok(())
}
