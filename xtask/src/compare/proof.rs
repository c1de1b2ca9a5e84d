//! The cross-tests: a number says nothing of a program that is wrong. What was proved of a program holds for as long
//! as it and the checks stay the same, byte for byte; then the verdicts of the last time are taken.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result};
use cargo_metadata::Artifact;
use runner::cargo::Cargo;
use runner::checks::{self, Checks, Impls, Verdict, tally};
use runner::exercises::EXERCISES;
use runner::interrupt::Interrupt;
use runner::progress::Step;
use serde::{Deserialize, Serialize};

use super::contestants::Entry;

/// Exercises whose checks run at a time: they wait for most of their time.
const AT_A_TIME: usize = 2;

/// Checks that are tried a second time at most: where more fail, it is not for want of a quiet machine.
const SECOND_TRIES: usize = 10;

/// Proofs of an exercise that are kept: with and without programs from elsewhere, and with the checks built by themselves
/// or with all others.
const KEPT: usize = 4;

/// What was proved, and when.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Proof {
    /// Of what: a digest of the checks and of each program.
    subject: u64,
    /// RFC 3339, UTC.
    pub(crate) date: String,
    pub(crate) verdicts: Vec<Verdict>,
}

/// Runs the checks on everything that is compared, in the order of `entries`; `again` also where nothing has changed.
///
/// # Errors
/// When the checks cannot be built or do not run to their end.
pub(crate) fn prove(
    cargo: &Cargo,
    entries: &[Entry],
    again: bool,
    interrupt: &Interrupt,
) -> Result<Vec<Proof>> {
    let artifacts = build(cargo, entries)?;
    interrupt.check()?;
    let subjects =
        entries.iter().map(|entry| subject(cargo, entry, &artifacts)).collect::<Result<Vec<_>>>()?;
    let step = Step::counted("cross-test", 0);
    let mut proofs: Vec<Option<Proof>> = Vec::new();
    for (entry, subject) in entries.iter().zip(&subjects) {
        let known = known(&place(cargo, entry), *subject).filter(|_| !again);
        proofs.push(known);
    }
    let waiting = Mutex::new((0..entries.len()).filter(|&n| proofs[n].is_none()).collect::<Vec<_>>());
    let next = || waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
    let known = proofs.iter().flatten().map(|proof| proof.verdicts.len()).sum::<usize>();
    let fresh = thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some(n) = next() {
                let verdicts = run(cargo, &entries[n], &artifacts, &step, None);
                done.push((n, verdicts));
            }
            done
        };
        let fixed = entries.iter().flat_map(|entry| &entry.contestants).any(|c| c.address().is_some());
        // Programs that always listen at the same address may meet there.
        let workers: Vec<_> = (0..if fixed { 1 } else { AT_A_TIME }).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    interrupt.check()?;
    for (n, verdicts) in fresh {
        let mut verdicts = verdicts?;
        second_try(cargo, &entries[n], &artifacts, &step, &mut verdicts)?;
        interrupt.check()?;
        let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let proof = Proof { subject: subjects[n], date, verdicts };
        keep(&place(cargo, &entries[n]), &proof)?;
        proofs[n] = Some(proof);
    }
    let all = proofs.iter().flatten().flat_map(|proof| &proof.verdicts);
    let (passed, failed): (Vec<_>, Vec<_>) = all.partition(|verdict| verdict.passed);
    let mut told = tally(passed.len(), failed.len());
    if known > 0 {
        told += &format!(", {known} of them before, on the same programs (--retest runs them again)");
    }
    step.end(failed.is_empty(), told);
    proofs.into_iter().map(|proof| proof.context("an exercise was not cross-tested")).collect()
}

fn build(cargo: &Cargo, entries: &[Entry]) -> Result<Vec<Artifact>> {
    let step = Step::new("build the checks");
    let mut args = vec!["test", "--no-run", "--test", checks::TARGET];
    if entries.len() == EXERCISES.len() {
        // As `cargo xtask test` builds them: features are those that all packages ask for together.
        args.push("--workspace");
    } else {
        args.extend(entries.iter().flat_map(|entry| ["-p", entry.exercise.name]));
    }
    let artifacts = cargo.build(&step, &args)?;
    step.done("");
    Ok(artifacts)
}

