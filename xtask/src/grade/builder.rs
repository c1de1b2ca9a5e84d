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
            let ahead = matches!(turn.try_recv(), Err(TryRecvError::Empty));
            let mut built = worker.build(name, to, self.interrupt);
            if ahead && !matches!(built, Ok(Built::Program(_))) {
                // The programs of the submission before it may have taken what the compiler needs.
                turn.recv().ok();
                built = worker.build(name, to, self.interrupt);
            }
            match built? {
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
