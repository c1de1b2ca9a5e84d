//! What the runtimes do, whatever runs on them: the experiments of `xtask/behaviours`, each on the build with one
//! runtime alone.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use kit::{Children, Implementation, Program};
use runner::cargo::Cargo;
use runner::exercises::{RUNTIMES, Runtime};
use runner::interrupt::Interrupt;
use runner::progress::Step;
use serde::Deserialize;

use crate::build::{Profile, alone};
use crate::results::{Behaviour, Happened};

/// The package, and its program.
const PACKAGE: &str = "behaviours";

/// How long one experiment may take; the program ends itself before that.
const LIMIT: Duration = Duration::from_secs(60);

/// What the program lists.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Experiment {
    name: String,
    title: String,
    why: String,
}

/// Builds the experiments and runs each on each runtime. One that fails to run has that as its outcome.
///
/// # Errors
/// When they cannot be built or listed, and when an interrupt came.
pub(crate) fn run(cargo: &Cargo, children: &Children, interrupt: &Interrupt) -> Result<Vec<Behaviour>> {
    let happened = build(cargo, children, interrupt).and_then(|programs| try_out(&programs, interrupt));
    // What an interrupt ends has failed because of it.
    interrupt.check()?;
    happened
}

/// The program with each runtime alone.
fn build(cargo: &Cargo, children: &Children, interrupt: &Interrupt) -> Result<Vec<Program>> {
    let program = |runtime: &Runtime| {
        interrupt.check()?;
        let program = alone(cargo, PACKAGE, runtime, Profile::Release)?;
        let implementation = Implementation::new(runtime.name, [program.to_string_lossy()]);
        Ok(Program::new(implementation, children.clone()))
    };
    RUNTIMES.iter().map(program).collect()
}

/// Runs the experiments that the first of `programs` lists on all of them: these side by side, since for the most time
/// they wait, and on each one after the other.
fn try_out(programs: &[Program], interrupt: &Interrupt) -> Result<Vec<Behaviour>> {
    let experiments = listed(programs.first().context("no runtime to try out")?)?;
    let step = Step::counted("what the runtimes do", (experiments.len() * programs.len()) as u64);
    let on = |program: &Program| -> Result<Vec<Happened>> {
        let happened = |experiment: &Experiment| {
            interrupt.check()?;
            step.at(format!("{}: {}", program.name(), experiment.title));
            let happened = happened(program, &experiment.name, LIMIT);
            interrupt.check()?;
            if !happened.as_known {
                let Happened { told, .. } = &happened;
                step.above(&format!("{} is new on {}: {told}", experiment.name, program.name()));
            }
            step.advance();
            Ok(happened)
        };
        experiments.iter().map(happened).collect()
    };
    let outcomes = thread::scope(|scope| {
        let threads: Vec<_> = programs.iter().map(|program| scope.spawn(|| on(program))).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, Result<Vec<Happened>>>| {
            thread.join().map_err(|_| anyhow!("a thread panicked"))?
        };
        threads.into_iter().map(join).collect::<Result<Vec<_>>>()
    })?;
    let new = outcomes.iter().flatten().filter(|happened| !happened.as_known).count();
    let told = if new == 0 { "as known".to_owned() } else { format!("{new} outcomes are new") };
    step.end(new == 0, told);
    Ok(together(experiments, programs, &outcomes))
}

/// One behaviour for each experiment. `outcomes` has them for each program, in the order of the experiments.
fn together(
    experiments: Vec<Experiment>,
    programs: &[Program],
    outcomes: &[Vec<Happened>],
) -> Vec<Behaviour> {
    let behaviour = |(n, Experiment { name, title, why }): (usize, Experiment)| {
        let on = |(program, happened): (&Program, &Vec<Happened>)| {
            Some((program.name().to_owned(), happened.get(n)?.clone()))
        };
        let outcomes = programs.iter().zip(outcomes).filter_map(on).collect::<BTreeMap<_, _>>();
        Behaviour { name, title, why, outcomes }
    };
    experiments.into_iter().enumerate().map(behaviour).collect()
}

/// The experiments that the program has.
fn listed(program: &Program) -> Result<Vec<Experiment>> {
    let text = output(program, &["list"], LIMIT).context("cannot list the experiments")?;
    let listed: Vec<Experiment> = serde_json::from_str(&text).context("cannot list the experiments")?;
    ensure!(!listed.is_empty(), "there are no experiments");
    Ok(listed)
}