fn run(
    cargo: &Cargo,
    entry: &Entry,
    artifacts: &[Artifact],
    step: &Step,
    filter: Option<&str>,
) -> Result<Vec<Verdict>> {
    let list = entry.contestants.iter().map(|c| c.implementation.clone()).collect();
    let impls = Impls::write(cargo, entry.exercise, "compare", list)?;
    Checks::find(cargo, entry.exercise, artifacts)?.run(step, &impls, filter)
}

/// Runs what has failed beside other checks again, with the machine for itself: that counts.
fn second_try(
    cargo: &Cargo,
    entry: &Entry,
    artifacts: &[Artifact],
    step: &Step,
    verdicts: &mut [Verdict],
) -> Result<()> {
    let failed: BTreeSet<String> =
        verdicts.iter().filter(|verdict| !verdict.passed).map(|verdict| verdict.check.clone()).collect();
    if failed.len() > SECOND_TRIES {
        return Ok(());
    }
    for check in failed {
        step.above(&format!("  once more, alone: {check}"));
        // On every implementation: a filter is a part of a name, and may find others too.
        for verdict in run(cargo, entry, artifacts, step, Some(&check))? {
            let same = |known: &&mut Verdict| {
                known.check == check
                    && known.check == verdict.check
                    && known.implementations == verdict.implementations
            };
            if let Some(known) = verdicts.iter_mut().find(same) {
                *known = verdict;
            }
        }
    }
    Ok(())
}

/// A digest of the checks of an exercise and of the programs that they are about. It has no adversary: who wants to fool
/// it can as well write the file that it is kept in.
fn subject(cargo: &Cargo, entry: &Entry, artifacts: &[Artifact]) -> Result<u64> {
    let mut digest = DefaultHasher::new();
    let checks = Checks::find(cargo, entry.exercise, artifacts)?;
    file(checks.executable(), &mut digest)?;
    for contestant in &entry.contestants {
        let implementation = &contestant.implementation;
        toml::to_string(implementation)?.hash(&mut digest);
        let commands = implementation.commands.values().map(|subcommand| &subcommand.command);
        for part in commands.chain([&implementation.command]).flatten() {
            // Scripts are arguments of what runs them.
            if Path::new(part).is_file() {
                file(Path::new(part), &mut digest)?;
            }
        }
    }
    Ok(digest.finish())
}

fn file(path: &Path, digest: &mut DefaultHasher) -> Result<()> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))?.hash(digest);
    Ok(())
}

fn place(cargo: &Cargo, entry: &Entry) -> PathBuf {
    Impls::place(cargo, entry.exercise, "compare").with_file_name("proofs.json")
}

/// What was proved of this subject before.
fn known(file: &Path, subject: u64) -> Option<Proof> {
    kept(file).into_iter().find(|proof| proof.subject == subject)
}

/// The last proofs of an exercise, the latest first.
fn kept(file: &Path) -> Vec<Proof> {
    // A file of another version, or half of one, says nothing.
    fs::read(file).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
}

/// Keeps a proof in which nothing failed: what failed is tried again.
fn keep(file: &Path, proof: &Proof) -> Result<()> {
    if proof.verdicts.iter().any(|verdict| !verdict.passed) {
        return Ok(());
    }
    let mut proofs = kept(file);
    proofs.retain(|known| known.subject != proof.subject);
    proofs.insert(0, proof.clone());
    proofs.truncate(KEPT);
    let json = serde_json::to_string(&proofs)?;
    fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_proved_is_known_again_for_the_same_subject_alone() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let place = dir.path().join("proofs.json");
        let verdict = |passed| Verdict {
            check: "8.2/line_at_once".to_owned(),
            implementations: vec!["smol".to_owned()],
            passed,
            failure: None,
        };
        let proof = |subject, date: &str, passed| Proof {
            subject,
            date: date.to_owned(),
            verdicts: vec![verdict(passed)],
        };
        let date = |subject| known(&place, subject).map(|proof| proof.date);
        keep(&place, &proof(7, "never", false))?;
        assert_eq!(date(7), None, "a failure is tried again");
        keep(&place, &proof(7, "then", true))?;
        keep(&place, &proof(7, "later", true))?;
        keep(&place, &proof(8, "other", true))?;
        assert_eq!((date(7).as_deref(), date(8).as_deref(), date(9)), (Some("later"), Some("other"), None));
        for subject in 10..10 + KEPT as u64 {
            keep(&place, &proof(subject, "more", true))?;
        }
        assert_eq!((date(7), kept(&place).len()), (None, KEPT));
        fs::write(&place, "{")?;
        assert_eq!(date(10), None);
        Ok(())
    }
}
