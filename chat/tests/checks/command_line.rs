//! What all programs of `chat` have in common.

use anyhow::Result;
use kit::{Program, ReservedPort, command_line};

/// `--help` lists just the runtimes that are compiled in.
pub(crate) fn help_lists_the_runtimes(chat: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    command_line::help_lists_the_runtimes(
        chat,
        &["join", &nobody.address()?.to_string()],
        1,
        "cannot connect",
    )
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(chat: &Program) -> Result<()> {
    command_line::wrong_flags_are_usage_errors(
        chat,
        &[
            (&[], "Usage"),
            (&["talk"], "talk"),
            (&["serve", "--threads", "0"], "--threads"),
            (&["serve", "--max-clients", "0"], "--max-clients"),
            (&["serve", "--queue", "0"], "--queue"),
            (&["serve", "--max-line", "1 apple"], "--max-line"),
            (&["serve", "--max-name", "0"], "--max-name"),
            (&["serve", "--rate", "-1"], "-1"),
            (&["serve", "--idle-timeout", "5"], "--idle-timeout"),
            (&["join"], "HOST:PORT"),
            (&["join", "127.0.0.1:1", "--name", "a\nb"], "--name"),
        ],
    )
}
