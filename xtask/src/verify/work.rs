//! Builds one program after the other, and lets the checks run meanwhile: they wait for most of their time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, anyhow};
use cargo_metadata::Artifact;
use console::style;
use homework::Homework;
use kit::Implementation;
use runner::cargo::Cargo;
use runner::checks::{Checks, Impls, TARGET};
use runner::exercises::{EXERCISES, Exercise};
use runner::interrupt::Interrupt;
use runner::progress::Step;

use super::judge::{Judged, judge};
use super::plan::Task;
use super::sources::Sources;

/// Programs whose checks run at a time.
const AT_A_TIME: usize = 2;

/// The checks of a crate, and what they are called.
pub(crate) struct Known {
    pub(crate) checks: Checks,
    names: BTreeSet<String>,
}

/// The checks of each crate that is verified.
pub(crate) type All = BTreeMap<&'static str, Known>;

/// A program that is built, or why it is not.
type Built = (usize, Result<PathBuf>);

/// Builds the checks of `crates`, and the programs that have all runtimes in them.
///
/// # Errors
/// When they cannot be built, or a crate's assignments claim others than these.
pub(crate) fn checks(
    cargo: &Cargo,
    homework: &Homework,
    crates: &[&'static Exercise],
) -> Result<(All, Vec<Artifact>)> {
    let step = Step::new("build the checks");
    let mut args = vec!["test", "--no-run", "--test", TARGET];
    if crates.len() == EXERCISES.len() {
        // As `cargo xtask test` builds them: features are those that all packages ask for together.
        args.push("--workspace");
    } else {
        args.extend(crates.iter().flat_map(|of| ["-p", of.name]));
    }
    let artifacts = cargo.build(&step, &args)?;
    let mut all = All::new();
    for of in crates {
        let checks = Checks::find(cargo, of, &artifacts)?;
        let anybody = Impls::write(cargo, of, "verify", vec![Implementation::new("smol", ["nobody"])])?;
        let names = checks.names(&anybody)?;
        homework.claims(of.name, &names)?;
        all.insert(of.name, Known { checks, names });
    }
    step.done("");
    Ok((all, artifacts))
}

/// Verifies `tasks`, and hands over what came of each as it is known.
///
/// # Errors
/// When checks do not run to their end, or at an interrupt.
pub(crate) fn run(
    cargo: &Cargo,
    homework: &Homework,
    tasks: &[Task<'_>],
    all: &All,
    interrupt: &Interrupt,
    judged: &Mutex<Vec<Judged>>,
) -> Result<()> {
    let crates = super::plan::crates(tasks);
    let sources = Sources::copy(cargo, &crates)?;
    let step = Step::counted(format!("{} programs: their checks", tasks.len()), 0);
    let programs = tempfile::tempdir_in(cargo.target().join("verify")).context("cannot write there")?;
    thread::scope(|scope| {
        // One waits built while others are judged: there is no use in more, and each is large.
        let (built, waiting) = sync_channel::<Built>(1);
        let waiting = Arc::new(Mutex::new(waiting));
        let judges: Vec<_> = (0..AT_A_TIME)
            .map(|_| {
                // The last one that ends takes it along: nothing is built for nobody.
                let (waiting, step) = (Arc::clone(&waiting), &step);
                scope.spawn(move || -> Result<()> {
                    while let Some((n, program)) = next(&waiting) {
                        interrupt.check()?;
                        let one = judge_one(cargo, homework, &tasks[n], program, all, step)?;
                        interrupt.check()?;
                        tell(step, &one);
                        judged.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                    }
                    Ok(())
                })
            })
            .collect();
        drop(waiting);
        for (n, task) in tasks.iter().enumerate() {
            if interrupt.came() || judges.iter().any(|judge| judge.is_finished()) {
                break;
            }
            let program = sources.build(cargo, &step, task, &programs.path().join(n.to_string()));
            if built.send((n, program)).is_err() {
                break;
            }
        }
        drop(built);
        judges.into_iter().try_for_each(|judge| judge.join().map_err(|_| anyhow!("a judge panicked"))?)
    })?;
    interrupt.check()?;
    let judged = judged.lock().unwrap_or_else(PoisonError::into_inner);
    let bad = judged.iter().filter(|one| !one.faults.is_empty()).count();
    step.end(bad == 0, if bad == 0 { "all as said".to_owned() } else { format!("{bad} are not as said") });
    Ok(())
}

fn next(waiting: &Mutex<Receiver<Built>>) -> Option<Built> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn judge_one(
    cargo: &Cargo,
    homework: &Homework,
    task: &Task<'_>,
    program: Result<PathBuf>,
    all: &All,
    step: &Step,
) -> Result<Judged> {
    let program = match program {
        Ok(program) => program,
        Err(error) => return Ok(Judged::fault(task, format!("{error:#}"))),
    };
    let known = all.get(task.exercise.name).context("a task of another crate")?;
    let expected = task.expected(homework, &known.names);
    let path = program.to_str().context("the target folder's name is no UTF-8")?;
    let one = judge(cargo, step, task, &known.checks, path, &expected);
    // It is needed no more, and is large.
    fs::remove_dir_all(program.parent().unwrap_or(Path::new("."))).ok();
    one
}

fn tell(step: &Step, one: &Judged) {
    let mark = if one.faults.is_empty() { style("✓").green() } else { style("✗").red() };
    step.above(&format!("{} {}", mark.for_stderr(), one.told()));
    for fault in &one.faults {
        step.above(&format!("    {fault}"));
    }
}
