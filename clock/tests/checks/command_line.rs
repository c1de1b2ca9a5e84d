//! What all programs of `clock` have in common.

use anyhow::Result;
use kit::{Program, command_line};

/// `--help` lists just the runtimes that are compiled in.
pub(crate) fn help_lists_the_runtimes(clock: &Program) -> Result<()> {
    command_line::help_lists_the_runtimes(
        clock,
        &["countdown", "--from", "1", "--every", "1ms"],
        0,
        "Lift off!",
    )
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(clock: &Program) -> Result<()> {
    command_line::wrong_flags_are_usage_errors(
        clock,
        &[
            (&[], "Usage"),
            (&["tell"], "tell"),
            (&["serve", "--threads", "0"], "--threads"),
            (&["serve", "--max-clients", "0"], "--max-clients"),
            (&["serve", "--every", "0s"], "--every"),
            (&["serve", "--grace", "5"], "--grace"),
            (&["countdown", "--every", "1x"], "--every"),
            (&["countdown", "--from", "-1"], "-1"),
            (&["spin", "94"], "94"),
            (&["watch"], "HOST:PORT"),
        ],
    )
}
