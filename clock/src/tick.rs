//! What the clock tells and when: the line of each tick, and which ticks are due, as pure functions of the
//! time.
//!
//! Ticks are numbered by the whole periods since 1970, so a tick with the usual period is a Unix second, and
//! its line the time when that second begins. Whoever knows the number knows the line: nothing is lost when
//! a wake-up is late.

use std::io::Write;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::DateTime};

/// The most ticks that a client may be behind with, and the ticker with all of them: who is further behind is
/// let go, and after a longer sleep of the machine the time is told anew.
pub(crate) const BEHIND: u32 = 240;

/// Ticks that are kept for those behind: more than [`BEHIND`], so that a burst of that many loses none.
pub(crate) const KEPT: usize = 512;

/// One tick, as each client is told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tick {
    /// Whole periods since 1970.
    number: i64,
    /// `HH:MM:SS` and a newline.
    pub(crate) line: [u8; 9],
}

impl Tick {
    /// Whether a client that was greeted with `greeting` has not had this one: the greeting may be ahead of
    /// ticks that are still on their way.
    pub(crate) fn is_after(&self, greeting: &Self) -> bool {
        // Far before the greeting: the system's clock was set back, and this is the time now.
        self.number > greeting.number || greeting.number - self.number > i64::from(BEHIND)
    }
}

/// A clock on a wall somewhere: a zone, and how often it ticks.
#[derive(Debug)]
pub(crate) struct Clock {
    zone: TimeZone,
    every: Duration,
}

impl Clock {
    /// A clock that shows the time of `zone` at every whole multiple of `every`, which is more than zero.
    pub(crate) fn new(zone: TimeZone, every: Duration) -> Self {
        Self { zone, every }
    }

    /// How long a client may not take its lines before it is let go.
    pub(crate) fn patience(&self) -> Duration {
        self.every * BEHIND
    }

    /// The tick that `now` is in.
    pub(crate) fn at(&self, now: SystemTime) -> Tick {
        self.tick(self.number(now))
    }

    fn tick(&self, number: i64) -> Tick {
        let nanoseconds = i128::from(number) * self.every.as_nanos().cast_signed();
        // The system's clock would have to be set beyond the year 9999.
        let time = Timestamp::from_nanosecond(nanoseconds).unwrap_or(Timestamp::MAX);
        Tick { number, line: line(self.zone.to_datetime(time)) }
    }

    fn number(&self, now: SystemTime) -> i64 {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_nanos() / self.every.as_nanos()).unwrap_or(i64::MAX)
    }
}

fn line(time: DateTime) -> [u8; 9] {
    let mut line = [b'\n'; 9];
    // Eight characters into eight bytes: cannot fail.
    write!(&mut line[..8], "{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()).ok();
    line
}

/// Which ticks are due: each once, in order, however late it is asked.
#[derive(Debug)]
pub(crate) struct Ticker {
    clock: Arc<Clock>,
    /// The last tick that was told.
    last: i64,
}

impl Ticker {
    /// The ticks of `clock` that come after `now`.
    pub(crate) fn new(clock: Arc<Clock>, now: SystemTime) -> Self {
        let last = clock.number(now);
        Self { clock, last }
    }

    /// The ticks that have begun by `now` and were not told yet.
    ///
    /// A step back of the system's clock (NTP) repeats nothing: the next tick waits for its time. After a
    /// step of more than [`BEHIND`] ticks, in either direction, the present one comes next.
    pub(crate) fn due(&mut self, now: SystemTime) -> impl Iterator<Item = Tick> {
        let number = self.clock.number(now);
        let due: RangeInclusive<i64> = match number - self.last {
            step if step.unsigned_abs() > u64::from(BEHIND) => number..=number,
            _ => self.last + 1..=number,
        };
        if !due.is_empty() {
            self.last = number;
        }
        due.map(|number| self.clock.tick(number))
    }

    /// How long it is from `now` to the next tick: less than two periods, so that a step of the system's
    /// clock is soon seen.
    pub(crate) fn wait(&self, now: SystemTime) -> Duration {
        let every = self.clock.every.as_nanos();
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let next = u128::try_from(self.last + 1).unwrap_or_default() * every;
        let wait = next.saturating_sub(since).min(every);
        Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: f64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs_f64(seconds)
    }

    fn clock(zone: &str) -> Arc<Clock> {
        Arc::new(Clock::new(TimeZone::get(zone).unwrap(), SECOND))
    }

    #[test]
    fn the_line_is_the_time_of_the_zone() {
        // 2026-03-29 00:59:59 UTC: the second before Paris goes from 01:59:59 to 03:00:00.
        let (before, after) = (at(1_774_745_999.9), at(1_774_746_000.0));
        assert_eq!(&clock("UTC").at(before).line, b"00:59:59\n");
        assert_eq!(&clock("Europe/Paris").at(before).line, b"01:59:59\n");
        assert_eq!(&clock("Europe/Paris").at(after).line, b"03:00:00\n");
    }

    #[test]
    fn a_late_wake_up_loses_nothing() {
        let mut ticker = Ticker::new(clock("UTC"), at(100.5));
        let mut due = |now| ticker.due(at(now)).map(|t| t.number).collect::<Vec<_>>();
        assert_eq!(due(100.9), []);
        assert_eq!(due(101.0), [101]);
        assert_eq!(due(104.2), [102, 103, 104]);
        assert_eq!(due(103.0), [], "a step back repeats nothing");
        assert_eq!(due(105.0), [105]);
        assert_eq!(due(1000.0), [1000], "the machine slept");
        assert_eq!(due(500.0), [500], "the time was set");
        assert_eq!(due(501.0), [501]);
    }

    #[test]
    fn the_wait_ends_at_the_whole_second() {
        let mut ticker = Ticker::new(clock("UTC"), at(100.25));
        assert_eq!(ticker.wait(at(100.25)), Duration::from_millis(750));
        assert_eq!(ticker.wait(at(101.5)), Duration::ZERO, "it is late");
        assert_eq!(ticker.wait(at(90.0)), SECOND, "the time was set back");
        assert_eq!(ticker.due(at(101.0)).count(), 1);
        assert_eq!(ticker.wait(at(101.0)), SECOND);
    }

    #[test]
    fn ticks_on_their_way_are_not_told_after_the_greeting() {
        let clock = clock("UTC");
        let greeting = clock.at(at(1000.0));
        assert!(!clock.tick(998).is_after(&greeting) && !clock.tick(1000).is_after(&greeting));
        assert!(clock.tick(1001).is_after(&greeting));
        assert!(clock.tick(500).is_after(&greeting), "the time was set back");
    }

    proptest! {
        #[test]
        fn every_tick_once_whatever_the_delays(
            start in 0_u32..2_000_000_000,
            every in 1_u64..3_000,
            delays in prop::collection::vec(0_u64..30_000, 1..50),
        ) {
            let every = Duration::from_millis(every);
            let mut now = SystemTime::UNIX_EPOCH + Duration::from_secs(start.into());
            let clock = Arc::new(Clock::new(TimeZone::UTC, every));
            let mut ticker = Ticker::new(Arc::clone(&clock), now);
            let mut last = clock.number(now);
            for delay in delays {
                // At most as late as it may be.
                now += Duration::from_millis(delay).min(clock.patience());
                for tick in ticker.due(now) {
                    prop_assert_eq!(tick.number, last + 1);
                    last += 1;
                }
                prop_assert_eq!(last, clock.number(now));
                prop_assert!(ticker.wait(now) <= every);
            }
        }
    }
}
