//! `cargo xtask grade DIR…`: the submissions of a class.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::{Context, Result, bail};
use common::exit::Interrupted;
use kit::Children;
use runner::cargo::Cargo;
use runner::exercises::RUNTIMES;
use runner::interrupt::Interrupt;
use runner::progress::{Step, say, tell};

use super::exam::Exam;
use super::export::{self, text};
use super::grader::Grader;
use super::result::{Graded, Isolation};
use super::roster::{self, Shard, Student};
use super::sandbox::{self, Sandbox};
use super::store::{self, shown};
use super::table;
use super::template::Template;
use super::took::Took;
use super::toolchain::Toolchain;
use super::worker::Worker;
use crate::{Outcome, handout, report};

/// Checks that run at a time, for each core: they wait far more than they compute.
const CHECKS_A_CORE: usize = 8;

#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// The submissions, a folder each: its name is the student's
    #[arg(value_name = "DIR", required = true)]
    submissions: Vec<PathBuf>,

    /// What was handed out, as `cargo xtask handout --out DIR` has made it [default: made anew from this workspace]
    #[arg(long, value_name = "DIR")]
    template: Option<PathBuf>,

    /// How many submissions are graded at a time [default: half of the cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,

    /// Where results/ and grades.csv are written [default: target/grade]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Keep the results that are there already, as far as they are complete and of the same template
    #[arg(long)]
    resume: bool,

    /// Grade every N-th student only, beginning with the K-th by name: the others are graded elsewhere
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,

    /// Where programs cannot be confined: run them nonetheless, with all that you may do yourself
    #[arg(long)]
    unconfined: bool,

    /// One level of isolation, and no other
    #[arg(long, hide = true, value_name = "LEVEL", value_parser = isolation)]
    isolation: Option<Isolation>,
}

fn isolation(text: &str) -> Result<Isolation, String> {
    serde_json::from_value(text.into()).map_err(|_| "expected namespaces, landlock or none".to_owned())
}

/// What all submissions are graded with.
struct Room {
    template: Template,
    toolchain: Toolchain,
    sandbox: Sandbox,
    exam: Exam,
    /// Where the folders are in which submissions are built.
    place: PathBuf,
}

/// The template of `submission` when nobody has named one: what this workspace hands out now, on the runtimes that are
/// in it.
fn handed_out(cargo: &Cargo, submission: &Path, interrupt: &Interrupt) -> Result<Template> {
    let runtime = match homework::runtimes(submission)[..] {
        [one] => Some(one),
        ref all if all.len() == RUNTIMES.len() => None,
        _ => bail!(
            "{} has neither one runtime nor all of them in each crate: name what was handed out by --template DIR",
            submission.display()
        ),
    };
    let place = cargo.target().join("grade/template");
    if place.exists() {
        fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
    }
    fs::create_dir_all(cargo.target().join("grade")).context("cannot make target/grade")?;
    // Its checks are built next.
    let options = handout::Options { runtime, unbuilt: true, ..Default::default() };
    handout::make(cargo, &options, &place, interrupt)?;
    Template::read(&place)
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let students = roster::students(&args.submissions, args.shard)?;
    let interrupt = Interrupt::watch(Children::default())?;
    let room = match Room::prepare(cargo, args, &interrupt) {
        Ok(room) => room,
        Err(error) if error.is::<Interrupted>() => return Err(error),
        Err(error) => {
            tell(&format!("error: {error:#}"));
            return Ok(Outcome::Infra);
        }
    };
    let out = args.out.clone().unwrap_or_else(|| cargo.target().join("grade"));
    let (mut class, left) = if args.resume { room.there(students, &out) } else { (Vec::new(), students) };
    let all = class.len() + left.len();
    if !class.is_empty() {
        tell(&format!("{} of {all} were graded before", class.len()));
    }
    let (graded, result) = room.grade(args, &left, &out, &interrupt);
    class.extend(graded);
    class.sort_by(|a, b| a.student.cmp(&b.student));
    if result.as_ref().is_err_and(|error| error.is::<Interrupted>()) {
        tell(&format!("{} of {all} are graded; with --resume the rest is", class.len()));
    }
    if let Err(error) = result {
        if error.is::<Interrupted>() {
            return Err(error);
        }
        tell(&format!("error: {error:#}"));
        return Ok(Outcome::Infra);
    }
    let grades = out.join("grades.csv");
    report::write(&grades, &export::csv(&class)?)?;
    let outcome =
        if class.iter().any(|graded| graded.infra.is_some()) { Outcome::Infra } else { Outcome::Good };
    outcome.once((|| {
        if !class.is_empty() {
            say(table::render(&class))?;
        }
        say(format!("\n{} and {}", cargo.shown(&out.join(store::DIR)), cargo.shown(&grades)))
    })())
}

