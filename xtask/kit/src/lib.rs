//! The test kit: starts a *program*, talks to it over sockets, pipes, signals and its exit code, and says
//! what it expected and what it got.
//!
//! A check never links the program that it judges: it knows a command line ([`Implementation`]) and nothing
//! of the insides, so the same check proves a build for one runtime, a student's binary or a program in
//! another language. [`suite()`] multiplies a table of [`Check`]s by the implementations, and by their ordered
//! pairs where two programs meet.
//!
//! Everything waits for an event and has a deadline ([`DEADLINE`]); only what the system gives no event for
//! is asked for again and again ([`eventually()`]). A program that has come to a `todo!` is not waited for.

mod client;
pub mod command_line;
mod eventually;
mod implementation;
mod netcat;
mod port;
mod proc;
mod program;
mod reader;
mod refused;
mod running;
mod suite;
mod terminal;
pub mod tricks;
mod unfinished;

pub use client::Client;
pub use eventually::{accepted, eventually};
pub use implementation::{Implementation, Subcommand};
pub use port::{FullPort, ReservedPort};
pub use program::{Children, Program, Start};
pub use reader::Reader;
pub use refused::refused;
pub use running::{Running, Server, Signal};
pub use suite::{Check, kill_when_interrupted, suite, verdict};
pub use terminal::{shown, shown_within};
pub use unfinished::Unfinished;

use std::time::Duration;

/// Writes the `main` of a crate's checks: runs the table of [`Check`]s for the crate's program, on each runtime that
/// is compiled into it.
///
/// It is a macro since the program and the features are those of the crate that calls it.
#[macro_export]
macro_rules! checks {
    ($exercise:literal, $checks:expr) => {
        fn main() -> std::process::ExitCode {
            let program = env!(concat!("CARGO_BIN_EXE_", $exercise));
            let runtimes: &[&str] = &[
                #[cfg(feature = "tokio")]
                "tokio",
                #[cfg(feature = "async-std")]
                "async-std",
                #[cfg(feature = "smol")]
                "smol",
            ];
            let built = |name: &&str| $crate::Implementation::new(*name, [program, "--runtime", *name]);
            $crate::suite($exercise, runtimes.iter().map(built).collect(), $checks)
        }
    };
}

/// How long a check waits for one event: generous, since machines are loaded and tests run in parallel.
pub const DEADLINE: Duration = Duration::from_secs(10);
