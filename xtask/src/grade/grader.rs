//! One submission, from its folder to its result: what is otherwise than the template is built, and while one crate is
//! built the checks of those before it run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use common::exit::Interrupted;
use common::text::printable;
use runner::interrupt::Interrupt;

use super::exam::{Answer, Exam, Question};
use super::result::{Graded, SCHEMA};
use super::roster::Student;
use super::sandbox::Sandbox;
use super::score::{Sheet, round, score};
use super::submission::Submission;
use super::template::Template;
use super::unwritten::Unwritten;
use super::worker::{Built, Worker};

/// How long checks that have failed beside others are tried once more, with fewer beside them.
const AGAIN: Duration = Duration::from_secs(30);
const AGAIN_AT_A_TIME: usize = 2;

/// What a check says at once whose program comes to what is still to be written.
const NOT_YET: &str = "not yet implemented";

/// What all submissions are graded with.
pub(crate) struct Grader<'g> {
    pub(crate) template: &'g Template,
    pub(crate) exam: &'g Exam,
    pub(crate) sandbox: &'g Sandbox,
    pub(crate) interrupt: &'g Interrupt,
    /// Checks that run at a time: they wait far more than they compute.
    pub(crate) at_a_time: usize,
    pub(crate) took: Took,
}

/// How long each check took the last time, by crate and name: those that take longest begin first, so that none is
/// waited for when all others are done.
#[derive(Default)]
pub(crate) struct Took(Mutex<BTreeMap<&'static str, BTreeMap<String, f64>>>);

impl Took {
    fn note(&self, question: &Question<'_>, seconds: f64) {
        let mut took = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        took.entry(question.of).or_default().insert(question.check.to_owned(), seconds);
    }

    /// Those of which nothing is known stay as they are, at the end.
    fn longest_first(&self, tasks: &mut [Task<'_>]) {
        let took = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |Task { question, .. }: &Task<'_>| {
            took.get(question.of).and_then(|of| of.get(question.check)).copied().unwrap_or(0.0)
        };
        tasks.sort_by(|a, b| known(b).total_cmp(&known(a)));
    }
}

/// A check to run, and the program to run it against.
struct Task<'g> {
    question: Question<'g>,
    program: PathBuf,
}

type Answers = BTreeMap<&'static str, BTreeMap<(&'static str, String), Answer>>;

