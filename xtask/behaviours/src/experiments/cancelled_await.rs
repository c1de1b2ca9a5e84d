//! A task is cancelled while it is in an await: what of it still runs, and when.

use std::future::pending;

use crate::experiment::{Events, experiment};

experiment! {
    title: "a task is cancelled during an await",
    why: "What comes after the await never runs, destructors do. abort() only asks for it, and the task is gone when \
          its handle has been awaited; cancel().await asks and waits. Who moves from one to the other must not \
          lean on the task's destructors before the await.",
    tokio: "abort() returns, its destructors run, the handle gives a JoinError",
    async_std: "its destructors run, cancel().await gives None",
    smol: "its destructors run, cancel().await gives None",
}

/// What the task does.
async fn work(started: impl FnOnce(), events: Events) {
    let _guard = events.on_drop("its destructors run");
    started();
    pending::<()>().await;
    events.push("it goes on");
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::runtime::Builder;
    use tokio::spawn;
    use tokio::sync::oneshot;

    use crate::experiment::Events;

    /// On the one thread of this runtime the task cannot be dropped before this function awaits. With more threads it
    /// may be.
    pub(super) fn run() -> Result<String> {
        Builder::new_current_thread().build()?.block_on(async {
            let events = Events::default();
            let (start, started) = oneshot::channel();
            let task = spawn(super::work(|| _ = start.send(()), events.clone()));
            started.await?;
            task.abort();
            events.push("abort() returns");
            match task.await {
                Err(error) if error.is_cancelled() => events.push("the handle gives a JoinError"),
                _ => events.push("the handle gives something else"),
            }
            Ok(events.told())
        })
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::channel;
    use async_std::task::spawn;

    use crate::experiment::Events;

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let events = Events::default();
            let (start, started) = channel::bounded(1);
            let task = spawn(super::work(move || _ = start.try_send(()), events.clone()));
            started.recv().await?;
            match task.cancel().await {
                None => events.push("cancel().await gives None"),
                Some(()) => events.push("cancel().await gives a result"),
            }
            Ok(events.told())
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::channel;

    use crate::experiment::Events;

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |executor| {
            let events = Events::default();
            let (start, started) = channel::bounded(1);
            let task = executor.spawn(super::work(move || _ = start.try_send(()), events.clone()));
            started.recv().await?;
            match task.cancel().await {
                None => events.push("cancel().await gives None"),
                Some(()) => events.push("cancel().await gives a result"),
            }
            Ok(events.told())
        })?
    }
}
