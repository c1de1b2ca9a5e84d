//! An interval of an hour is asked for its first tick.

use std::time::Duration;

use crate::experiment::experiment;

experiment! {
    title: "the first tick of an interval",
    why: "tokio's first tick comes at once, the others' after a period. A loop that ticks first and works then does its \
          first round a period later after the move: work first, or use interval_at (tokio) and \
          Timer::interval_at (smol), which take the first time.",
    tokio: "at once",
    async_std: "after a period",
    smol: "after a period",
}

const PERIOD: Duration = Duration::from_secs(3600);

/// Far more than tokio's timers are late, and far less than the period.
const AT_ONCE: Duration = Duration::from_millis(100);

fn told(at_once: bool) -> String {
    (if at_once { "at once" } else { "after a period" }).to_owned()
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::time::{interval, timeout};

    use super::{AT_ONCE, PERIOD};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let mut ticks = interval(PERIOD);
            let tick = timeout(AT_ONCE, ticks.tick()).await;
            Ok(super::told(tick.is_ok()))
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::future::timeout;
    use async_std::stream::{StreamExt, interval};

    use super::{AT_ONCE, PERIOD};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let mut ticks = interval(PERIOD);
            let tick = timeout(AT_ONCE, ticks.next()).await;
            Ok(super::told(tick.is_ok()))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::stream::StreamExt;
    use smol::{Timer, future};

    use super::{AT_ONCE, PERIOD};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            let mut ticks = Timer::interval(PERIOD);
            let tick = future::or(async { ticks.next().await }, async {
                Timer::after(AT_ONCE).await;
                None
            });
            Ok(super::told(tick.await.is_some()))
        })?
    }
}
