//! What all programs of `pipeline` have in common.

use anyhow::Result;
use kit::{Program, command_line};

/// `--help` lists just the runtimes that are compiled in.
pub(crate) fn help_lists_the_runtimes(pipeline: &Program) -> Result<()> {
    command_line::help_lists_the_runtimes(pipeline, &["squares", "--count", "1"], 0, "0\n")
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(pipeline: &Program) -> Result<()> {
    command_line::wrong_flags_are_usage_errors(
        pipeline,
        &[
            (&[], "Usage"),
            (&["cubes"], "cubes"),
            (&["squares", "--threads", "0"], "--threads"),
            (&["squares", "--capacity", "0"], "--capacity"),
            (&["squares", "--capacity", "99999999999"], "--capacity"),
            (&["squares", "--batch", "0"], "--batch"),
            (&["squares", "--count", "-1"], "-1"),
            (&["squares", "--count", "1", "--forever"], "--forever"),
            (&["cake", "--icers", "0"], "--icers"),
            (&["cake", "--cakes", "0"], "--cakes"),
            (&["cake", "--bake", "10"], "--bake"),
            (&["thumbs", "a.jpg", "--max", "0"], "--max"),
            (&["thumbs", "a.jpg", "--jobs", "0"], "--jobs"),
            (&["thumbs", "a.jpg", "--jobs", "1000"], "--jobs"),
            (&["thumbs", "a.jpg", "--max-memory", "1 apple"], "--max-memory"),
            (&["thumbs", "--wrong", "early"], "FILE"),
            (&["thumbs", "--wrong", "early", "-"], "--wrong"),
            (&["thumbs", "--wrong", "late", "a.jpg"], "--wrong"),
            (&["mandelbrot"], "--output"),
            (&["mandelbrot", "-o", "-", "--size", "0"], "--size"),
            (&["mandelbrot", "-o", "-", "--workers", "0"], "--workers"),
            (&["mandelbrot", "-o", "-", "--plot", "x.svg"], "--plot"),
            (&["mandelbrot", "--plot", "x.svg"], "--sweep"),
        ],
    )
}
