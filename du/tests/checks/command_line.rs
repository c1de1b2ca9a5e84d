//! What `du` has in common with the other programs.

use anyhow::Result;
use kit::{Program, command_line};

/// `--help` lists just the runtimes that are compiled in.
pub(crate) fn help_lists_the_runtimes(du: &Program) -> Result<()> {
    command_line::help_lists_the_runtimes(du, &["/dev/null"], 0, "1 files")
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(du: &Program) -> Result<()> {
    command_line::wrong_flags_are_usage_errors(
        du,
        &[
            (&["--limit", "0"], "--limit"),
            (&["--limit", "3"], "--limit"),
            (&["--threads", "0"], "--threads"),
            (&["--every", "0s"], "--every"),
            (&["--exclude", "a["], "--exclude"),
            (&["--top", "x"], "--top"),
            (&["-0"], "--files-from"),
            (&["a", "--files-from", "b"], "--files-from"),
            (&["--si", "--iec"], "--iec"),
            (&["--naive", "--disk"], "--disk"),
            (&["--naive", "--top", "3"], "--top"),
            (&["--nothing"], "--nothing"),
        ],
    )
}
