//! What all programs of `echo` have in common.

use anyhow::Result;
use kit::{Program, ReservedPort, command_line};

/// `--help` lists just the runtimes that are compiled in.
pub(crate) fn help_lists_the_runtimes(echo: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    command_line::help_lists_the_runtimes(
        echo,
        &["connect", &nobody.address()?.to_string()],
        1,
        "cannot connect",
    )
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(echo: &Program) -> Result<()> {
    command_line::wrong_flags_are_usage_errors(
        echo,
        &[
            (&[], "Usage"),
            (&["shout"], "shout"),
            (&["serve", "--threads", "0"], "--threads"),
            (&["serve", "--max-clients", "0"], "--max-clients"),
            (&["serve", "--max-shouts", "0"], "--max-shouts"),
            (&["serve", "--max-line", "1 apple"], "--max-line"),
            (&["serve", "--delay", "1"], "--delay"),
            (&["serve", "--idle-timeout", "1x"], "--idle-timeout"),
            (&["connect"], "HOST:PORT"),
        ],
    )
}
