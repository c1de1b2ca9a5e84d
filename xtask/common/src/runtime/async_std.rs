//! async-std: the runtime is global, starts at its first use and never ends.

use std::future::Future;
use std::io;
use std::time::Duration;

use async_global_executor::GlobalExecutorConfig;
use async_signal::{Signal, Signals};
use async_std::io::{Stdout, WriteExt};
use async_std::task;
use futures_lite::{StreamExt, future};

/// Runs `main` with `threads` workers in async-std's global executor, and returns what it returns.
///
/// Must come before anything else of async-std: the first use fixes the number of threads. (Its own knob,
/// `ASYNC_STD_THREAD_COUNT`, is read in the same place, and loses.) Tasks and blocking calls that are still
/// alive at the end are not waited for and not dropped: they end with the process.
///
/// # Errors
/// None: the signature is that of the other runtimes. async-std panics when the system gives no threads.
pub fn start<T>(threads: usize, main: impl Future<Output = T>) -> io::Result<T> {
    let config = GlobalExecutorConfig::default().with_min_threads(threads).with_max_threads(threads);
    async_global_executor::init_with_config(config);
    Ok(task::block_on(main))
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
    task::sleep(time).await;
    future::yield_now().await;
}

/// Writes `text` to stdout and sees it out.
///
/// # Errors
/// See [`exit::stdout`](crate::exit::stdout).
pub async fn print(stdout: &mut Stdout, text: &[u8]) -> anyhow::Result<()> {
    stdout.write_all(text).await.map_err(crate::exit::stdout)?;
    stdout.flush().await.map_err(crate::exit::stdout)
}