impl Grader<'_> {
    /// Grades the submission of `student`.
    ///
    /// # Errors
    /// When the user has asked for an end. What goes wrong otherwise by no fault of the submission is in the result.
    pub(crate) fn grade(&self, worker: &Worker<'_>, student: &Student) -> Result<Graded> {
        let (began, start) = (SystemTime::now(), Instant::now());
        let mut notes = Vec::new();
        let (sheets, infra) = match self.examine(worker, &student.folder, &mut notes) {
            Ok(sheets) => (sheets, None),
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => (BTreeMap::new(), Some(printable(format!("{error:#}").as_bytes()))),
        };
        Ok(Graded {
            schema: SCHEMA,
            student: student.name.clone(),
            template: self.template.hash.clone(),
            isolation: self.sandbox.isolation,
            started: humantime::format_rfc3339_seconds(began).to_string(),
            seconds: round(start.elapsed().as_secs_f64()),
            exercises: score(self.template, self.exam, &sheets),
            notes,
            infra,
        })
    }

    fn examine(
        &self,
        worker: &Worker<'_>,
        folder: &Path,
        notes: &mut Vec<String>,
    ) -> Result<BTreeMap<&'static str, Sheet>> {
        let Submission { answers: texts, notes: told } = Submission::read(folder, self.template)?;
        notes.extend(told);
        worker.lay(&texts)?;
        let touched = self.template.crates.iter().filter(|part| {
            part.answers.iter().any(|(path, given)| texts.get(path).is_some_and(|text| text != given))
        });
        let touched: Vec<&'static str> = touched.map(|part| part.name).collect();

        let (tasks, queue) = mpsc::channel();
        let mut programs = BTreeMap::new();
        let mut sheets = BTreeMap::new();
        let mut answers = thread::scope(|scope| -> Result<Answers> {
            let answering = scope.spawn(|| self.answers(queue, self.at_a_time));
            for name in touched {
                match worker.build(name, self.interrupt)? {
                    Built::Not(told) => _ = sheets.insert(name, Sheet::NotBuilt(told)),
                    Built::Program(program) => {
                        for task in self.tasks(name, &program) {
                            // Nobody takes it: a check could not be run, which is told below.
                            tasks.send(task).ok();
                        }
                        programs.insert(name, program);
                    }
                }
            }
            drop(tasks);
            answering.join().map_err(|_| anyhow::anyhow!("a thread has panicked"))?
        })?;
        self.again(&programs, &texts, &mut answers)?;
        sheets
            .extend(programs.keys().map(|of| (*of, Sheet::Answers(answers.remove(of).unwrap_or_default()))));
        Ok(sheets)
    }

    /// All checks of the crate `of` on each runtime, against its `program`.
    fn tasks<'q>(&'q self, of: &'static str, program: &Path) -> Vec<Task<'q>> {
        let all = self.template.runtimes.iter().flat_map(|runtime| {
            let checks = self.exam.names(of).iter();
            checks.map(move |check| Question { of, runtime, check })
        });
        let mut tasks: Vec<_> = all.map(|question| Task { question, program: program.to_owned() }).collect();
        self.took.longest_first(&mut tasks);
        tasks
    }

    /// What has failed and may not have, with more time: nothing that was to be written for it is missing.
    fn failed(
        &self,
        programs: &BTreeMap<&'static str, PathBuf>,
        texts: &BTreeMap<PathBuf, String>,
        answers: &Answers,
    ) -> Vec<Task<'_>> {
        let mut failed = Vec::new();
        for part in &self.template.crates {
            let Some(program) = programs.get(part.name) else { continue };
            let unwritten = Unwritten::find(self.template, part, texts, self.exam.names(part.name));
            let all = self.tasks(part.name, program);
            let count = all.len();
            let own = all.into_iter().filter(|Task { question: Question { of, runtime, check }, .. }| {
                let answer = answers.get(of).and_then(|of| of.get(&(runtime.name, (*check).to_owned())));
                let failure = answer.and_then(|answer| answer.failure.as_deref());
                let is_late = |failure: &str| !failure.starts_with(NOT_YET);
                failure.is_some_and(is_late) && !unwritten.fails(runtime.name, check)
            });
            let own: Vec<Task<'_>> = own.collect();
            // Where most have failed it is not for want of time.
            if own.len() * 2 <= count {
                failed.extend(own);
            }
        }
        failed
    }

    /// Runs the tasks as they come, some at a time, until no more do.
    fn answers(&self, queue: Receiver<Task<'_>>, at_a_time: usize) -> Result<Answers> {
        let (queue, answers) = (Mutex::new(queue), Mutex::new(Answers::new()));
        let (stop, first) = (AtomicBool::new(false), Mutex::new(None));
        let work = || {
            loop {
                let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(Task { question, program }) = task else { return };
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                match self.exam.ask(&question, &program, self.sandbox, self.interrupt) {
                    Ok(answer) => {
                        self.took.note(&question, answer.seconds);
                        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                        let of = answers.entry(question.of).or_default();
                        of.insert((question.runtime.name, question.check.to_owned()), answer);
                    }
                    Err(error) => {
                        stop.store(true, Ordering::Relaxed);
                        first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..at_a_time {
                scope.spawn(work);
            }
        });
        match first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(answers.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Tries checks that failed once more, for a while: what else ran beside them must not decide.
    fn again(
        &self,
        programs: &BTreeMap<&'static str, PathBuf>,
        texts: &BTreeMap<PathBuf, String>,
        answers: &mut Answers,
    ) -> Result<()> {
        let failed = self.failed(programs, texts, answers);
        let (start, next) = (Instant::now(), AtomicUsize::new(0));
        let work = || -> Result<Vec<(&Question<'_>, Answer)>> {
            let mut second = Vec::new();
            while start.elapsed() < AGAIN {
                let Some(task) = failed.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let answer = self.exam.ask(&task.question, &task.program, self.sandbox, self.interrupt)?;
                second.push((&task.question, answer));
            }
            Ok(second)
        };
        let second: Result<Vec<_>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..AGAIN_AT_A_TIME).map(|_| scope.spawn(work)).collect();
            workers.into_iter().map(|worker| worker.join().ok().context("a thread has panicked")?).collect()
        });
        for (question, answer) in second?.into_iter().flatten().filter(|(_, answer)| answer.passed) {
            let of = answers.entry(question.of).or_default();
            of.insert((question.runtime.name, question.check.to_owned()), answer);
        }
        Ok(())
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
