//! What all programs of `crawler` have in common.

use anyhow::Result;
use kit::{Program, ReservedPort, command_line};

/// `--help` lists just the runtimes that are compiled in.
pub(crate) fn help_lists_the_runtimes(crawler: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    command_line::help_lists_the_runtimes(
        crawler,
        &["fastest", &format!("http://{}", nobody.address()?)],
        1,
        "cannot connect",
    )
}

/// `--threads` sets the worker threads.
pub(crate) fn threads_sets_the_worker_threads(crawler: &Program) -> Result<()> {
    command_line::threads_sets_the_worker_threads_of(crawler, "site")
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(crawler: &Program) -> Result<()> {
    command_line::wrong_flags_are_usage_errors(
        crawler,
        &[
            (&[], "Usage"),
            (&["fetch"], "fetch"),
            (&["crawl"], "URL"),
            (&["crawl", "example.com"], "http://example.com"),
            (&["crawl", "ftp://localhost"], "http"),
            (&["crawl", "http://localhost", "--limit", "0"], "--limit"),
            (&["crawl", "http://localhost", "--per-host", "0"], "--per-host"),
            (&["crawl", "http://localhost", "--depth", "deep"], "--depth"),
            (&["crawl", "http://localhost", "--timeout", "0s"], "--timeout"),
            (&["crawl", "http://localhost", "--max-body", "1 apple"], "--max-body"),
            (&["crawl", "http://localhost", "--strategy", "luck"], "--strategy"),
            (&["crawl", "http://localhost", "--format", "xml"], "--format"),
            (&["crawl", "http://localhost", "--include", "["], "--include"),
            (&["mirror", "http://localhost"], "--out"),
            (&["fastest"], "URL"),
            (&["site", "--pages", "0"], "--pages"),
            (&["site", "--max-clients", "0"], "--max-clients"),
        ],
    )
}
