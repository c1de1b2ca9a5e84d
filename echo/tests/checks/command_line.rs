//! What all programs of `echo` have in common.

use anyhow::{Context, Result, ensure};
use kit::{Program, ReservedPort, eventually};

/// `--help` lists just the runtimes that are compiled in: those run, and the others are refused.
pub(crate) fn help_lists_the_runtimes(echo: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    let address = nobody.address()?.to_string();
    let mut help = echo.start(["-h"])?;
    let text = help.rest()?;
    help.expect_exit(0)?;
    let (_, runtimes) = text.split_once("--runtime").context("expected --runtime in the help")?;
    let (_, listed) = runtimes.split_once("[possible values: ").context("expected the possible values")?;
    let (listed, _) = listed.split_once(']').context("expected the end of the values")?;
    let listed: Vec<&str> = listed.split(", ").collect();
    for runtime in ["tokio", "async-std", "smol"] {
        // One that runs is refused by who is not there.
        let mut run = echo.start(["connect", &address, "--runtime", runtime])?;
        let code = if listed.contains(&runtime) { 1 } else { 2 };
        run.expect_exit(code).with_context(|| format!("--runtime {runtime}, where {listed:?} are listed"))?;
    }
    let own = echo.name();
    let known = !["tokio", "async-std", "smol"].contains(&own) || listed.contains(&own);
    ensure!(known, "expected {own} to be listed\n     got {listed:?}");
    Ok(())
}

/// Three more worker threads are three more threads.
pub(crate) fn threads_sets_the_worker_threads(echo: &Program) -> Result<()> {
    let one = echo.serve(["--threads", "1"])?;
    let four = echo.command(["--delay", "0s"]).env("CH8_THREADS", "4").serve()?;
    // They start by and by, and a helper thread may come and go.
    let both = || Ok((one.threads()?, four.threads()?));
    eventually("three threads more with --threads 4", both, |(one, four)| *four == one + 3)?;
    Ok(())
}

/// What cannot be meant is told on stderr, with 2 and nothing on stdout.
pub(crate) fn wrong_flags_are_usage_errors(echo: &Program) -> Result<()> {
    let wrong: &[(&[&str], &str)] = &[
        (&[], "Usage"),
        (&["shout"], "shout"),
        (&["serve", "--threads", "0"], "--threads"),
        (&["serve", "--max-clients", "0"], "--max-clients"),
        (&["serve", "--max-shouts", "0"], "--max-shouts"),
        (&["serve", "--max-line", "1 apple"], "--max-line"),
        (&["serve", "--delay", "1"], "--delay"),
        (&["serve", "--idle-timeout", "1x"], "--idle-timeout"),
        (&["connect"], "HOST:PORT"),
    ];
    for (args, named) in wrong {
        let mut run = echo.start(*args)?;
        run.expect_exit(2).with_context(|| format!("{args:?}"))?;
        run.expect_stderr(named)?;
        run.expect_end()?;
    }
    Ok(())
}
