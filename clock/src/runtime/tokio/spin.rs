//! `clock spin` on tokio (8.1).
//!
//! Run with: `cargo run -p clock -- --runtime tokio spin`
//!
//! An executor's thread runs a task until its next await, and the computation has none. On the blocking pool
//! it is in nobody's way. On the executor (`--on-executor`) it takes a worker: with `--threads 1` the spinner
//! shows its first frame when the result is there.

use anyhow::Result;
use common::runtime::tokio::print;
use tokio::io::stdout;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use crate::cli::Spin;
use crate::spinner::{FRAME, fib, frame, result};

/// Computes the number and turns the spinner meanwhile.
pub(crate) async fn spin(options: Spin) -> Result<()> {
    // ANCHOR: 8.1-spin
    let Spin { n, on_executor } = options;
    let computation =
        if on_executor { tokio::spawn(async move { fib(n) }) } else { spawn_blocking(move || fib(n)) };
    // A task of its own: this future is polled on the main thread, which is no worker.
    let value = tokio::spawn(spinner(computation)).await??;
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
        tokio::select! {
            value = &mut computation => return Ok(value?),
            () = sleep(FRAME) => {}
        }
    }
    // ANCHOR_END: 8.1-spinner
}