impl Room {
    /// Finds and builds what is needed before the first submission.
    fn prepare(cargo: &Cargo, args: &Args, interrupt: &Interrupt) -> Result<Self> {
        let template = match &args.template {
            Some(template) => Template::read(template)?,
            None => handed_out(cargo, &args.submissions[0], interrupt)?,
        };
        let sandbox = Sandbox::find(cargo, args.isolation, args.unconfined, interrupt)?;
        tell(&format!("  isolation: {}", sandbox::name(sandbox.isolation)));
        let toolchain = Toolchain::find(&template.root)?;
        let place = cargo.target().join("grade");
        let checks = place.join("checks").join(&template.hash[..16]);
        let whole = checks.join("complete");
        if !whole.is_file() {
            let step = Step::new("build the checks of the template");
            let worker = Worker::take(&place, &template, &toolchain, &sandbox, true)?;
            worker.build_checks(&checks, interrupt)?;
            fs::write(&whole, "").with_context(|| format!("cannot write {}", whole.display()))?;
            step.done("");
        }
        let exam = Exam::read(&checks, &template)?;
        Ok(Self { template, toolchain, sandbox, exam, place })
    }

    /// The results of `students` that are in `out` and hold, and who is left.
    fn there(&self, students: Vec<Student>, out: &Path) -> (Vec<Graded>, Vec<Student>) {
        let (mut there, mut left) = (Vec::new(), Vec::new());
        for student in students {
            let file = out.join(store::DIR).join(format!("{}.json", student.name));
            match Graded::load(&file) {
                Ok(graded) if graded.template == self.template.hash && graded.infra.is_none() => {
                    there.push(graded);
                }
                _ => left.push(student),
            }
        }
        (there, left)
    }

    /// Grades `students`, some at a time, and writes each result as it comes. Those that came before an error or an
    /// interrupt are returned too.
    fn grade(
        &self,
        args: &Args,
        students: &[Student],
        out: &Path,
        interrupt: &Interrupt,
    ) -> (Vec<Graded>, Result<()>) {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let jobs = args.jobs.map_or((cores / 2).max(1), usize::from).min(students.len());
        let Self { template, exam, sandbox, .. } = self;
        let at_a_time = (cores * CHECKS_A_CORE).div_ceil(jobs.max(1)).max(2);
        let grader = Grader { template, exam, sandbox, interrupt, at_a_time, took: Took::default() };
        let (graded, next) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
        let step = Step::counted("grade", students.len() as u64);
        let work = || {
            let own = iter::from_fn(|| students.get(next.fetch_add(1, Ordering::Relaxed)));
            self.work(&grader, own, &step, |one| {
                one.save(out)?;
                graded.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                Ok(())
            })
        };
        let result = thread::scope(|scope| {
            let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
            let mut result = Ok(());
            // All of them are waited for; the first error is told.
            for worker in workers {
                let ended = worker.join().ok().context("a thread has panicked");
                result = result.and_then(|()| ended?);
            }
            result
        });
        let graded = graded.into_inner().unwrap_or_else(PoisonError::into_inner);
        if result.is_ok() {
            let earned: f64 = graded.iter().map(Graded::earned).sum();
            let count = graded.len();
            step.done(format!("{count} submissions, {} points", shown(earned)));
        }
        (graded, result)
    }

    /// Grades the submissions of `own` in a folder for builds, and gives `done` what came of each. While the checks of one
    /// run, the next is built: one waits at most.
    fn work<'s>(
        &self,
        grader: &'s Grader<'_>,
        own: impl Iterator<Item = &'s Student> + Send,
        step: &Step,
        done: impl Fn(Graded) -> Result<()>,
    ) -> Result<()> {
        let worker = Worker::take(&self.place, &self.template, &self.toolchain, &self.sandbox, false)?;
        step.at("building what all submissions share");
        worker.warm_up(grader.interrupt)?;
        let (to, begun) = mpsc::sync_channel(1);
        let worker = &worker;
        thread::scope(|scope| {
            let building = scope.spawn(move || grader.build(worker, own, &to));
            let graded = begun.into_iter().try_for_each(|begun| {
                step.at(text::line(&begun.student.name, 40));
                let one = grader.grade(begun)?;
                if let Some(infra) = &one.infra {
                    step.above(&format!("{}: not graded: {infra}", text::line(&one.student, 40)));
                }
                step.advance();
                done(one)
            });
            let built = building.join().ok().context("a thread has panicked");
            graded.and_then(|()| built?)
        })
    }
}
