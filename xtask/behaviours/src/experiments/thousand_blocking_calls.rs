//! 1,000 blocking calls are made at once, none of which ends before it is let: how many are under way at a time.

use crate::experiment::experiment;

experiment! {
    title: "1,000 blocking calls are made at once",
    why: "Each call has a thread of a pool that grows up to a bound; the others wait without an error. Calls that wait \
          for one another can lock up there. The bound is max_blocking_threads of tokio's Builder, and for \
          async-std and smol, which share a pool, the variable BLOCKING_MAX_THREADS.",
    tokio: "512 run at a time",
    async_std: "500 run at a time",
    smol: "500 run at a time",
}

const CALLS: usize = 1_000;

fn told(n: usize) -> String {
    format!("{n} run at a time")
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::sync::Arc;

    use anyhow::Result;
    use tokio::task::spawn_blocking;

    use super::CALLS;
    use crate::gate::Gate;

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let gate = Arc::new(Gate::default());
            let mut calls = Vec::new();
            for _ in 0..CALLS {
                let gate = Arc::clone(&gate);
                calls.push(spawn_blocking(move || gate.pass()));
            }
            let n = gate.crowd(512);
            gate.open();
            for call in calls {
                call.await?;
            }
            Ok(super::told(n))
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::sync::Arc;

    use anyhow::Result;
    use async_std::task::spawn_blocking;

    use super::CALLS;
    use crate::gate::Gate;

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let gate = Arc::new(Gate::default());
            let mut calls = Vec::new();
            for _ in 0..CALLS {
                let gate = Arc::clone(&gate);
                calls.push(spawn_blocking(move || gate.pass()));
            }
            let n = gate.crowd(500);
            gate.open();
            for call in calls {
                call.await;
            }
            Ok(super::told(n))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::sync::Arc;

    use anyhow::Result;
    use smol::unblock;

    use super::CALLS;
    use crate::gate::Gate;

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            let gate = Arc::new(Gate::default());
            let mut calls = Vec::new();
            for _ in 0..CALLS {
                let gate = Arc::clone(&gate);
                calls.push(unblock(move || gate.pass()));
            }
            let n = gate.crowd(500);
            gate.open();
            for call in calls {
                call.await;
            }
            Ok(super::told(n))
        })?
    }
}
