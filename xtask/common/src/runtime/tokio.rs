//! tokio: a runtime is a value, and what it runs ends with it.

use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, Stdout};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

/// Tasks that a worker runs before it looks at the sockets again; by default 61. With a thousand clients ready
/// at a time, newcomers then go before those that are waiting, and a round trip in a hundred takes twice as long.
const TURNS: u32 = 255;

/// Runs `main` on a multi-threaded runtime with `threads` workers, and returns what it returns.
///
/// Tasks that are still alive then are dropped at their next await. A blocking call that is still under way
/// (a read of stdin, say) is not waited for, also when `main` panics: dropping the runtime would.
///
/// # Errors
/// When the system gives no threads or no descriptors.
pub fn start<T>(threads: usize, main: impl Future<Output = T>) -> io::Result<T> {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(threads).event_interval(TURNS).enable_all().build()?;
    let output = catch_unwind(AssertUnwindSafe(|| runtime.block_on(main)));
    runtime.shutdown_background();
    Ok(output.unwrap_or_else(|panic| resume_unwind(panic)))
}

/// Completes at the first Ctrl-C or SIGTERM after the call; a second one ends the process.
///
/// # Errors
/// When the system takes no handler.
pub fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut ctrl_c = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // After that: a signal in between would be the first, and nobody would hear of it.
    crate::signals::second_ends_at_once()?;
    Ok(async move {
        tokio::select! {
            _ = ctrl_c.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits for `time`, and then until the sockets were looked at once more: for who waits for a peer's silence.
///
/// A process that was stopped (Ctrl-Z) and goes on finds its wait for the sockets interrupted, and looks at its
/// timers: who sent something meanwhile would count as silent.
pub async fn lapse(time: Duration) {
    sleep(time).await;
    // The smallest step of the timers, which are looked at after the sockets.
    sleep(Duration::from_millis(1)).await;
}

/// Writes `text` to stdout and sees it out.
///
/// # Errors
/// See [`exit::stdout`](crate::exit::stdout).
pub async fn print(stdout: &mut Stdout, text: &[u8]) -> anyhow::Result<()> {
    stdout.write_all(text).await.map_err(crate::exit::stdout)?;
    stdout.flush().await.map_err(crate::exit::stdout)
}
