//! `chat join` on a terminal, without tasks, sockets or timers: what comes in, what follows from it, and how it
//! looks.
//!
//! The event loop is each runtime's own. It hands in what came and the time, does the [`Action`]s that come out,
//! and draws:
//!
//! ```text
//! bytes of the server ─► wire ─┐
//!                              ├─► state ─► actions
//! bytes of the keyboard ─► keys ┘     └──► draw ─► terminal
//! ```
//!
//! Only `terminal` touches the system: it takes the terminal, and gives it back on every way out.

mod draw;
mod editor;
mod keys;
mod link;
mod people;
mod state;
mod terminal;
mod transcript;
mod wire;

pub(crate) use link::News;
pub(crate) use state::{Action, State};
pub(crate) use terminal::Terminal;

use std::time::Duration;

/// What the server said that may wait to be shown, in pieces of [`PIECE`]; then it is not read any further.
pub(crate) const NEWS: usize = 16;

/// The most bytes of one read.
pub(crate) const PIECE: usize = 16 << 10;

/// Reads of the keyboard that may wait; then the kernel keeps what is typed.
pub(crate) const KEYS: usize = 16;

/// Lines that may wait for a server which does not read; then they stay in the input line.
pub(crate) const LINES: usize = 64;

/// The first and the longest pause before a server that is gone is dialled again.
const REDIAL: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
