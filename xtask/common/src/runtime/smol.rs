//! smol: an executor is a value, and its threads are the program's own.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_signal::{Signal, Signals};
use futures_lite::{StreamExt, future};
use smol::Unblock;
use smol::io::AsyncWriteExt;
use smol::{Executor, Timer};

/// Runs `main` on the calling thread and `threads` threads that run the executor which it is given; returns
/// what `main` returns.
///
/// smol's own `smol::spawn` has a global executor with one thread, more only by the environment
/// (`SMOL_THREADS`). With an executor of one's own the number is the caller's, and the tasks that are still
/// alive at the end are dropped with the executor. A worker that is inside a poll is waited for; blocking
/// calls (`unblock`) are not.
///
/// # Errors
/// When the system gives no threads.
pub fn start<T>(threads: usize, main: impl AsyncFnOnce(&Arc<Executor<'static>>) -> T) -> io::Result<T> {
    let executor = Arc::new(Executor::new());
    let (running, stopped) = smol::channel::bounded::<()>(1);
    thread::scope(|scope| {
        // Dropped when this closure ends, by an early error or a panic as well: closes the channel, which
        // ends the threads that the scope then joins.
        let _running = running;
        for n in 0..threads {
            let (executor, stopped) = (&executor, &stopped);
            thread::Builder::new().name(format!("smol-{n}")).spawn_scoped(scope, move || {
                // The channel is closed and never sent to: either way the receive ends the thread.
                smol::block_on(executor.run(stopped.recv())).ok();
            })?;
        }
        Ok(smol::block_on(main(&executor)))
    })
}

/// Completes at the first Ctrl-C or SIGTERM after the call; a second one ends the process.
///
/// # Errors
/// When the system takes no handler.
pub fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::new([Signal::Int, Signal::Term])?;
    // After that: a signal in between would be the first, and nobody would hear of it.
    crate::signals::second_ends_at_once()?;
    Ok(async move {
        signals.next().await;
    })
}

/// Waits for `time`, and then to be polled once more: for who waits for a peer's silence.
///
/// A process that was stopped (Ctrl-Z) may have read in vain just before, and looks at its timers when it goes
/// on: who sent something meanwhile would count as silent. A read that is polled before this one has its second
/// look.
pub async fn lapse(time: Duration) {
    Timer::after(time).await;
    future::yield_now().await;
}

/// Writes `text` to stdout and sees it out.
///
/// # Errors
/// See [`exit::stdout`](crate::exit::stdout).
pub async fn print(stdout: &mut Unblock<io::Stdout>, text: &[u8]) -> anyhow::Result<()> {
    let written = stdout.write_all(text).await;
    // A write that fails on the blocking pool is seen here as `WriteZero`: why is told by the flush.
    stdout.flush().await.and(written).map_err(crate::exit::stdout)
}
