//! What else uses the cores while something is measured.

use std::time::{Duration, Instant};

use procfs::process::Process;
use procfs::{CurrentSI, KernelStats, LoadAverage};

/// Others, from here to its end.
pub(crate) struct Watch {
    start: Instant,
    before: Option<Used>,
}

/// CPU time that was used up to a moment.
#[derive(Clone, Copy, Debug)]
struct Used {
    /// By everybody, and what the machine below this one took; without interrupts, which serve our own traffic.
    all: Duration,
    /// By the runner and the programs that it has waited for.
    own: Duration,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), before: Used::now() }
    }

    /// The part of all `cores` that others used since the start; none when the system does not tell.
    ///
    /// The system counts in ticks of some milliseconds: of a second on two cores it is right to a few percent.
    /// Programs of ours count when they have ended and were waited for.
    pub(crate) fn others(&self, cores: usize) -> Option<f64> {
        let (before, now) = (self.before?, Used::now()?);
        Some(share(before, now, self.start.elapsed() * u32::try_from(cores).ok()?))
    }
}

impl Used {
    fn now() -> Option<Self> {
        let total = KernelStats::current().ok()?.total;
        let stat = Process::myself().and_then(|own| own.stat()).ok()?;
        let all = total.user_duration() + total.nice_duration() + total.system_duration();
        let own = stat.utime + stat.stime + u64::try_from(stat.cutime + stat.cstime).ok()?;
        let own = Duration::from_millis(own * 1000 / procfs::ticks_per_second());
        Some(Self { all: all + total.steal_duration().unwrap_or_default(), own })
    }
}

/// The part of `time` that was used by others.
fn share(before: Used, now: Used, time: Duration) -> f64 {
    let all = now.all.saturating_sub(before.all);
    let own = now.own.saturating_sub(before.own);
    all.saturating_sub(own).as_secs_f64() / time.as_secs_f64().max(1e-3)
}

/// Processes that run or wait to run, on average over the last minute.
pub(crate) fn load() -> f64 {
    use procfs::Current;
    LoadAverage::current().map_or(0.0, |load| f64::from(load.one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ours_is_others() {
        let used = |all, own| Used { all: Duration::from_millis(all), own: Duration::from_millis(own) };
        let second = Duration::from_secs(2);
        assert_eq!(share(used(10_000, 100), used(11_000, 600), second), 0.25);
        assert_eq!(share(used(10_000, 100), used(10_500, 700), second), 0.0, "the clocks differ by a tick");
    }

    #[test]
    fn this_machine_tells() {
        let others = Watch::start().others(2).unwrap();
        assert!((0.0..).contains(&others), "{others}");
        assert!(load() >= 0.0);
    }
}
