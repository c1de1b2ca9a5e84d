//! Checks of what the command lines of all programs have in common.

use anyhow::{Context, Result, ensure};

use crate::{Program, eventually};

/// `-h` lists just the runtimes that are compiled in: with those `args` run, say what is expected and end with `code`,
/// and the others are usage errors.
///
/// # Errors
/// When one is listed and does not run, or runs and is not listed.
pub fn help_lists_the_runtimes(program: &Program, args: &[&str], code: i32, says: &str) -> Result<()> {
    const ALL: [&str; 3] = ["tokio", "async-std", "smol"];
    let mut help = program.start(["-h"])?;
    let text = help.rest()?;
    help.expect_exit(0)?;
    let (_, runtimes) = text.split_once("--runtime").context("expected --runtime in the help")?;
    let (_, listed) = runtimes.split_once("[possible values: ").context("expected the possible values")?;
    let (listed, _) = listed.split_once(']').context("expected the end of the values")?;
    let listed: Vec<&str> = listed.split(", ").collect();
    for runtime in ALL {
        let mut run = program.start(args.iter().chain(&["--runtime", runtime]))?;
        let code = if listed.contains(&runtime) { code } else { 2 };
        let said = run.rest()?;
        run.expect_exit(code).with_context(|| format!("--runtime {runtime}, where {listed:?} are listed"))?;
        let said = said + &run.stderr();
        ensure!(
            code == 2 || said.contains(says),
            "--runtime {runtime}: expected {says:?}\n     got {said:?}"
        );
    }
    let own = program.name();
    let known = !ALL.contains(&own) || listed.contains(&own);
    ensure!(known, "expected {own} to be listed\n     got {listed:?}");
    Ok(())
}

/// Three more worker threads of `serve` are three more threads, by the flag and by the environment.
///
/// # Errors
/// When they are more or fewer.
pub fn threads_sets_the_worker_threads(program: &Program) -> Result<()> {
    threads_sets_the_worker_threads_of(program, "serve")
}

/// The same for a server with this subcommand.
///
/// # Errors
/// When they are more or fewer.
pub fn threads_sets_the_worker_threads_of(program: &Program, subcommand: &str) -> Result<()> {
    let one = program.listen(subcommand, ["--threads", "1"])?;
    let four = program.command([""; 0]).env("CH8_THREADS", "4").listen(subcommand)?;
    // They start by and by, and a helper thread may come and go.
    let both = || Ok((one.threads()?, four.threads()?));
    eventually("three threads more with --threads 4", both, |(one, four)| *four == one + 3)?;
    Ok(())
}

/// What cannot be meant is told: each of these command lines ends with 2, nothing on stdout, and what goes with
/// it named on stderr.
///
/// # Errors
/// When one is taken, or told otherwise.
pub fn wrong_flags_are_usage_errors(program: &Program, wrong: &[(&[&str], &str)]) -> Result<()> {
    for (args, named) in wrong {
        let mut run = program.start(*args)?;
        let told = run.expect_exit(2).and_then(|()| run.expect_stderr(named)).and_then(|()| run.expect_end());
        told.with_context(|| format!("{args:?}"))?;
    }
    Ok(())
}
