//! `cargo xtask test`: everything that proves the workspace.
//!
//! The unit tests; the checks on the program that has all runtimes in it; and the same checks on the programs
//! that were built with one runtime alone, which is where the servers of one meet the clients of another.

mod summary;
mod units;

use std::time::Instant;

use anyhow::{Context, Result};
use cargo_metadata::Artifact;
use homework::Homework;
use kit::Implementation;
use runner::cargo::{Cargo, program};
use runner::checks::{Checks, Impls, Verdict, tally};
use runner::exercises::{Exercise, Runtime};
use runner::progress::{Step, say, took};

use crate::build::{Profile, alone};
use crate::{Outcome, Selection};

/// The name of the file of implementations that were built alone.
pub(crate) const ALONE: &str = "alone";

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Only tests and checks whose name contains it
    #[arg(last = true, value_name = "FILTER")]
    filter: Option<String>,
}

/// What came of one exercise's checks.
struct Proof {
    exercise: &'static Exercise,
    runtimes: Vec<&'static Runtime>,
    /// On the program with all runtimes.
    together: Vec<Verdict>,
    /// On the programs with one runtime.
    alone: Vec<Verdict>,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    let artifacts = build(cargo, &args.selection)?;
    let filter = args.filter.as_deref();
    claims(cargo, &args.selection, &artifacts)?;
    let units = units::run(cargo, &artifacts, filter)?;
    let mut proofs = Vec::new();
    for exercise in args.selection.exercises() {
        proofs.push(prove(cargo, exercise, args.selection.runtimes(), &artifacts, filter)?);
    }
    let verdicts = || proofs.iter().flat_map(|proof| proof.together.iter().chain(&proof.alone));
    let passed = units.passed + verdicts().filter(|v| v.passed).count();
    let failed = units.failed + verdicts().filter(|v| !v.passed).count();
    let outcome = if failed == 0 && passed > 0 { Outcome::Good } else { Outcome::Bad };
    let told = (|| {
        say(summary::tables(&units, &proofs))?;
        if passed + failed == 0 {
            say(format!("nothing ran: no test or check has {:?} in its name", filter.unwrap_or_default()))?;
        }
        say(format!("in {}", took(start.elapsed())))?;
        say(format!("{passed} passed, {failed} failed"))
    })();
    outcome.once(told)
}

/// Builds every test, and with the checks the program that they are about.
fn build(cargo: &Cargo, selection: &Selection) -> Result<Vec<Artifact>> {
    let step = Step::new("build the tests and the checks");
    let mut args = vec!["test", "--no-run", "--tests"];
    if selection.exercise.is_empty() {
        args.push("--workspace");
    }
    args.extend(selection.exercise.iter().flat_map(|name| ["-p", name]));
    let artifacts = cargo.build(&step, &args)?;
    step.done("");
    Ok(artifacts)
}

/// Proves that the homework is whole, and that each check belongs to one exercise of it.
fn claims(cargo: &Cargo, selection: &Selection, artifacts: &[Artifact]) -> Result<()> {
    let step = Step::new("each exercise has its holes and its checks, and each check its exercise");
    let homework = Homework::load(cargo.root())?;
    let mut count = 0;
    for exercise in selection.exercises() {
        let impls = together(cargo, exercise, &selection.runtimes(), artifacts)?;
        let names = Checks::find(cargo, exercise, artifacts)?.names(&impls)?;
        homework.claims(exercise.name, &names)?;
        count += names.len();
    }
    step.done(format!("{count} checks"));
    Ok(())
}

/// The program that has all runtimes in it, on each of `runtimes`.
fn together(
    cargo: &Cargo,
    exercise: &Exercise,
    runtimes: &[&Runtime],
    artifacts: &[Artifact],
) -> Result<Impls> {
    let all = program(artifacts, exercise.name)?;
    let all = all.to_str().context("the target folder's name is no UTF-8")?;
    let list = runtimes.iter().map(|r| Implementation::new(r.name, [all, "--runtime", r.name])).collect();
    Impls::write(cargo, exercise, "together", list)
}

fn prove(
    cargo: &Cargo,
    exercise: &'static Exercise,
    runtimes: Vec<&'static Runtime>,
    artifacts: &[Artifact],
    filter: Option<&str>,
) -> Result<Proof> {
    let checks = Checks::find(cargo, exercise, artifacts)?;
    let together = together(cargo, exercise, &runtimes, artifacts)?;
    let step = Step::counted(format!("checks of {}, one program with all runtimes", exercise.name), 0);
    let together = scored(&checks, &together, filter, step)?;

    let mut list = Vec::new();
    for runtime in &runtimes {
        let program = alone(cargo, exercise.name, runtime, Profile::Dev)?;
        list.push(Implementation::new(runtime.name, [program.to_string_lossy()]));
    }
    let alone = Impls::write(cargo, exercise, ALONE, list)?;
    let step = Step::counted(format!("checks of {}, a program for each runtime", exercise.name), 0);
    let alone = scored(&checks, &alone, filter, step)?;
    Ok(Proof { exercise, runtimes, together, alone })
}

fn scored(checks: &Checks, impls: &Impls, filter: Option<&str>, step: Step) -> Result<Vec<Verdict>> {
    let verdicts = checks.run(&step, impls, filter)?;
    let failed = verdicts.iter().filter(|verdict| !verdict.passed).count();
    step.end(failed == 0, tally(verdicts.len() - failed, failed));
    Ok(verdicts)
}
