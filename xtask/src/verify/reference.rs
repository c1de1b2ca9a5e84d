//! The reference: all of its checks pass, time and again, also when all cores are busy otherwise.

use std::fs;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use cargo_metadata::Artifact;
use kit::Implementation;
use runner::cargo::{Cargo, program};
use runner::checks::{Impls, Verdict, tally};
use runner::exercises::{Exercise, Runtime};
use runner::interrupt::Interrupt;
use runner::progress::Step;

use super::judge::why;
use super::work::All;

/// How often in a row.
const ROUNDS: usize = 20;

/// Threads that keep each core busy until this is dropped.
struct Load {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn start() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let busy = |over: Arc<AtomicBool>| {
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    spin_loop();
                }
            })
        };
        Self { threads: (0..cores).map(|_| busy(Arc::clone(&over))).collect(), over }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// Runs the checks of `crates` against the programs that are among `artifacts`, which have all `runtimes` in them. What
/// fails goes to `faults` as it is known.
///
/// # Errors
/// When checks do not run to their end, or at an interrupt.
pub(crate) fn run(
    cargo: &Cargo,
    crates: &[&'static Exercise],
    runtimes: &[&'static Runtime],
    (all, artifacts): &(All, Vec<Artifact>),
    interrupt: &Interrupt,
    faults: &mut Vec<String>,
) -> Result<()> {
    let step = Step::counted(format!("the reference, {ROUNDS} times under load"), 0);
    // What is built for the verification takes their places.
    let programs = tempfile::tempdir().context("cannot write to the folder for temporary files")?;
    let mut contestants = Vec::new();
    for of in crates {
        let copy = programs.path().join(of.name);
        let built = program(artifacts, of.name)?;
        fs::copy(&built, &copy).with_context(|| format!("cannot copy {}", built.display()))?;
        let copy = copy.to_string_lossy();
        let on = |runtime: &&Runtime| Implementation::new(runtime.name, [&copy, "--runtime", runtime.name]);
        let impls = Impls::write(cargo, of, "verify-reference", runtimes.iter().map(on).collect())?;
        contestants.push((all.get(of.name).context("checks of another crate")?, impls));
    }
    let _load = Load::start();
    let (mut passed, mut failed) = (0, 0);
    for round in 1..=ROUNDS {
        for (known, impls) in &contestants {
            let verdicts = known.checks.run_claimed(&step, impls)?;
            interrupt.check()?;
            passed += verdicts.iter().filter(|verdict| verdict.passed).count();
            for verdict in verdicts.iter().filter(|verdict| !verdict.passed) {
                failed += 1;
                let fault = fault(round, verdict);
                step.above(&format!("  {fault}"));
                faults.push(fault);
            }
        }
    }
    step.end(failed == 0, tally(passed, failed));
    Ok(())
}

fn fault(round: usize, verdict: &Verdict) -> String {
    let on = verdict.implementations.join("-");
    format!("the reference fails {}/{on} in round {round} of {ROUNDS}: {}", verdict.check, why(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_ends_when_it_is_dropped() {
        let load = Load::start();
        assert!(!load.threads.is_empty());
        let over = Arc::clone(&load.over);
        drop(load);
        assert!(over.load(Ordering::Relaxed));
        assert_eq!(Arc::strong_count(&over), 1, "each thread has gone");
    }

    #[test]
    fn a_failure_of_the_reference_is_told_with_its_round() {
        let verdict = Verdict {
            check: "8.3/lines".to_owned(),
            implementations: vec!["smol".to_owned(), "tokio".to_owned()],
            passed: false,
            failure: Some("expected x\n     got y".to_owned()),
        };
        let fault = fault(3, &verdict);
        assert_eq!(fault, "the reference fails 8.3/lines/smol-tokio in round 3 of 20: expected x; got y");
    }
}
