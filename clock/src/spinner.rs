//! What the spinner shows, and the slow computation that it waits for.

use std::time::Duration;

/// The `turn`-th frame, which is written over the one before.
pub(crate) fn frame(turn: usize) -> &'static str {
    ["\r-", "\r\\", "\r|", "\r/"][turn % 4]
}

/// How long a frame stays.
pub(crate) const FRAME: Duration = Duration::from_millis(100);

/// The `n`-th Fibonacci number in exponential time: 1.6 times as long for each `n`. At most 93 fits.
pub(crate) fn fib(n: u8) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}

/// The line that takes the spinner's place.
pub(crate) fn result(n: u8, value: u64) -> String {
    format!("\rFibonacci({n}) = {value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fibonacci() {
        let first: Vec<_> = (0..10).map(fib).collect();
        assert_eq!(first, [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]);
        assert_eq!(result(9, fib(9)), "\rFibonacci(9) = 34\n");
    }
}
