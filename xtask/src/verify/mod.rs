//! `cargo xtask verify`: the proof that the homework works. Checks are worth as much as what they do not let pass.
//!
//! For each hole: with it alone empty, the checks that prove it fail, and those of exercises that do without it pass. For
//! each wrong program: the checks that are named for it fail, and no others. For the reference: everything passes, time
//! and again, on a machine that has no time for it.

mod judge;
mod plan;
mod reference;
mod sources;
mod work;

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use common::exit::Interrupted;
use homework::Homework;
use homework::assignment::CHAPTER;
use kit::Children;
use runner::cargo::Cargo;
use runner::exercises::RUNTIMES;
use runner::interrupt::Interrupt;
use runner::progress::{say, took};

use self::judge::Judged;
use self::plan::Task;
use crate::Outcome;

/// What `--help` says beside the flags.
const MORE: &str = "\
Of each hole it is told how many checks fail and pass as they should while it is
empty, and how long the failing ones took if that is long.

Without an ID and without --full it takes a sample, in about two minutes: of three
crates one hole or one wrong program each, on one runtime. Which ones follows from
the sources: the same sources have the same sample, and a change has another.

Programs are built from a copy of the sources, in target/verify/.
Exit codes: 0 all is as said, 1 something is not, 130 interrupted.";

#[derive(clap::Args)]
#[command(after_help = MORE)]
pub(crate) struct Args {
    /// All holes and all wrong programs of these exercises (8.2, ex8.1)
    #[arg(value_name = "ID", value_parser = PossibleValuesParser::new(CHAPTER), hide_possible_values = true)]
    ids: Vec<String>,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME", value_parser = PossibleValuesParser::new(RUNTIMES.iter().map(|r| r.name)))]
    runtime: Option<String>,

    /// All holes and all wrong programs, and the reference 20 times in a row under load: on two cores the former take
    /// 40 minutes, a round of the latter two and a half
    #[arg(long)]
    full: bool,
}

/// What is known.
#[derive(Default)]
struct Known {
    judged: Mutex<Vec<Judged>>,
    /// What the reference fails.
    reference: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    let interrupt = Interrupt::watch(Children::default())?;
    let homework = Homework::load(cargo.root())?;
    let runtimes = runner::exercises::runtimes(args.runtime.as_deref());
    let tasks = if args.full || !args.ids.is_empty() {
        plan::all(&homework, &args.ids, &runtimes)
    } else {
        plan::sample(cargo, &homework, &runtimes)?
    };
    let mut known = Known::default();
    // What an interrupt ends has failed because of it.
    match verify(cargo, &homework, args, &tasks, &interrupt, &mut known) {
        Err(_) if interrupt.came() => {}
        done => done?,
    }
    let (faults, told) = report(known, tasks.len());
    let told = say(format!("{told} in {}", took(start.elapsed())));
    if interrupt.came() {
        return Err(Interrupted.into());
    }
    let outcome = if faults { Outcome::Bad } else { Outcome::Good };
    outcome.once(told)
}

fn verify(
    cargo: &Cargo,
    homework: &Homework,
    args: &Args,
    tasks: &[Task<'_>],
    interrupt: &Interrupt,
    known: &mut Known,
) -> Result<()> {
    let crates = plan::crates(tasks);
    let built = work::checks(cargo, homework, &crates)?;
    if args.full {
        let runtimes = runner::exercises::runtimes(args.runtime.as_deref());
        reference::run(cargo, &crates, &runtimes, &built, interrupt, &mut known.reference)?;
    }
    work::run(cargo, homework, tasks, &built.0, interrupt, &known.judged)
}

/// What is not as said, if anything is; a line for each.
fn report(known: Known, tasks: usize) -> (bool, String) {
    let judged = known.judged.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut lines = known.reference;
    for one in &judged {
        lines.extend(one.faults.iter().map(|fault| format!("{}: {fault}", one.label)));
    }
    let faults = !lines.is_empty();
    let bad = judged.iter().filter(|one| !one.faults.is_empty()).count();
    let result = if bad == 0 { "all as said".to_owned() } else { format!("{bad} not as said") };
    lines.push(format!("{} of {tasks} programs verified, {result},", judged.len()));
    (faults, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_said_has_a_line_of_its_own() {
        let homework = Homework::read(Cargo::load().unwrap().root()).unwrap();
        let tasks = plan::all(&homework, &["8.7".to_owned()], &runner::exercises::runtimes(Some("smol")));
        let told = |reference: &[&str], faults: &[&str], tasks_in_all| {
            let judged =
                faults.iter().zip(&tasks).map(|(fault, task)| Judged::fault(task, (*fault).to_owned()));
            let reference = reference.iter().map(|&fault| fault.to_owned()).collect();
            report(Known { judged: Mutex::new(judged.collect()), reference }, tasks_in_all)
        };
        assert_eq!(told(&[], &[], 0), (false, "0 of 0 programs verified, all as said,".to_owned()));
        assert_eq!(
            told(&[], &["8.7/x passes, and has to fail"], 1),
            (
                true,
                "hole 8.7-countdown on smol: 8.7/x passes, and has to fail\n1 of 1 programs verified, 1 not as said,".to_owned()
            )
        );
        assert_eq!(
            told(&["the reference fails"], &[], 3),
            (true, "the reference fails\n0 of 3 programs verified, all as said,".to_owned())
        );
    }
}
