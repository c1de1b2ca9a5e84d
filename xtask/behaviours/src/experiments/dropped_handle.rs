//! The handle of a task that waits is dropped; then what it waits for comes.

use crate::experiment::experiment;

experiment! {
    title: "a task's handle is dropped",
    why: "On smol the handle owns the task: dropping it cancels the task at its await, so that one that is to live on \
          by itself needs detach(). Code that comes from async-std or tokio loses tasks there without a word.",
    tokio: "it runs on to its end",
    async_std: "it runs on to its end",
    smol: "it is cancelled",
}

fn told(ran_to_its_end: bool) -> String {
    (if ran_to_its_end { "it runs on to its end" } else { "it is cancelled" }).to_owned()
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::spawn;
    use tokio::sync::oneshot;

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let (open, gate) = oneshot::channel::<()>();
            let (end, ended) = oneshot::channel();
            drop(spawn(async move {
                gate.await.ok();
                end.send(()).ok();
            }));
            open.send(()).ok();
            // A task that is cancelled drops its sender.
            Ok(super::told(ended.await.is_ok()))
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::channel;
    use async_std::task::spawn;

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let (open, gate) = channel::bounded::<()>(1);
            let (end, ended) = channel::bounded(1);
            drop(spawn(async move {
                gate.recv().await.ok();
                end.try_send(()).ok();
            }));
            open.try_send(()).ok();
            // A task that is cancelled drops its sender.
            Ok(super::told(ended.recv().await.is_ok()))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::channel;

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |executor| {
            let (open, gate) = channel::bounded::<()>(1);
            let (end, ended) = channel::bounded(1);
            drop(executor.spawn(async move {
                gate.recv().await.ok();
                end.try_send(()).ok();
            }));
            open.try_send(()).ok();
            // A task that is cancelled drops its sender.
            Ok(super::told(ended.recv().await.is_ok()))
        })?
    }
}
