//! In which order the checks of a program run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::exam::Question;

/// A check to run, and the program to run it against.
pub(crate) struct Task<'g> {
    pub(crate) question: Question<'g>,
    pub(crate) program: PathBuf,
}

/// How long each check took the last time, by crate and name: those that take longest begin first, so that none is
/// waited for when all others are done.
#[derive(Default)]
pub(crate) struct Took(Mutex<BTreeMap<&'static str, BTreeMap<String, f64>>>);

impl Took {
    pub(crate) fn note(&self, question: &Question<'_>, seconds: f64) {
        let mut took = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        took.entry(question.of).or_default().insert(question.check.to_owned(), seconds);
    }

    /// Those of which nothing is known stay as they are, at the end.
    pub(crate) fn longest_first(&self, tasks: &mut [Task<'_>]) {
        let took = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |Task { question, .. }: &Task<'_>| {
            took.get(question.of).and_then(|of| of.get(question.check)).copied().unwrap_or(0.0)
        };
        tasks.sort_by(|a, b| known(b).total_cmp(&known(a)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner::exercises::runtimes;

    #[test]
    fn what_takes_longest_begins_first() {
        let smol = runtimes(Some("smol"))[0];
        let question = |check| Question { of: "chat", runtime: smol, check };
        let took = Took::default();
        for (check, seconds) in [("short", 0.1), ("long", 5.0), ("long", 7.0), ("longer", 6.0)] {
            took.note(&question(check), seconds);
        }
        let new = ["new", "short", "longer", "newer", "long"].map(question);
        let mut tasks = new.map(|question| Task { question, program: PathBuf::new() });
        took.longest_first(&mut tasks);
        let order = tasks.map(|task| task.question.check);
        assert_eq!(order, ["long", "longer", "short", "new", "newer"]);
    }
}
