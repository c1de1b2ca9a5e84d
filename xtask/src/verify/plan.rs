//! What is verified: programs that are the reference but for one hole, or for one mistake.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Context, Result};
use homework::assignment::Assignment;
use homework::expected::Expected;
use homework::file::{Assignments, FILE};
use homework::wrong::Wrong;
use homework::{Homework, Texts};
use runner::cargo::Cargo;
use runner::exercises::{EXERCISES, Exercise, Runtime};

/// One program.
pub(crate) struct Task<'h> {
    /// The crate that it is of.
    pub(crate) exercise: &'static Exercise,
    /// The one that it is built for.
    pub(crate) runtime: &'static Runtime,
    what: What<'h>,
}

/// What is not as in the reference.
#[derive(Clone, Copy)]
enum What<'h> {
    Empty(&'h Assignment, &'h str),
    Wrong(&'h Wrong),
}

impl What<'_> {
    fn is_for(self, runtime: &Runtime) -> bool {
        match self {
            Self::Empty(..) => true,
            Self::Wrong(wrong) => wrong.runtimes.iter().any(|name| name == runtime.name),
        }
    }
}

impl Task<'_> {
    /// What it is, for people.
    pub(crate) fn label(&self) -> String {
        let runtime = self.runtime.name;
        match self.what {
            What::Empty(_, name) => format!("hole {name} on {runtime}"),
            What::Wrong(wrong) => format!("wrong {} on {runtime}", wrong.name),
        }
    }

    /// A name for its files.
    pub(crate) fn name(&self) -> &str {
        match self.what {
            What::Empty(_, name) => name,
            What::Wrong(wrong) => &wrong.name,
        }
    }

    /// The holes that it changes.
    pub(crate) fn holes(&self) -> BTreeSet<&str> {
        match self.what {
            What::Empty(_, name) => BTreeSet::from([name]),
            What::Wrong(wrong) => wrong.names(),
        }
    }

    /// What stands in one of these.
    pub(crate) fn body(&self, name: &str) -> Option<String> {
        match self.what {
            What::Empty(one, hole) if hole == name => one.replacement(name, self.runtime.name),
            What::Empty(..) => None,
            What::Wrong(wrong) => wrong.body(name, self.runtime.name),
        }
    }

    /// What the `checks` of its crate have to say of it.
    pub(crate) fn expected(&self, homework: &Homework, checks: &BTreeSet<String>) -> Expected {
        match self.what {
            What::Empty(one, name) => homework.expected(&one.id, name, checks),
            What::Wrong(wrong) => {
                let fail = wrong.fails.iter().cloned().collect::<BTreeSet<_>>();
                let known = |check: &&String| !fail.contains(*check) && !wrong.may_fail.contains(check);
                Expected { pass: checks.iter().filter(known).cloned().collect(), fail }
            }
        }
    }
}

/// Each hole and each wrong program of the exercises `ids`, or of all if there are none, on each of `runtimes`.
pub(crate) fn all<'h>(
    homework: &'h Homework,
    ids: &[String],
    runtimes: &[&'static Runtime],
) -> Vec<Task<'h>> {
    let chosen = |id: &str| ids.is_empty() || ids.iter().any(|one| one == id);
    let mut tasks = Vec::new();
    for (exercise, of) in EXERCISES.iter().zip(homework.crates()) {
        for &runtime in runtimes {
            let whats = empties(of, chosen).chain(wrongs(homework, of, chosen));
            let here = whats.filter(|what| what.is_for(runtime));
            tasks.extend(here.map(|what| Task { exercise, runtime, what }));
        }
    }
    tasks
}

/// Crates in a sample: what there is time for in CI, where building them costs more than the checks.
const SAMPLED: usize = 3;

