//! `pipeline squares` on async-std (8.4: pipeline1, 2 and 3).
//!
//! Run with: `cargo run -p pipeline -- --runtime async-std squares`
//!
//! ```text
//! counter ─► squarer ─► printer
//! ```
//!
//! Each stage is a task and is given its ends of the channels alone, a `Sender` or a `Receiver`, as the book's
//! third version has it. The end walks along the channels: who has nothing more to send drops its sender. When
//! nobody reads what is printed it walks back: the printer drops its receiver, and the next send fails.
//!
//! A channel of async-channel holds at least one message. With Go's unbuffered channel a send ends when the
//! message is taken, here when there is room for it: the counter is ahead of the squarer by a message more.

use std::time::Duration;

use anyhow::Result;
use async_std::channel::{self, Receiver, Sender};
use async_std::io::stdout;
use async_std::task;
use common::runtime::async_std::print;

use crate::cli::Squares;
use crate::squares::{Message, Overflow, Tally, batches};

/// Counts, squares and prints, until the numbers end or stdout does.
pub(crate) async fn squares(options: &Squares) -> Result<()> {
    let naturals = options.naturals();
    match options.batch() {
        1 => stages(naturals, options).await,
        size => stages(batches(naturals, size), options).await,
    }
}

/// Starts the stages, and waits for their end.
async fn stages<M: Message>(
    messages: impl Iterator<Item = M> + Send + 'static,
    options: &Squares,
) -> Result<()> {
    // ANCHOR: 8.4-stages
    let (naturals, counted) = channel::bounded(options.capacity);
    let (squares, squared) = channel::bounded(options.capacity);
    task::spawn(counter(messages, options.every, naturals));
    let squarer = task::spawn(squarer(counted, squares));
    let printer = task::spawn(printer(squared, Tally::new(options.sum)));
    // What was squared before an overflow is printed before that is told.
    printer.await?;
    Ok(squarer.await?)
    // ANCHOR_END: 8.4-stages
}

/// Sends the numbers, until there are no more or nobody wants them.
async fn counter<M: Message>(messages: impl Iterator<Item = M>, every: Duration, counted: Sender<M>) {
    // ANCHOR: 8.4-counter
    for message in messages {
        if !every.is_zero() {
            task::sleep(every).await;
        }
        if counted.send(message).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.4-counter
}

/// Squares what comes, until no more does or nobody wants it.
async fn squarer<M: Message>(counted: Receiver<M>, squared: Sender<M>) -> Result<(), Overflow> {
    // ANCHOR: 8.4-squarer
    while let Ok(message) = counted.recv().await {
        let (squares, end) = message.squared();
        if let Some(squares) = squares
            && squared.send(squares).await.is_err()
        {
            break;
        }
        end?;
    }
    Ok(())
    // ANCHOR_END: 8.4-squarer
}

/// Prints what comes: when there is a page of it, and when nothing more is ready.
async fn printer<M: Message>(squared: Receiver<M>, mut tally: Tally) -> Result<()> {
    // ANCHOR: 8.4-printer
    let (mut stdout, mut page) = (stdout(), Vec::new());
    while let Ok(squares) = squared.recv().await {
        tally.take(&squares);
        if tally.is_empty() {
            continue;
        }
        if squared.is_empty() {
            // The other stages have their turn to make it more.
            task::yield_now().await;
        }
        if tally.is_full() || squared.is_empty() {
            tally.page(&mut page);
            print(&mut stdout, &page).await?;
        }
    }
    print(&mut stdout, &tally.last()).await
    // ANCHOR_END: 8.4-printer
}
