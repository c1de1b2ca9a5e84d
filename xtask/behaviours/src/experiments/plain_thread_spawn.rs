//! A thread that is none of the runtime's spawns a task.

use crate::experiment::experiment;

experiment! {
    title: "spawn from a plain thread",
    why: "tokio has no global runtime: spawn, timers and sockets look for the one of their thread, and panic where \
          there is none. A thread that is to spawn takes a Handle along. The others have a global executor, which \
          starts when it is first used.",
    tokio: "it panics; by a Handle it runs",
    async_std: "it runs",
    smol: "it runs",
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::thread;

    use anyhow::Result;
    use tokio::runtime::Runtime;
    use tokio::spawn;

    pub(super) fn run() -> Result<String> {
        let runtime = Runtime::new()?;
        let plain = thread::spawn(|| spawn(async { "it runs" }));
        let told = match plain.join() {
            Ok(task) => runtime.block_on(task)?,
            Err(_) => "it panics",
        };
        let handle = runtime.handle().clone();
        let plain = thread::spawn(move || handle.spawn(async { "it runs" }));
        let by_handle = match plain.join() {
            Ok(task) => runtime.block_on(task)?,
            Err(_) => "it panics",
        };
        Ok(format!("{told}; by a Handle {by_handle}"))
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::thread;

    use anyhow::Result;
    use async_std::task::{block_on, spawn};

    pub(super) fn run() -> Result<String> {
        let plain = thread::spawn(|| spawn(async { "it runs" }));
        let told = match plain.join() {
            Ok(task) => block_on(task),
            Err(_) => "it panics",
        };
        Ok(told.to_owned())
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::thread;

    use anyhow::Result;
    use smol::{block_on, spawn};

    pub(super) fn run() -> Result<String> {
        let plain = thread::spawn(|| spawn(async { "it runs" }));
        let told = match plain.join() {
            Ok(task) => block_on(task),
            Err(_) => "it panics",
        };
        Ok(told.to_owned())
    }
}
