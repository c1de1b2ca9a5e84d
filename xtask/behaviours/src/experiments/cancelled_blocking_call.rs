//! A blocking call is under way. First the task that waits for it is cancelled, then the handle of the call itself is.

use std::sync::mpsc::{self, Receiver, Sender};

use crate::experiment::{Events, experiment};

experiment! {
    title: "a task is cancelled during a blocking call",
    why: "A thread cannot be stopped from outside: the call goes on when nobody waits for it any more, on each runtime, \
          so a long one has to look at a flag. What its own handle does differs: on tokio abort() is too late for \
          a call that has begun, on async-std cancel() lets go of it, on smol it waits for its end and drops the \
          result.",
    tokio: "the task is gone, the call goes on; abort() of the call changes nothing",
    async_std: "the task is gone, the call goes on; cancel() of the call returns, the call goes on",
    smol: "the task is gone, the call goes on; cancel() of the call waits for its end",
}

/// A call that goes on until its gate is dropped, and how it is seen from outside.
struct Call {
    started: Receiver<()>,
    gate: Sender<()>,
    ended: Receiver<()>,
}

impl Call {
    /// The call, to be made in a thread of the runtime, and its outside.
    fn new(events: &Events) -> (impl FnOnce() + Send + 'static, Self) {
        let (start, started) = mpsc::channel();
        let (gate, opened) = mpsc::channel::<()>();
        let (end, ended) = mpsc::channel();
        let events = events.clone();
        let call = move || {
            start.send(()).ok();
            // Until the other end is dropped.
            opened.recv().ok();
            events.push("the call goes on");
            end.send(()).ok();
        };
        (call, Self { started, gate, ended })
    }

    /// Blocks until the call has begun.
    fn started(&self) {
        self.started.recv().ok();
    }

    /// Lets the call go on, and blocks until its end.
    fn end(self) {
        drop(self.gate);
        self.ended.recv().ok();
    }
}

fn told(task: &Events, call: &str) -> String {
    format!("{}; {call}", task.told())
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::spawn;
    use tokio::task::spawn_blocking;

    use super::Call;
    use crate::experiment::Events;

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let task = waiting_task().await;
            Ok(super::told(&task, call_itself().await))
        })?
    }

    async fn waiting_task() -> Events {
        let events = Events::default();
        let (call, outside) = Call::new(&events);
        let task = spawn(async { spawn_blocking(call).await });
        outside.started();
        task.abort();
        if task.await.is_err() {
            events.push("the task is gone");
        }
        outside.end();
        events
    }

    async fn call_itself() -> &'static str {
        let (call, outside) = Call::new(&Events::default());
        let handle = spawn_blocking(call);
        outside.started();
        handle.abort();
        outside.end();
        match handle.await {
            Ok(()) => "abort() of the call changes nothing",
            Err(_) => "abort() of the call loses its result",
        }
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::time::Duration;

    use anyhow::Result;
    use async_std::future::timeout;
    use async_std::task::{spawn, spawn_blocking};

    use super::Call;
    use crate::experiment::Events;

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let task = waiting_task().await;
            Ok(super::told(&task, call_itself().await))
        })?
    }

    async fn waiting_task() -> Events {
        let events = Events::default();
        let (call, outside) = Call::new(&events);
        let task = spawn(async { spawn_blocking(call).await });
        outside.started();
        if task.cancel().await.is_none() {
            events.push("the task is gone");
        }
        outside.end();
        events
    }

    async fn call_itself() -> &'static str {
        let (call, outside) = Call::new(&Events::default());
        let handle = spawn_blocking(call);
        outside.started();
        let cancelled = timeout(Duration::from_millis(500), handle.cancel()).await;
        outside.end();
        match cancelled {
            Ok(_) => "cancel() of the call returns, the call goes on",
            Err(_) => "cancel() of the call waits for its end",
        }
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::sync::Arc;
    use std::time::Duration;

    use anyhow::Result;
    use smol::{Executor, Timer, future, unblock};

    use super::Call;
    use crate::experiment::Events;

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |executor| {
            let task = waiting_task(executor).await;
            Ok(super::told(&task, call_itself().await))
        })?
    }

    async fn waiting_task(executor: &Arc<Executor<'static>>) -> Events {
        let events = Events::default();
        let (call, outside) = Call::new(&events);
        let task = executor.spawn(async { unblock(call).await });
        outside.started();
        if task.cancel().await.is_none() {
            events.push("the task is gone");
        }
        outside.end();
        events
    }

    async fn call_itself() -> &'static str {
        let (call, outside) = Call::new(&Events::default());
        let handle = unblock(call);
        outside.started();
        let cancelled = future::or(async { Some(handle.cancel().await) }, async {
            Timer::after(Duration::from_millis(500)).await;
            None
        });
        let cancelled = cancelled.await;
        outside.end();
        match cancelled {
            Some(_) => "cancel() of the call returns, the call goes on",
            None => "cancel() of the call waits for its end",
        }
    }
}
