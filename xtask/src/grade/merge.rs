//! `cargo xtask grade merge`: the results of several machines as those of one class.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use runner::cargo::Cargo;
use runner::progress::{say, tell};

use super::export::{self, text};
use super::result::Graded;
use super::store::{self, Found};
use super::table;
use crate::{Outcome, report};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What `cargo xtask grade … --out DIR` has written, on each machine
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<PathBuf>,

    /// Where the class is written: results/, grades.csv
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The submissions, a folder each: who is without a result is told
    #[arg(long, value_name = "DIR")]
    submissions: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    for dir in &args.dirs {
        ensure!(dir.is_dir(), "{} is no folder", dir.display());
    }
    // A machine that had nobody to grade has left an empty folder, or none.
    let mut dirs = args.dirs.clone();
    dirs.retain(|dir| store::within(dir).is_ok_and(|files| !files.is_empty()));
    ensure!(!dirs.is_empty(), "there are no results (*.json) in any of these folders");
    let class = fold(store::all(&dirs)?)?;
    let students: BTreeSet<&str> = class.iter().map(|found| &*found.graded.student).collect();
    foreign(&args.out, &students)?;
    for found in &class {
        found.graded.save(&args.out)?;
    }
    let graded = || class.iter().map(|found| &found.graded);
    let grades = args.out.join("grades.csv");
    report::write(&grades, &export::csv(graded())?)?;
    say(table::render(graded()))?;
    say(format!("\n{}", cargo.shown(&grades)))?;
    let missing = args.submissions.as_deref().map(|dir| missing(dir, &students)).transpose()?;
    let missing = missing.unwrap_or_default();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|name| text::line(name, 80)).collect();
        tell(&format!("without a result: {}", names.join(", ")));
    }
    let whole = missing.is_empty() && graded().all(|graded| graded.infra.is_none());
    Ok(if whole { Outcome::Good } else { Outcome::Infra })
}

/// One result for each student: where a machine had a fault, another's counts.
fn fold(found: Vec<Found>) -> Result<Vec<Found>> {
    let mut class: Vec<Found> = Vec::new();
    for next in found {
        if let Some(first) = class.first() {
            ensure!(
                first.graded.template == next.graded.template,
                "they were graded with different templates: {} with {}, {} with {}; grade all with the same one",
                first.file.display(),
                text::line(&first.graded.template, 80),
                next.file.display(),
                text::line(&next.graded.template, 80)
            );
        }
        match class.last_mut().filter(|last| last.graded.student == next.graded.student) {
            None => class.push(next),
            Some(last) if last.graded.infra.is_some() => *last = next,
            Some(last) if next.graded.infra.is_some() || alike(&last.graded, &next.graded) => {}
            Some(last) => bail!(
                "{} has two results that differ: {} and {}; remove the one that does not count",
                text::line(&next.graded.student, 80),
                last.file.display(),
                next.file.display()
            ),
        }
    }
    Ok(class)
}

/// Whether both say the same of what was handed in; how long it took may differ.
fn alike(a: &Graded, b: &Graded) -> bool {
    let (a, b) = (&a.exercises, &b.exercises);
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let verdicts = |e: &super::result::Exercise| -> Vec<(String, bool)> {
                e.checks.iter().map(|check| (check.name.clone(), check.passed)).collect()
            };
            (&a.id, &a.runtime, a.points, a.not_built.is_some())
                == (&b.id, &b.runtime, b.points, b.not_built.is_some())
                && a.earned == b.earned
                && verdicts(a) == verdicts(b)
        })
}

/// Holds when `out` has no results of others than `students`: they would seem to be of this class.
fn foreign(out: &Path, students: &BTreeSet<&str>) -> Result<()> {
    if !out.join(store::DIR).is_dir() {
        return Ok(());
    }
    for file in store::within(out)? {
        let student = file.file_stem().and_then(|stem| stem.to_str());
        ensure!(
            student.is_some_and(|student| students.contains(student)),
            "{} is there already, and of nobody in this class; take another --out",
            file.display()
        );
    }
    Ok(())
}

