//! How many lines a client may send: a token bucket, as a pure function of the time.

use std::time::{Duration, Instant};

/// Holds what may be sent at once: twice the rate. It is full at first.
#[derive(Debug)]
pub(crate) struct Bucket {
    /// Lines a second; 0 is no limit.
    rate: u32,
    /// Lines that may be sent now; a part of one is on its way.
    tokens: f64,
    /// When that was so.
    at: Instant,
}

impl Bucket {
    /// A full bucket for `rate` lines a second.
    pub(crate) fn new(rate: u32, now: Instant) -> Self {
        Self { rate, tokens: 2.0 * f64::from(rate), at: now }
    }

    /// Takes one line out.
    ///
    /// # Errors
    /// How long it is until there is one to take.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if self.rate == 0 {
            return Ok(());
        }
        let rate = f64::from(self.rate);
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * rate).min(2.0 * rate);
        self.at = now;
        if self.tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - self.tokens) / rate));
        }
        self.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_twice_the_rate_then_the_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        assert!((0..20).all(|_| bucket.take(start).is_ok()));
        assert_eq!(bucket.take(start), Err(Duration::from_millis(100)));
        let mut now = start;
        let mut taken = 0;
        while now < start + Duration::from_secs(5) {
            now += Duration::from_millis(1);
            taken += usize::from(bucket.take(now).is_ok());
        }
        assert!((49..=50).contains(&taken), "{taken}");
        assert!((0..20).all(|_| bucket.take(now + Duration::from_secs(60)).is_ok()), "full, and no more");
        assert!(bucket.take(now + Duration::from_secs(60)).is_err());
    }

    #[test]
    fn zero_is_no_limit() {
        let now = Instant::now();
        let mut bucket = Bucket::new(0, now);
        assert!((0..100_000).all(|_| bucket.take(now).is_ok()));
    }
}
