//! A task calls `block_on`, as a callback or a `Drop` without `async` may do deep inside.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::experiment::experiment;

experiment! {
    title: "block_on inside of a task",
    why: "tokio refuses it, since it blocks the worker that other tasks wait for; there the way out is \
          spawn_blocking, or block_in_place around it. On async-std and smol it works until what it waits for needs \
          the very thread that it blocks, which is when it hangs.",
    tokio: "it panics",
    async_std: "it runs",
    smol: "it runs",
}

fn told(block_on: impl FnOnce()) -> String {
    (if catch_unwind(AssertUnwindSafe(block_on)).is_err() { "it panics" } else { "it runs" }).to_owned()
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::runtime::{Handle, Runtime};
    use tokio::task::yield_now;

    pub(super) fn run() -> Result<String> {
        let runtime = Runtime::new()?;
        let task = runtime.spawn(async { super::told(|| Handle::current().block_on(yield_now())) });
        Ok(runtime.block_on(task)?)
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::task::{block_on, spawn, yield_now};

    pub(super) fn run() -> Result<String> {
        let task = spawn(async { super::told(|| block_on(yield_now())) });
        Ok(block_on(task))
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::future::yield_now;
    use smol::{block_on, spawn};

    pub(super) fn run() -> Result<String> {
        let task = spawn(async { super::told(|| block_on(yield_now())) });
        Ok(block_on(task))
    }
}
