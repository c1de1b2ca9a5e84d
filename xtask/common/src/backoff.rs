//! Growing pauses between attempts, as a pure iterator: whoever retries sleeps on its runtime's timer.

use std::{iter, time::Duration};

/// Pauses that double from `first` to `most` and then stay there, without an end.
pub fn pauses(first: Duration, most: Duration) -> impl Iterator<Item = Duration> + Clone + Send + 'static {
    iter::successors(Some(first.min(most)), move |pause| Some(pause.saturating_mul(2).min(most)))
}

/// The pauses of an accept loop whose `accept` fails: a table full of descriptors must not spin, and a
/// server must be back soon after a descriptor is free.
pub fn accept() -> impl Iterator<Item = Duration> + Clone + Send + 'static {
    pauses(Duration::from_millis(5), Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_most_and_never_ends() {
        let millis = |n| pauses(Duration::from_millis(100), Duration::from_millis(n)).map(|p| p.as_millis());
        assert_eq!(millis(450).take(5).collect::<Vec<_>>(), [100, 200, 400, 450, 450]);
        assert_eq!(millis(50).take(2).collect::<Vec<_>>(), [50, 50]);
        assert_eq!(accept().nth(10_000), Some(Duration::from_secs(1)));
    }
}
