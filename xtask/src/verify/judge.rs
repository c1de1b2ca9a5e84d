//! Whether the checks say of a program what they have to say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Result;
use common::text::printable;
use homework::expected::Expected;
use kit::Implementation;
use runner::cargo::Cargo;
use runner::checks::{Checks, Impls, Verdict};
use runner::progress::{Step, took};

use super::plan::Task;

/// Checks that fail take no longer than that all together, or it is told: who works on the exercise waits for them.
const QUICK: Duration = Duration::from_secs(5);

/// Checks that are tried a second time at most: where more fail, it is not for want of a quiet machine.
const SECOND_TRIES: usize = 10;

/// Of what a check fails with: who wants to know more runs it.
const LINES: usize = 3;

/// What came of one program.
pub(crate) struct Judged {
    pub(crate) label: String,
    /// Checks that failed as they should, and that passed as they should.
    failed: usize,
    passed: usize,
    /// How long those took that fail.
    took: Duration,
    /// What is not as said.
    pub(crate) faults: Vec<String>,
}

impl Judged {
    /// A program of which nothing is known but this.
    pub(crate) fn fault(task: &Task<'_>, fault: String) -> Self {
        Self { label: task.label(), failed: 0, passed: 0, took: Duration::ZERO, faults: vec![fault] }
    }

    /// What came out, in a line.
    pub(crate) fn told(&self) -> String {
        let mut told = format!("{}: {} fail, {} pass", self.label, self.failed, self.passed);
        if self.took > QUICK {
            told += &format!(", slow: to fail took {}", took(self.took));
        }
        match self.faults.len() {
            0 => told,
            1 => told + ", 1 is not as said",
            n => told + &format!(", {n} are not as said"),
        }
    }
}

/// Runs `checks` against `program`, and compares with what is `expected`.
///
/// # Errors
/// When they do not run to their end.
pub(crate) fn judge(
    cargo: &Cargo,
    step: &Step,
    task: &Task<'_>,
    checks: &Checks,
    program: &str,
    expected: &Expected,
) -> Result<Judged> {
    let run = |which: &BTreeSet<String>| -> Result<Vec<Verdict>> {
        if which.is_empty() {
            return Ok(Vec::new());
        }
        let mut implementation = Implementation::new(task.runtime.name, [program]);
        implementation.claims = Some(which.iter().cloned().collect());
        let name = format!("verify-{}", task.name());
        let impls = Impls::write(cargo, task.exercise, &name, vec![implementation])?;
        let verdicts = checks.run_claimed(step, &impls);
        impls.remove();
        verdicts
    };
    let start = Instant::now();
    let mut verdicts = run(&expected.fail)?;
    let took = start.elapsed();
    let mut others = run(&expected.pass)?;
    let again: BTreeSet<String> = others.iter().filter(|v| !v.passed).map(|v| v.check.clone()).collect();
    if again.len() <= SECOND_TRIES {
        others.retain(|verdict| verdict.passed);
        others.extend(run(&again)?);
    }
    verdicts.append(&mut others);
    let (faults, failed, passed) = compared(&verdicts, expected);
    Ok(Judged { label: task.label(), failed, passed, took, faults })
}

/// What is not as expected, and how many checks fail and pass as they should.
fn compared(verdicts: &[Verdict], expected: &Expected) -> (Vec<String>, usize, usize) {
    let known: BTreeMap<&str, &Verdict> = verdicts.iter().map(|verdict| (&*verdict.check, verdict)).collect();
    let (mut faults, mut failed, mut passed) = (Vec::new(), 0, 0);
    for check in &expected.fail {
        match known.get(&**check) {
            Some(verdict) if !verdict.passed => failed += 1,
            Some(_) => faults.push(format!("{check} passes, and has to fail")),
            None => faults.push(format!("{check} has to fail, and did not run")),
        }
    }
    for check in &expected.pass {
        match known.get(&**check) {
            Some(verdict) if verdict.passed => passed += 1,
            Some(verdict) => faults.push(format!("{check} fails, and has to pass: {}", why(verdict))),
            None => faults.push(format!("{check} has to pass, and did not run")),
        }
    }
    (faults, failed, passed)
}

/// The first lines of what a check failed with.
pub(crate) fn why(verdict: &Verdict) -> String {
    let failure = verdict.failure.as_deref().unwrap_or_default();
    let lines: Vec<&str> = failure.lines().take(LINES).map(str::trim).collect();
    printable(lines.join("; ").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(check: &str, passed: bool) -> Verdict {
        let failure = (!passed).then(|| "expected a\n     got b\n  stderr of x:\n more".to_owned());
        Verdict { check: check.to_owned(), implementations: vec!["smol".to_owned()], passed, failure }
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn what_is_not_as_said_is_told() {
        let expected =
            Expected { fail: set(&["8.2/a", "8.2/b", "8.2/c"]), pass: set(&["8.7/d", "8.7/e", "8.7/f"]) };
        let verdicts = [("8.2/a", false), ("8.2/b", true), ("8.7/d", true), ("8.7/e", false)]
            .map(|(c, p)| verdict(c, p));
        let (faults, failed, passed) = compared(&verdicts, &expected);
        assert_eq!((failed, passed), (1, 1));
        assert_eq!(
            faults,
            [
                "8.2/b passes, and has to fail",
                "8.2/c has to fail, and did not run",
                "8.7/e fails, and has to pass: expected a; got b; stderr of x:",
                "8.7/f has to pass, and did not run",
            ]
        );
    }

    #[test]
    fn a_line_says_what_came_out() {
        let judged = |took, faults: &[&str]| {
            let faults = faults.iter().map(|&fault| fault.to_owned()).collect();
            Judged { label: "hole 8.2-a on smol".to_owned(), failed: 2, passed: 3, took, faults }.told()
        };
        assert_eq!(judged(Duration::ZERO, &[]), "hole 8.2-a on smol: 2 fail, 3 pass");
        assert_eq!(
            judged(QUICK * 2, &["x"]),
            "hole 8.2-a on smol: 2 fail, 3 pass, slow: to fail took 10.0 s, 1 is not as said"
        );
        assert!(judged(QUICK, &["x", "y"]).ends_with("pass, 2 are not as said"));
    }
}
