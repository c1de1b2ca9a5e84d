//! `cargo xtask compare`: builds each implementation as its users would, cross-tests them, measures them in
//! turn, and puts them side by side.

mod facts;
mod machine;

mod rounds;
mod table;

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use clap::builder::PossibleValuesParser;
use kit::{Children, Implementation};
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::Outcome;
use crate::build::{Profile, alone};
use crate::cargo::Cargo;
use crate::checks::{self, Checks, Impls};
use crate::exercises::{EXERCISES, Exercise, RUNTIMES, exercises, runtimes};
use crate::progress::{Step, say, tell, took};
use crate::results::{self, Compared, Noise, Results, SCHEMA, Scale, Settings, Verdict};
use crate::workloads::Contestant;

/// Files that the runner itself has open beside its clients.
const FILES: u64 = 64;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The exercises; all when none is named
    #[arg(value_name = "EXERCISE", value_parser = PossibleValuesParser::new(EXERCISES.iter().map(|e| e.name)))]
    exercise: Vec<String>,

    /// Few clients and short rounds: a first look
    #[arg(long)]
    quick: bool,

    /// 10,000 clients
    #[arg(long, conflicts_with = "quick")]
    full: bool,

    /// Compare these programs too: a TOML file of `[[implementation]]` tables
    #[arg(long, value_name = "FILE")]
    impls: Option<PathBuf>,

    /// Clients of a server at a time [default: 1000; 200 with --quick, 10000 with --full]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(32..=25_000))]
    clients: Option<u16>,

    /// Print the results as JSON instead of a table
    #[arg(long)]
    json: bool,
}

impl Args {
    fn settings(&self) -> Settings {
        let scale = match (self.quick, self.full) {
            (true, _) => Scale::Quick,
            (_, true) => Scale::Full,
            _ => Scale::Standard,
        };
        Settings {
            scale,
            clients: self.clients.map_or(scale.pick(200, 1_000, 10_000), usize::from),
            threads: available_parallelism().map_or(1, usize::from),
            least_rounds: scale.pick(3, 5, 5),
            most_rounds: scale.pick(3, 9, 15),
        }
    }
}

/// Where the results are written.
pub(crate) fn results_file(cargo: &Cargo) -> PathBuf {
    cargo.target().join("compare/results.json")
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    let settings = args.settings();
    raise_open_files(settings.clients)?;
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let children = Children::default();
    kit::kill_when_interrupted(children.clone());
    let chosen = exercises(&args.exercise);
    let mut compared = Vec::new();
    for (exercise, outside) in outside(args.impls.as_deref(), &chosen)? {
        let contestants = contestants(cargo, exercise, outside, &children)?;
        compared.push(compare(cargo, exercise, &contestants, &settings)?);
    }
    let noise = Noise { load_before: 0.0, load_after: 0.0, others: 0.0, others_most: 0.0, repeated: 0 };
    let results = Results {
        schema: SCHEMA,
        date,
        seconds: start.elapsed().as_secs_f64(),
        interrupted: false,
        settings,
        machine: machine::this(cargo),
        noise,
        exercises: compared,
        behaviours: Vec::new(),
    };
    let json = results.to_json()?;
    let file = results_file(cargo);
    let written =
        fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).and_then(|()| fs::write(&file, &json));
    written.with_context(|| format!("cannot write {}", file.display()))?;
    let told = say(if args.json { json } else { table::render(&results) });
    tell(&format!("compared in {}; results in {}", took(start.elapsed()), cargo.shown(&file)));
    outcome(&results).once(told)
}

/// Programs from elsewhere, for each of the `chosen` exercises.
fn outside<'a>(
    file: Option<&Path>,
    chosen: &[&'a Exercise],
) -> Result<Vec<(&'a Exercise, Vec<Implementation>)>> {
    let mut all = Vec::new();
    for exercise in chosen {
        let mut list = file.map_or(Ok(Vec::new()), |file| Implementation::load(file, exercise.name))?;
        for implementation in &mut list {
            let name = &implementation.name;
            ensure!(
                runtimes(Some(name)).is_empty(),
                "an implementation from elsewhere cannot be named `{name}`"
            );
            absolute(implementation)?;
        }
        all.push((*exercise, list));
    }
    if let Some(file) = file
        && all.iter().all(|(_, list)| list.is_empty())
    {
        let names: Vec<&str> = chosen.iter().map(|e| e.name).collect();
        bail!("{} has no implementation of {}", file.display(), names.join(", "));
    }
    Ok(all)
}