/// The folders in `submissions` that are of none of the `students`.
fn missing(submissions: &Path, students: &BTreeSet<&str>) -> Result<Vec<String>> {
    let at = || format!("cannot read {}", submissions.display());
    let mut missing = Vec::new();
    for entry in fs::read_dir(submissions).with_context(at)? {
        let entry = entry.with_context(at)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // As a shell's `*/` has it.
        if entry.path().is_dir() && !name.starts_with('.') && !students.contains(&*name) {
            missing.push(name);
        }
    }
    missing.sort();
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::tests::sample;

    fn found(file: &str, graded: Graded) -> Found {
        Found { file: file.into(), graded }
    }

    fn infra(student: &str) -> Graded {
        Graded { infra: Some("the disk is full".to_owned()), exercises: Vec::new(), ..sample(student) }
    }

    #[test]
    fn a_fault_gives_way_to_a_result() {
        let students = [
            found("1/alice", infra("alice")),
            found("2/alice", sample("alice")),
            found("1/bob", sample("bob")),
            found("2/bob", infra("bob")),
            found("1/eve", infra("eve")),
            found("2/eve", infra("eve")),
        ];
        let class = fold(students.into()).unwrap();
        let files: Vec<&str> = class.iter().filter_map(|found| found.file.to_str()).collect();
        assert_eq!(files, ["2/alice", "1/bob", "2/eve"]);
    }

    #[test]
    fn results_that_differ_are_named() {
        let mut again = sample("alice");
        again.seconds = 99.0;
        again.exercises[0].checks[0].seconds = 9.0;
        assert_eq!(fold(vec![found("1", sample("alice")), found("2", again.clone())]).unwrap().len(), 1);
        again.exercises[2].checks[0].passed = true;
        let error = fold(vec![found("1", sample("alice")), found("2", again)]).unwrap_err().to_string();
        assert!(error.contains("alice") && error.contains(": 1 and 2;"), "{error}");
    }

    #[test]
    fn one_template_for_all() {
        let other = Graded { template: "another".to_owned(), ..sample("bob") };
        let error = fold(vec![found("1", sample("alice")), found("2", other)]).unwrap_err().to_string();
        assert!(error.contains("1 with sha256:0123, 2 with another"), "{error}");
    }

    #[test]
    fn the_class_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        sample("alice").save(&at("1")).unwrap();
        infra("bob").save(&at("2")).unwrap();
        for name in ["in/alice", "in/bob", "in/carol", "in/.git", "3"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::write(at("in/README"), "").unwrap();
        let cargo = Cargo::load().unwrap();
        let args = |dirs: &[&str]| Args {
            dirs: dirs.iter().map(|name| at(name)).collect(),
            out: at("out"),
            submissions: Some(at("in")),
        };
        assert!(run(&cargo, &args(&["1", "2", "3"])).unwrap() == Outcome::Infra);
        let csv = fs::read_to_string(at("out/grades.csv")).unwrap();
        assert_eq!(csv.lines().nth(1), Some("alice,13.33,25,10,0,3.33"));
        assert_eq!(csv.lines().nth(2), Some("bob,,,,,"));
        let students = BTreeSet::from(["alice", "bob"]);
        assert_eq!(missing(&at("in"), &students).unwrap(), ["carol"]);
        sample("bob").save(&at("2")).unwrap();
        fs::remove_dir(at("in/carol")).unwrap();
        assert!(run(&cargo, &args(&["1", "2"])).unwrap() == Outcome::Good);
        let error = run(&cargo, &args(&["2"])).unwrap_err().to_string();
        assert!(error.contains("alice.json"), "{error}");
        assert!(run(&cargo, &args(&["3"])).is_err() && run(&cargo, &args(&["none"])).is_err());
    }
}
