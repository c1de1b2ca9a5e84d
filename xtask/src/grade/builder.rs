//! Builds submissions, one after the other and one ahead: while the checks of one run, the next is built.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TryRecvError};

use anyhow::Result;
use tempfile::TempDir;

use super::grader::Grader;
use super::roster::Student;
use super::score::Sheet;
use super::submission::Submission;
use super::took::Task;
use super::worker::{Built, Worker};

/// A submission that is being built, or is built already.
pub(crate) struct Begun<'g> {
    pub(crate) student: &'g Student,
    /// The checks to run, which come with the programs that they are for, until all is built.
    pub(crate) tasks: Receiver<Task<'g>>,
    /// What came of building, once it has ended.
    pub(crate) whole: Receiver<Result<Whole>>,
    /// Where the programs are.
    pub(crate) folder: TempDir,
    /// Dropped when nothing of another submission runs any more: it is this one's turn.
    pub(crate) waiting: Sender<Infallible>,
}

/// A submission, built.
pub(crate) struct Whole {
    /// What was laid over the template.
    pub(crate) texts: BTreeMap<PathBuf, String>,
    pub(crate) notes: Vec<String>,
    /// By crate: the programs of what is otherwise than the template.
    pub(crate) programs: BTreeMap<&'static str, PathBuf>,
    /// By crate: why there is no program.
    pub(crate) sheets: BTreeMap<&'static str, Sheet>,
}

impl<'g> Grader<'g> {
    /// Builds the submissions of `students`, and hands on each `to` who runs its checks when it begins. Ends when nobody
    /// does that any more.
    ///
    /// # Errors
    /// When there is no place for programs. Whatever goes wrong with one submission is handed on.
    pub(crate) fn build<'s>(
        &'s self,
        worker: &Worker<'_>,
        students: impl Iterator<Item = &'s Student>,
        to: &SyncSender<Begun<'s>>,
    ) -> Result<()> {
        for student in students {
            let folder = worker.place()?;
            let programs = folder.path().to_owned();
            let ((tasks, queue), (told, whole)) = (mpsc::channel(), mpsc::channel());
            let (waiting, turn) = mpsc::channel();
            if to.send(Begun { student, tasks: queue, whole, folder, waiting }).is_err() {
                break;
            }
            let built = self.build_one(worker, &student.folder, &programs, &tasks, &turn);
            // Nobody is there any more who would run its checks.
            told.send(built).ok();
        }
        Ok(())
    }

    fn build_one<'s>(
        &'s self,
        worker: &Worker<'_>,
        folder: &Path,
        to: &Path,
        tasks: &Sender<Task<'s>>,
        turn: &Receiver<Infallible>,
    ) -> Result<Whole> {
        let Submission { answers: texts, notes } = Submission::read(folder, self.template)?;
        worker.lay(&texts)?;
        let touched = self.template.crates.iter().filter(|part| {
            part.answers.iter().any(|(path, given)| texts.get(path).is_some_and(|text| text != given))
        });
        let (mut programs, mut sheets) = (BTreeMap::new(), BTreeMap::new());
        for part in touched {
            let name = part.name;
            let build = || worker.build(name, to, self.interrupt);
            match twice_if_ahead(turn, build, |built| matches!(built, Ok(Built::Program(_))))? {
                Built::Not(told) => _ = sheets.insert(name, Sheet::NotBuilt(told)),
                Built::Program(program) => {
                    for task in self.tasks(name, &program) {
                        // Nobody takes it: a check could not be run, which is told by who was to run it.
                        tasks.send(task).ok();
                    }
                    programs.insert(name, program);
                }
            }
        }
        Ok(Whole { texts, notes, programs, sheets })
    }
}

/// Tries once more what has failed before its turn, when that has come: until then programs of another submission ran
/// beside it, and may have taken what it needed.
fn twice_if_ahead<T>(
    turn: &Receiver<Infallible>,
    mut attempt: impl FnMut() -> T,
    good: impl Fn(&T) -> bool,
) -> T {
    let ahead = matches!(turn.try_recv(), Err(TryRecvError::Empty));
    let first = attempt();
    if !ahead || good(&first) {
        return first;
    }
    turn.recv().ok();
    attempt()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn what_fails_before_its_turn_is_tried_once_more_when_it_has_come() {
        let (waiting, turn) = mpsc::channel();
        let (waiting, tries) = (RefCell::new(Some(waiting)), RefCell::new(0));
        let attempt = |good: bool| {
            *tries.borrow_mut() += 1;
            good
        };
        assert!(twice_if_ahead(&turn, || attempt(true), |good| *good));
        assert_eq!(tries.take(), 1, "what is good is not tried again");
        // Its turn comes meanwhile.
        let failing = || {
            waiting.take();
            let second = *tries.borrow() > 0;
            attempt(second)
        };
        assert!(twice_if_ahead(&turn, failing, |good| *good));
        assert_eq!(tries.take(), 2);
        assert!(!twice_if_ahead(&turn, || attempt(false), |good| *good));
        assert_eq!(tries.take(), 1, "it was its turn");
    }
}
