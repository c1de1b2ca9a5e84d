//! Nobody asks an interval for its ticks for five periods and a half. Then somebody does: which ticks come?

use std::time::Duration;

use crate::experiment::experiment;

experiment! {
    title: "an interval's ticks after a stall of 5 periods",
    why: "tokio has the choice, set_missed_tick_behavior, and bursts by default. smol bursts, and async-std, whose \
          interval is a sleep after each tick, drifts. A burst keeps the count, skip keeps the beat, delay keeps the \
          distance: say which one is meant.",
    tokio: "burst by default; as set: burst, skip, delay",
    async_std: "delay",
    smol: "burst",
}

const PERIOD: Duration = Duration::from_millis(10);
const STALL: Duration = Duration::from_millis(55);

/// What two ticks after the stall say, which were due `apart` from each other.
#[cfg(any(feature = "tokio", feature = "smol"))]
fn told(apart: Duration) -> &'static str {
    if apart == PERIOD {
        "burst"
    } else if apart.as_nanos().is_multiple_of(PERIOD.as_nanos()) {
        "skip"
    } else {
        "delay"
    }
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

    use super::{PERIOD, STALL};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let by_default = after_stall(interval(PERIOD)).await;
            let mut as_set = Vec::new();
            for behavior in [MissedTickBehavior::Burst, MissedTickBehavior::Skip, MissedTickBehavior::Delay] {
                let mut ticks = interval(PERIOD);
                ticks.set_missed_tick_behavior(behavior);
                as_set.push(after_stall(ticks).await);
            }
            Ok(format!("{by_default} by default; as set: {}", as_set.join(", ")))
        })?
    }

    async fn after_stall(mut ticks: Interval) -> &'static str {
        ticks.tick().await;
        sleep(STALL).await;
        // A tick says when it was due.
        let late = ticks.tick().await;
        super::told(ticks.tick().await - late)
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::time::Instant;

    use anyhow::Result;
    use async_std::stream::{StreamExt, interval};
    use async_std::task::sleep;

    use super::{PERIOD, STALL};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let mut ticks = interval(PERIOD);
            ticks.next().await;
            sleep(STALL).await;
            // A tick says nothing of when it was due.
            ticks.next().await;
            let late = Instant::now();
            ticks.next().await;
            Ok((if late.elapsed() < PERIOD { "burst or skip" } else { "delay" }).to_owned())
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::{Context, Result};
    use smol::Timer;
    use smol::stream::StreamExt;

    use super::{PERIOD, STALL};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            let mut ticks = Timer::interval(PERIOD);
            ticks.next().await;
            Timer::after(STALL).await;
            // A tick says when it was due.
            let late = ticks.next().await.context("no tick")?;
            let next = ticks.next().await.context("no tick")?;
            Ok(super::told(next - late).to_owned())
        })?
    }
}