/// What happens in the experiment `name`; that it does not run is also something that happens.
fn happened(program: &Program, name: &str, limit: Duration) -> Happened {
    let run = || Ok(serde_json::from_str(&output(program, &["run", name], limit)?)?);
    run().unwrap_or_else(|error: anyhow::Error| Happened {
        told: format!("did not run: {error:#}"),
        as_known: false,
    })
}

/// What the program prints when it is run with `args`.
fn output(program: &Program, args: &[&str], limit: Duration) -> Result<String> {
    let mut running = program.start(args)?;
    let status = running.wait_for(limit)?.with_context(|| format!("no end in {limit:?}"))?;
    // The last line is the error; above it may be a panic's.
    let stderr = running.stderr();
    let error = stderr.lines().last().unwrap_or_default();
    ensure!(status.success(), "{status}{}{error}", if error.is_empty() { "" } else { ", " });
    running.rest()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that is a shell script. Its arguments are `$1`, `$2`, …
    fn script(name: &str, text: &str) -> Program {
        let implementation = Implementation::new(name, ["/bin/sh", "-c", text, "sh"]);
        Program::new(implementation, Children::default())
    }

    fn one(text: &str, limit: Duration) -> Happened {
        happened(&script("x", text), "dropped_handle", limit)
    }

    #[test]
    fn what_an_experiment_prints_is_what_happened() {
        let run = r#"test "$*" = "run dropped_handle" && echo '{"told":"cancelled","as_known":true}'"#;
        assert_eq!(one(run, LIMIT), Happened { told: "cancelled".to_owned(), as_known: true });
    }

    #[test]
    fn one_that_does_not_run_is_told_and_never_as_known() {
        let second = Duration::from_secs(1);
        for (text, limit, told) in [
            ("echo oh >&2; echo no >&2; exit 3", LIMIT, "did not run: exit status: 3, no"),
            ("kill -9 $$", LIMIT, "did not run: signal: 9 (SIGKILL)"),
            ("exec sleep 1000", second, "did not run: no end in 1s"),
            ("echo maybe", LIMIT, "did not run: expected value at line 1 column 1"),
            (r#"echo '{"told":"x"}'"#, LIMIT, "did not run: missing field `as_known`"),
        ] {
            let happened = one(text, limit);
            assert!(happened.told.starts_with(told), "{told:?} is not how {happened:?} begins");
            assert!(!happened.as_known, "{happened:?}");
        }
    }

    #[test]
    fn the_rest_goes_on_when_one_does_not_run() {
        let list = r#"test $1 = list && exec echo '[{"name":"a","title":"A","why":"W"},{"name":"b","title":"B","why":""}]';"#;
        let good = format!(r#"{list} echo "{{\"told\":\"$2 ran\",\"as_known\":true}}""#);
        let bad =
            format!(r#"{list} test $2 = a && exit 1; echo "{{\"told\":\"$2 ran\",\"as_known\":true}}""#);
        let programs = [script("good", &good), script("bad", &bad)];
        let behaviours = try_out(&programs, &Interrupt::default()).unwrap();
        assert_eq!((&*behaviours[0].name, &*behaviours[0].title, &*behaviours[0].why), ("a", "A", "W"));
        let told = |n: usize, name: &str| behaviours[n].outcomes[name].told.clone();
        assert_eq!((told(0, "good"), told(0, "bad")), ("a ran".into(), "did not run: exit status: 1".into()));
        assert_eq!((told(1, "good"), told(1, "bad")), ("b ran".into(), "b ran".into()));
    }

    #[test]
    fn an_interrupt_ends_it() {
        let list = r#"echo '[{"name":"a","title":"A","why":"W"}]'"#;
        let interrupt = Interrupt::default();
        interrupt.ask();
        let error = try_out(&[script("x", list)], &interrupt).unwrap_err();
        assert!(error.is::<common::exit::Interrupted>(), "{error:#}");
    }

    #[test]
    fn what_lists_nothing_is_an_error() {
        for (text, told) in [("echo '[]'", "there are no experiments"), ("exit 1", "cannot list")] {
            let error = format!("{:#}", listed(&script("x", text)).unwrap_err());
            assert!(error.contains(told), "{told:?} is not in {error}");
        }
    }
}