/// For some crates one of [`all`]. Which crates and which one follows from their sources alone.
pub(crate) fn sample<'h>(
    cargo: &Cargo,
    homework: &'h Homework,
    runtimes: &[&'static Runtime],
) -> Result<Vec<Task<'h>>> {
    let mut tasks = all(homework, &[], runtimes);
    let digests = EXERCISES.iter().map(|exercise| Ok((digest(cargo, exercise)?, exercise.name)));
    let mut digests = digests.collect::<Result<Vec<_>>>()?;
    digests.sort_unstable();
    digests.truncate(SAMPLED);
    let sample = digests.into_iter().filter_map(|(digest, name)| {
        pick(tasks.extract_if(.., |task| task.exercise.name == name).collect(), digest)
    });
    Ok(sample.collect())
}

/// The crates that `tasks` are of, each once.
pub(crate) fn crates(tasks: &[Task<'_>]) -> Vec<&'static Exercise> {
    let of_one = |exercise: &&Exercise| tasks.iter().any(|task| task.exercise.name == exercise.name);
    EXERCISES.iter().filter(of_one).collect()
}

fn empties(of: &Assignments, chosen: impl Fn(&str) -> bool) -> impl Iterator<Item = What<'_>> {
    let list = of.list.iter().filter(move |one| chosen(&one.id));
    list.flat_map(|one| one.holes.iter().map(move |name| What::Empty(one, name)))
}

fn wrongs<'h>(
    homework: &'h Homework,
    of: &'h Assignments,
    chosen: impl Fn(&str) -> bool,
) -> impl Iterator<Item = What<'h>> {
    let of_it = |wrong: &&Wrong| of.list.iter().any(|one| one.id == wrong.exercise);
    let wrongs = homework.wrong().iter().filter(of_it);
    wrongs.filter(move |wrong| chosen(&wrong.exercise)).map(What::Wrong)
}

fn pick<T>(mut from: Vec<T>, digest: u64) -> Option<T> {
    let n = usize::try_from(digest % u64::try_from(from.len()).ok().filter(|&n| n > 0)?).ok()?;
    Some(from.swap_remove(n))
}

/// Another number for other sources.
fn digest(cargo: &Cargo, exercise: &Exercise) -> Result<u64> {
    let texts = Texts::read(cargo.root(), exercise.name)?;
    let assignments = cargo.root().join(exercise.name).join(FILE);
    let assignments = fs::read_to_string(&assignments)
        .with_context(|| format!("cannot read {}", cargo.shown(&assignments)))?;
    let mut digest = DefaultHasher::new();
    texts.shared.hash(&mut digest);
    texts.runtimes.iter().for_each(|(_, files)| files.hash(&mut digest));
    assignments.hash(&mut digest);
    Ok(digest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner::exercises::runtimes;

    fn labels(tasks: &[Task<'_>]) -> Vec<String> {
        tasks.iter().map(Task::label).collect()
    }

    #[test]
    fn all_is_each_hole_on_each_runtime() -> Result<()> {
        let cargo = Cargo::load()?;
        let homework = Homework::read(cargo.root())?;
        let tasks = all(&homework, &["8.7".to_owned()], &runtimes(None));
        let labels = labels(&tasks);
        for runtime in ["tokio", "async-std", "smol"] {
            let name = format!("hole 8.7-countdown on {runtime}");
            assert_eq!(labels.iter().filter(|label| **label == name).count(), 1, "{labels:?}");
        }
        assert_eq!(crates(&tasks).iter().map(|exercise| exercise.name).collect::<Vec<_>>(), ["clock"]);
        Ok(())
    }

    #[test]
    fn a_sample_is_of_some_crates_and_always_the_same() -> Result<()> {
        let cargo = Cargo::load()?;
        let homework = Homework::read(cargo.root())?;
        let tasks = sample(&cargo, &homework, &runtimes(None))?;
        assert_eq!((crates(&tasks).len(), tasks.len()), (SAMPLED, SAMPLED));
        assert_eq!(labels(&tasks), labels(&sample(&cargo, &homework, &runtimes(None))?));
        let smol = sample(&cargo, &homework, &runtimes(Some("smol")))?;
        assert!(smol.iter().all(|task| task.runtime.name == "smol"));
        Ok(())
    }
}
