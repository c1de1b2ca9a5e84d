//! The load that `cargo xtask compare` puts on programs, and the check of every answer to it.
//!
//! It shares the cores with what it measures, so this package is optimised in each profile; the runner, which is not,
//! stays quick to build. Everything runs on one thread, over loopback. What is wrong with an answer is an error that says
//! what was expected and what came.

pub mod chat;
pub mod clock;
pub mod echo;
pub mod photo;
pub mod site;

#[cfg(test)]
mod tests;
