//! `pipeline mandelbrot` on smol (exercise 8.5).
//!
//! Run with: `cargo run -p pipeline -- --runtime smol mandelbrot -o mandelbrot.png`
//!
//! ```text
//! workers (blocking pool) ─► collector
//! ```
//!
//! A row is pure computation without an await, so the workers are on the blocking pool and not on the executor,
//! whose tasks they would keep waiting. Each takes the next few rows until there are none: those in the middle
//! cost many times those at the edge, and nobody is done early. The pool has 500 threads: of more workers the others
//! begin when there are no rows left.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use anyhow::Result;
use common::runtime::smol::print;
use smol::channel::{self, Sender};
use smol::{Unblock, unblock};
use tracing::info;

use crate::cli::Mandelbrot;
use crate::mandelbrot::{Picture, Rows};
use crate::sweep::Sweep;

/// Draws the picture, or finds out how many workers are best.
pub(crate) async fn mandelbrot(options: &Mandelbrot) -> Result<()> {
    if options.sweep {
        return sweep(options).await;
    }
    let size = options.size;
    let picture = match options.plain {
        true => unblock(move || Picture::plain(size)).await,
        false => draw(size, options.workers()).await,
    };
    let file = options.file();
    let png = unblock(move || picture.save(file.as_deref())).await?;
    print(&mut Unblock::new(io::stdout()), &png).await
}

/// Draws with 1, 2, 4, … workers, again and again, and prints how long it took.
async fn sweep(options: &Mandelbrot) -> Result<()> {
    let mut sweep = Sweep::new(options.size);
    while let Some(workers) = sweep.next() {
        let start = Instant::now();
        draw(options.size, workers).await;
        info!(workers, took = ?start.elapsed());
        sweep.took(start.elapsed());
    }
    sweep.plot(options.plot.as_deref())?;
    print(&mut Unblock::new(io::stdout()), sweep.table().as_bytes()).await
}

/// Lets the workers draw, and collects their rows.
async fn draw(size: u32, workers: usize) -> Picture {
    // ANCHOR: ex8.5-draw
    let (next, count) = (Arc::new(AtomicU32::new(0)), Rows::at_a_time(size, workers));
    let (drawn, collected) = channel::bounded(workers);
    for _ in 0..workers {
        let (next, drawn) = (Arc::clone(&next), drawn.clone());
        // Detached: dropping the task would cancel it.
        unblock(move || worker(size, &next, count, &drawn)).detach();
    }
    // The channel is closed when the last worker has dropped its own.
    drop(drawn);
    let mut picture = Picture::new(size);
    while let Ok(rows) = collected.recv().await {
        picture.add(&rows);
    }
    picture
    // ANCHOR_END: ex8.5-draw
}

/// Draws the next `count` rows until there are none, or nobody waits for it any more.
fn worker(size: u32, next: &AtomicU32, count: u32, drawn: &Sender<Rows>) {
    // ANCHOR: ex8.5-worker
    while let Some(rows) = Rows::draw(size, next.fetch_add(count, Ordering::Relaxed), count) {
        if drawn.send_blocking(rows).is_err() {
            return;
        }
    }
    // ANCHOR_END: ex8.5-worker
}
