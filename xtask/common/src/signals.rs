//! Ctrl-C and SIGTERM: the first asks, the second ends.
//!
//! The first completes the runtime's `interrupted()` future, and the program ends in order. The second
//! ends the process where it stands, inside the signal's handler, so that it also works while every
//! worker thread is busy and no future is polled.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Makes the second of these signals end the process at once, with 128 + its number.
///
/// # Errors
/// When the system takes no handler.
pub(crate) fn second_ends_at_once() -> io::Result<()> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Handlers run in the order of their registration: look first, then remember.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))?;
    }
    for signal in [SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&asked))?;
    }
    Ok(())
}
