//! What all programs of `clock` have in common.

use anyhow::{Context, Result, ensure};
use kit::{Program, eventually};

/// `--help` lists just the runtimes that are compiled in: those run, and the others are refused.
pub(crate) fn help_lists_the_runtimes(clock: &Program) -> Result<()> {
    let mut help = clock.start(["-h"])?;
    let text = help.rest()?;
    help.expect_exit(0)?;
    let (_, runtimes) = text.split_once("--runtime").context("expected --runtime in the help")?;
    let (_, listed) = runtimes.split_once("[possible values: ").context("expected the possible values")?;
    let (listed, _) = listed.split_once(']').context("expected the end of the values")?;
    let listed: Vec<&str> = listed.split(", ").collect();
    for runtime in ["tokio", "async-std", "smol"] {
        let mut run = clock.start(["countdown", "--from", "1", "--every", "1ms", "--runtime", runtime])?;
        let code = if listed.contains(&runtime) { 0 } else { 2 };
        run.expect_exit(code).with_context(|| format!("--runtime {runtime}, where {listed:?} are listed"))?;
    }
    let own = clock.name();
    let known = !["tokio", "async-std", "smol"].contains(&own) || listed.contains(&own);
    ensure!(known, "expected {own} to be listed\n     got {listed:?}");
    Ok(())
}

/// Three more worker threads are three more threads.
pub(crate) fn threads_sets_the_worker_threads(clock: &Program) -> Result<()> {
    let one = clock.serve(["--threads", "1"])?;
    let four = clock.command(NO_FLAGS).env("CH8_THREADS", "4").serve()?;
    one.connect()?.line()?;
    four.connect()?.line()?;
    // They start by and by, and a helper thread may come and go.
    let both = || Ok((one.threads()?, four.threads()?));
    eventually("three threads more with --threads 4", both, |(one, four)| *four == one + 3)?;
    Ok(())
}

const NO_FLAGS: [&str; 0] = [];

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(clock: &Program) -> Result<()> {
    let wrong: &[(&[&str], &str)] = &[
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
    ];
    for (args, named) in wrong {
        let mut run = clock.start(*args)?;
        run.expect_exit(2).with_context(|| format!("{args:?}"))?;
        run.expect_stderr(named)?;
        run.expect_end()?;
    }
    Ok(())
}
