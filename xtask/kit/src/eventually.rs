//! Waiting for a state of which the system does not tell.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::DEADLINE;
use crate::suite::is_given_up;

/// Asks for `state` until `holds`, or the deadline; returns the state that held.
///
/// # Errors
/// When it does not hold in time: with `what`, and the last state. When `state` fails.
pub fn eventually<T: std::fmt::Debug>(
    what: &str,
    state: impl FnMut() -> Result<T>,
    holds: impl Fn(&T) -> bool,
) -> Result<T> {
    within(DEADLINE, what, state, holds)
}

/// [`eventually`], with a `limit` of its own.
pub(crate) fn within<T: std::fmt::Debug>(
    limit: Duration,
    what: &str,
    mut state: impl FnMut() -> Result<T>,
    holds: impl Fn(&T) -> bool,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        let state = state()?;
        if holds(&state) {
            return Ok(state);
        }
        ensure!(!is_given_up(), "expected {what}, and was given up");
        ensure!(Instant::now() < deadline, "expected {what}\n     got {state:?} after {limit:?}");
        #[expect(clippy::disallowed_methods, reason = "a thread of its own, and no event to wait for")]
        sleep(Duration::from_millis(10));
    }
}
