//! The checks of one submission, from its programs to its result. They run as soon as the program is there that they are
//! for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use common::exit::Interrupted;
use common::text::printable;
use runner::interrupt::Interrupt;

use super::builder::{Begun, Whole};
use super::exam::{Answer, Exam, Question};
use super::result::{Graded, SCHEMA};
use super::sandbox::Sandbox;
use super::score::{Sheet, round, score};
use super::template::Template;
use super::took::{Task, Took};
use super::unwritten::Unwritten;

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

type Answers = BTreeMap<&'static str, BTreeMap<(&'static str, String), Answer>>;

impl Grader<'_> {
    /// Runs the checks of a submission, which may still be built meanwhile.
    ///
    /// # Errors
    /// When the user has asked for an end. What goes wrong otherwise by no fault of the submission is in the result.
    pub(crate) fn grade(&self, begun: Begun<'_>) -> Result<Graded> {
        let (began, start) = (SystemTime::now(), Instant::now());
        let student = begun.student.name.clone();
        let (sheets, notes, infra) = match self.examine(begun) {
            Ok((sheets, notes)) => (sheets, notes, None),
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => (BTreeMap::new(), Vec::new(), Some(printable(format!("{error:#}").as_bytes()))),
        };
        Ok(Graded {
            schema: SCHEMA,
            student,
            template: self.template.hash.clone(),
            isolation: self.sandbox.isolation,
            started: humantime::format_rfc3339_seconds(began).to_string(),
            seconds: round(start.elapsed().as_secs_f64()),
            exercises: score(self.template, self.exam, &sheets),
            notes,
            infra,
        })
    }

    /// What came of each crate, and notes about the submission.
    fn examine(&self, begun: Begun<'_>) -> Result<(BTreeMap<&'static str, Sheet>, Vec<String>)> {
        let Begun { tasks, whole, waiting, folder: _folder, .. } = begun;
        drop(waiting);
        let mut answers = self.answers(tasks, self.at_a_time)?;
        let whole = whole.recv().context("a thread has panicked")??;
        self.again(&whole, &mut answers)?;
        let Whole { mut sheets, programs, notes, .. } = whole;
        sheets
            .extend(programs.keys().map(|of| (*of, Sheet::Answers(answers.remove(of).unwrap_or_default()))));
        Ok((sheets, notes))
    }

    /// All checks of the crate `of` on each runtime, against its `program`.
    pub(crate) fn tasks<'q>(&'q self, of: &'static str, program: &Path) -> Vec<Task<'q>> {
        let all = self.template.runtimes.iter().flat_map(|runtime| {
            let checks = self.exam.names(of).iter();
            checks.map(move |check| Question { of, runtime, check })
        });
        let mut tasks: Vec<_> = all.map(|question| Task { question, program: program.to_owned() }).collect();
        self.took.longest_first(&mut tasks);
        tasks
    }

    /// What has failed and may not have, with more time: nothing that was to be written for it is missing.
    fn failed(&self, Whole { programs, texts, .. }: &Whole, answers: &Answers) -> Vec<Task<'_>> {
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
    fn again(&self, whole: &Whole, answers: &mut Answers) -> Result<()> {
        let failed = self.failed(whole, answers);
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
