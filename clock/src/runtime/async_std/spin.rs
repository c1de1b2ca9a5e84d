//! `clock spin` on async-std (8.1).
//!
//! Run with: `cargo run -p clock -- --runtime async-std spin`
//!
//! An executor's thread runs a task until its next await, and the computation has none. On the blocking pool
//! it is in nobody's way. On the executor (`--on-executor`) it takes a worker: with `--threads 1` the spinner
//! shows its first frame when the result is there.

use anyhow::Result;
use async_std::io::stdout;
use async_std::task::{self, JoinHandle, spawn_blocking};
use common::runtime::async_std::print;
use futures_lite::future;

use crate::cli::Spin;
use crate::spinner::{FRAME, fib, frame, result};

/// Computes the number and turns the spinner meanwhile.
pub(crate) async fn spin(options: Spin) -> Result<()> {
    // ANCHOR: 8.1-spin
    let Spin { n, on_executor } = options;
    let computation =
        if on_executor { task::spawn(async move { fib(n) }) } else { spawn_blocking(move || fib(n)) };
    // A task of its own: this future is polled on the main thread, which is no worker.
    let value = task::spawn(spinner(computation)).await?;
    print(&mut stdout(), result(n, value).as_bytes()).await
    // ANCHOR_END: 8.1-spin
}

/// Shows frame after frame until the computation is done, and returns its result.
async fn spinner(mut computation: JoinHandle<u64>) -> Result<u64> {
    // ANCHOR: 8.1-spinner
    let mut stdout = stdout();
    let mut turn = 0;
    loop {
        print(&mut stdout, frame(turn).as_bytes()).await?;
        turn += 1;
        let done = async { Some((&mut computation).await) };
        let next = async {
            task::sleep(FRAME).await;
            None
        };
        if let Some(value) = future::or(done, next).await {
            return Ok(value);
        }
    }
    // ANCHOR_END: 8.1-spinner
}
