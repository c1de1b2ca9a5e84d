//! What surrounds each program and teaches nothing: its flags, its log, its exit code, its listening
//! socket, the lines of its input, and how each runtime is started with N threads and told to stop.
//!
//! The sequential part is here once; [`runtime`] holds one module a runtime, behind the features `tokio`,
//! `async-std` and `smol` that the programs forward. Accept loops, tasks, channels and select are in the
//! programs, where the reader looks for them.

pub mod backoff;
pub mod exit;
pub mod flags;
pub mod lines;
pub mod logging;
pub mod net;
pub mod plain;
pub mod runtime;
#[cfg(any(feature = "tokio", feature = "async-std", feature = "smol"))]
mod signals;
pub mod text;