/// Makes the programs' paths absolute, since the checks run in another folder.
fn absolute(implementation: &mut Implementation) -> Result<()> {
    let own = implementation.commands.values_mut().map(|subcommand| &mut subcommand.command);
    for program in own.chain([&mut implementation.command]).filter_map(|command| command.first_mut()) {
        // A bare name is looked up in PATH.
        if program.contains('/') {
            let path = std::path::absolute(&program)?;
            ensure!(path.is_file(), "there is no program {}", path.display());
            *program = path.to_str().context("a program's name is no UTF-8")?.to_owned();
        }
    }
    Ok(())
}

/// Builds ours, and lines them up with those from elsewhere.
fn contestants(
    cargo: &Cargo,
    exercise: &Exercise,
    outside: Vec<Implementation>,
    children: &Children,
) -> Result<Vec<Contestant>> {
    let mut all = Vec::new();
    for runtime in &RUNTIMES {
        let program = alone(cargo, exercise, runtime, Profile::Release)?;
        let implementation = Implementation::new(runtime.name, [program.to_string_lossy()]);
        all.push(Contestant::new(implementation, false, children));
    }
    for implementation in outside {
        let contestant = Contestant::new(implementation, true, children);
        if let Some(address) = contestant.address() {
            let taken = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
            ensure!(!taken, "`{}` listens at {address}, where somebody already listens", contestant.name());
        }
        all.push(contestant);
    }
    Ok(all)
}

fn compare(
    cargo: &Cargo,
    exercise: &Exercise,
    contestants: &[Contestant],
    settings: &Settings,
) -> Result<Compared> {
    let verdicts = cross_test(cargo, exercise, contestants)?;
    let mut collected = rounds::measure(exercise, contestants, settings)?;
    for contestant in contestants {
        collected.add(contestant.name(), facts::of(cargo, exercise, contestant, settings)?);
    }
    let implementation = |c: &Contestant| results::Implementation {
        name: c.name().to_owned(),
        outside: c.outside,
        broken: None,
    };
    Ok(Compared {
        exercise: exercise.name.to_owned(),
        title: exercise.title.to_owned(),
        sections: exercise.sections.iter().map(|&section| section.to_owned()).collect(),
        implementations: contestants.iter().map(implementation).collect(),
        verdicts,
        tested: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        rounds: settings.least_rounds,
        metrics: collected.metrics(),
        sources: facts::sources(cargo, exercise)?,
    })
}

/// Runs the checks on what is compared: a number says nothing of a program that is wrong.
fn cross_test(cargo: &Cargo, exercise: &Exercise, contestants: &[Contestant]) -> Result<Vec<Verdict>> {
    let step = Step::new(format!("build the checks of {}", exercise.name));
    let artifacts =
        cargo.build(&step, &["test", "--no-run", "-p", exercise.name, "--test", checks::TARGET])?;
    step.done("");
    let list = contestants.iter().map(|c| c.implementation.clone()).collect();
    let impls = Impls::write(cargo, exercise, "compare", list)?;
    let step = Step::counted(format!("cross-test {}", exercise.name), 0);
    Checks::find(cargo, exercise, &artifacts)?.run(step, &impls, None)
}

/// Lets the runner have a connection for each client. The programs that it starts inherit the limit.
fn raise_open_files(clients: usize) -> Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    let needed = clients as u64 + FILES;
    if let Some(most) = limit.maximum
        && most < needed
    {
        bail!(
            "{clients} clients need {needed} open files, and {most} are allowed here (`ulimit -Hn`); \
             take fewer with --clients"
        );
    }
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("cannot raise the limit of open files")
}

/// Bad when a check fails that is about programs of ours alone.
fn outcome(results: &Results) -> Outcome {
    let bad = results.exercises.iter().any(|compared| {
        let ours = |name: &String| !compared.implementations.iter().any(|i| i.outside && i.name == *name);
        compared.verdicts.iter().any(|v| !v.passed && v.implementations.iter().all(ours))
    });
    if bad { Outcome::Bad } else { Outcome::Good }
}
