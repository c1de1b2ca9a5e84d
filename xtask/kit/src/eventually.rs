//! Waiting for a state of which the system does not tell.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

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

/// Waits for the next who connects to `listener`, which does not block from then on.
///
/// # Errors
/// When nobody does in time.
pub fn accepted(listener: &TcpListener) -> Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let come = || match listener.accept() {
        Ok((stream, _)) => Ok(Some(stream)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error.into()),
    };
    eventually("somebody who connects", come, Option::is_some)?.context("somebody has connected")
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn who_was_accepted_is_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect_timeout(&listener.local_addr().unwrap(), DEADLINE).unwrap();
        let mut accepted = accepted(&listener).unwrap();
        let later = std::thread::spawn(move || {
            let mut byte = [0];
            accepted.read_exact(&mut byte).map(|()| byte)
        });
        client.write_all(b"x").unwrap();
        assert_eq!(later.join().unwrap().unwrap(), *b"x");
    }
}
