//! A byte on stdin, which cancels.

use std::io::{IsTerminal, stdin};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

/// Waits for a byte on stdin; false if none will ever come. Blocks, for as long as there is neither a byte nor the
/// end: whoever waits for this must be able to end without it.
pub(crate) fn pressed() -> bool {
    let stdin = stdin();
    let wait = || poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None);
    if rustix::io::retry_on_intr(wait).is_err() {
        return false;
    }
    // In the background, what is typed is for others, and who reads it is stopped.
    if stdin.is_terminal() && !tcgetpgrp(&stdin).is_ok_and(|foreground| foreground == getpgrp()) {
        return false;
    }
    matches!(rustix::io::retry_on_intr(|| rustix::io::read(&stdin, &mut [0; 1])), Ok(1..))
}
