//! A program on a pseudo-terminal.

use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Context, Result};
use expectrl::session::OsSession;
use expectrl::{Captures, Expect, Needle};

use crate::DEADLINE;
use crate::eventually::within;

/// Waits until the program has written `needle` to its `terminal`, after what was found there before.
///
/// Like [`Expect::expect`], which looks without a pause and takes a core from everything beside it.
///
/// # Errors
/// When it has not, before its end or the deadline.
pub fn shown(terminal: &mut OsSession, needle: impl Needle + Debug) -> Result<Captures> {
    shown_within(DEADLINE, terminal, needle)
}

/// [`shown`], for what takes longer than a check may.
///
/// # Errors
/// When it has not, before its end or the `limit`.
pub fn shown_within(
    limit: Duration,
    terminal: &mut OsSession,
    needle: impl Needle + Debug,
) -> Result<Captures> {
    let look = || terminal.check(&needle).with_context(|| format!("expected {needle:?} on the terminal"));
    within(limit, &format!("{needle:?} on the terminal"), look, |found| !found.is_empty())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use expectrl::Session;

    use super::*;

    #[test]
    fn what_is_never_shown_is_an_error_that_names_it() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo one; echo two"]);
        let mut terminal = Session::spawn(shell).unwrap();
        assert_eq!(shown(&mut terminal, "one").unwrap().get(0), Some(&b"one"[..]));
        let error = shown(&mut terminal, "one").unwrap_err();
        assert_eq!(error.to_string(), "expected \"one\" on the terminal");
    }
}
