//! `main` returns while a task waits and a blocking call is under way.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::experiment::experiment;
use crate::watch::{Program, say};

experiment! {
    title: "main ends while a task waits and a blocking call is under way",
    why: "tokio's runtime is a value: when it is dropped it drops its tasks, so that their destructors run, and waits for \
          the blocking calls, or does not with shutdown_background. Nobody drops the global executor of async-std and \
          smol: what is not finished is cut off in the middle. Who needs destructors to run ends the tasks first or, on \
          smol, has an executor of his own.",
    watch: watch,
    tokio: "the task is dropped, the call is waited for",
    async_std: "both are cut off",
    smol: "both are cut off; on an executor of one's own the task is dropped",
}

const DROPPED: &str = "the task is dropped";
const DROPPED_TOO: &str = "on an executor of one's own the task is dropped";
const WAITED_FOR: &str = "the call is waited for";

/// How long the call takes: longer than the end of a program that does not wait for it.
const CALL: Duration = Duration::from_millis(800);

fn watch(program: &Program) -> Result<String> {
    let watched = program.start(&[])?;
    let mut said = Vec::new();
    while let Some(line) = watched.line()? {
        said.push(line);
    }
    let of_both: Vec<&str> =
        [DROPPED, WAITED_FOR].into_iter().filter(|&line| said.iter().any(|s| s == line)).collect();
    let told = if of_both.is_empty() { "both are cut off".to_owned() } else { of_both.join(", ") };
    Ok(if said.iter().any(|line| line == DROPPED_TOO) { format!("{told}; {DROPPED_TOO}") } else { told })
}

/// What the blocking call does.
#[expect(clippy::disallowed_methods, reason = "it is meant to block, in a thread that is there for it")]
fn call(started: impl FnOnce()) {
    started();
    thread::sleep(CALL);
    // A watcher that is gone is told nothing.
    say(WAITED_FOR).ok();
}

/// What the task does.
async fn wait(started: impl FnOnce(), dropped: &'static str) {
    let _guard = SayOnDrop(dropped);
    started();
    std::future::pending().await
}

struct SayOnDrop(&'static str);

impl Drop for SayOnDrop {
    fn drop(&mut self) {
        say(self.0).ok();
    }
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::runtime::Runtime;
    use tokio::spawn;
    use tokio::sync::oneshot;
    use tokio::task::spawn_blocking;

    pub(super) fn program() -> Result<()> {
        let runtime = Runtime::new()?;
        runtime.block_on(async {
            let (task, task_started) = oneshot::channel();
            let (call, call_started) = oneshot::channel();
            drop(spawn(super::wait(|| _ = task.send(()), super::DROPPED)));
            drop(spawn_blocking(|| super::call(|| _ = call.send(()))));
            task_started.await?;
            call_started.await?;
            Ok(())
        })
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::channel;
    use async_std::task::{block_on, spawn, spawn_blocking};

    pub(super) fn program() -> Result<()> {
        block_on(async {
            let (task, task_started) = channel::bounded(1);
            let (call, call_started) = channel::bounded(1);
            drop(spawn(super::wait(move || _ = task.try_send(()), super::DROPPED)));
            drop(spawn_blocking(move || super::call(|| _ = call.try_send(()))));
            task_started.recv().await?;
            call_started.recv().await?;
            Ok(())
        })
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::{Executor, block_on, channel, spawn, unblock};

    pub(super) fn program() -> Result<()> {
        let executor = Executor::new();
        let (own, own_started) = channel::bounded(1);
        executor.spawn(super::wait(move || _ = own.try_send(()), super::DROPPED_TOO)).detach();
        block_on(executor.run(async {
            own_started.recv().await?;
            let (task, task_started) = channel::bounded(1);
            let (call, call_started) = channel::bounded(1);
            spawn(super::wait(move || _ = task.try_send(()), super::DROPPED)).detach();
            unblock(move || super::call(|| _ = call.try_send(()))).detach();
            task_started.recv().await?;
            call_started.recv().await?;
            Ok(())
        }))
    }
}
