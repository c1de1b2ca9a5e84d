//! Two tasks compute on two worker threads without an await. Meanwhile two timers run out: one of a task, one that the
//! main future waits for.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::experiment::experiment;
use crate::gate::Gate;

experiment! {
    title: "2 tasks never yield, on 2 threads",
    why: "No runtime takes a thread away from a task, so one that computes belongs to spawn_blocking. On tokio the \
          timers themselves stand still, since it is an idle worker that looks at the clock. async-std and smol have a \
          thread for that, and a main future on a thread of its own still goes on.",
    tokio: "no timer fires, not even the main future's",
    async_std: "a task's timer does not fire, the main future's does",
    smol: "a task's timer does not fire, the main future's does",
}

/// Of the timers.
const SOON: Duration = Duration::from_millis(20);

/// When the tasks end if no timer has fired.
const END: Duration = Duration::from_millis(800);

/// What the two tasks do.
#[derive(Default)]
struct Spinning {
    gate: Gate,
    over: AtomicBool,
}

impl Spinning {
    /// Computes until it is over, once both do.
    fn spin(&self) {
        self.gate.pass();
        let start = Instant::now();
        while !self.is_over() {
            if start.elapsed() > END {
                self.end();
            }
        }
    }

    /// Blocks until both are there, and lets them begin.
    fn begin(&self) {
        self.gate.wait_for(2);
        self.gate.open();
    }

    fn end(&self) {
        self.over.store(true, Relaxed);
    }

    fn is_over(&self) -> bool {
        self.over.load(Relaxed)
    }
}

/// Which timers fired before it was over.
fn told(of_a_task: bool, of_main: bool) -> String {
    let told = match (of_a_task, of_main) {
        (false, false) => "no timer fires, not even the main future's",
        (false, true) => "a task's timer does not fire, the main future's does",
        (true, false) => "a task's timer fires, the main future's does not",
        (true, true) => "both timers fire",
    };
    told.to_owned()
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::sync::Arc;

    use anyhow::Result;
    use tokio::spawn;
    use tokio::time::sleep;

    use super::{SOON, Spinning};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(2, async {
            let spinning = Arc::new(Spinning::default());
            for _ in 0..2 {
                let spinning = Arc::clone(&spinning);
                drop(spawn(async move { spinning.spin() }));
            }
            spinning.begin();
            let of_a_task = spawn(fires(Arc::clone(&spinning)));
            let of_main = fires(Arc::clone(&spinning)).await;
            spinning.end();
            Ok(super::told(of_a_task.await?, of_main))
        })?
    }

    /// Whether a timer fires before it is over.
    async fn fires(spinning: Arc<Spinning>) -> bool {
        sleep(SOON).await;
        !spinning.is_over()
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::sync::Arc;

    use anyhow::Result;
    use async_std::task::{sleep, spawn};

    use super::{SOON, Spinning};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(2, async {
            let spinning = Arc::new(Spinning::default());
            for _ in 0..2 {
                let spinning = Arc::clone(&spinning);
                drop(spawn(async move { spinning.spin() }));
            }
            spinning.begin();
            let of_a_task = spawn(fires(Arc::clone(&spinning)));
            let of_main = fires(Arc::clone(&spinning)).await;
            spinning.end();
            Ok(super::told(of_a_task.await, of_main))
        })?
    }

    /// Whether a timer fires before it is over.
    async fn fires(spinning: Arc<Spinning>) -> bool {
        sleep(SOON).await;
        !spinning.is_over()
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::sync::Arc;

    use anyhow::Result;
    use smol::Timer;

    use super::{SOON, Spinning};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(2, async |executor| {
            let spinning = Arc::new(Spinning::default());
            for _ in 0..2 {
                let spinning = Arc::clone(&spinning);
                executor.spawn(async move { spinning.spin() }).detach();
            }
            spinning.begin();
            let of_a_task = executor.spawn(fires(Arc::clone(&spinning)));
            let of_main = fires(Arc::clone(&spinning)).await;
            spinning.end();
            Ok(super::told(of_a_task.await, of_main))
        })?
    }

    /// Whether a timer fires before it is over.
    async fn fires(spinning: Arc<Spinning>) -> bool {
        Timer::after(SOON).await;
        !spinning.is_over()
    }
}
