//! A task panics: one whose handle is awaited, and one whose handle is not.

use std::future::ready;

use crate::experiment::experiment;

experiment! {
    title: "a task panics",
    why: "On tokio the panic is a value, the JoinError. On async-std and smol it goes on in whoever awaits the task, \
          which is right for a bug but takes a catch_unwind to survive. Of a task that nobody awaits nobody hears, \
          on none of them: what the panic hook prints is all. The thread lives on.",
    tokio: "the handle gives a JoinError; detached: nobody hears of it",
    async_std: "the panic goes on where the handle is awaited; detached: nobody hears of it",
    smol: "the panic goes on where the handle is awaited; detached: nobody hears of it",
}

const DETACHED: &str = "detached: nobody hears of it";

/// What the task does.
async fn fails() {
    ready(()).await;
    panic!("this is the task that panics");
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::spawn;

    use super::{DETACHED, fails};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let joined = match spawn(fails()).await {
                Err(error) if error.is_panic() => "the handle gives a JoinError",
                _ => "the handle gives something else",
            };
            drop(spawn(fails()));
            // Behind it on the same thread.
            spawn(async {}).await?;
            Ok(format!("{joined}; {DETACHED}"))
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::panic::AssertUnwindSafe;

    use anyhow::Result;
    use async_std::task::spawn;
    use futures_lite::FutureExt;

    use super::{DETACHED, fails};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let joined = match AssertUnwindSafe(spawn(fails())).catch_unwind().await {
                Err(_) => "the panic goes on where the handle is awaited",
                Ok(()) => "the handle gives a result",
            };
            drop(spawn(fails()));
            // Behind it on the same thread.
            spawn(async {}).await;
            Ok(format!("{joined}; {DETACHED}"))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::panic::AssertUnwindSafe;

    use anyhow::Result;
    use smol::future::FutureExt;

    use super::{DETACHED, fails};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |executor| {
            let joined = match AssertUnwindSafe(executor.spawn(fails())).catch_unwind().await {
                Err(_) => "the panic goes on where the handle is awaited",
                Ok(()) => "the handle gives a result",
            };
            executor.spawn(fails()).detach();
            // Behind it on the same thread.
            executor.spawn(async {}).await;
            Ok(format!("{joined}; {DETACHED}"))
        })?
    }
}
