//! What the templates are given.

use runner::progress::took;
use serde::Serialize;

use super::chart::Chart;
use super::code;
use super::measured::{self, Row, Rows};
use crate::formats::units::number;
use crate::results::{Behaviour, Compared, Noise, Results, Scale};

/// Colours that the style sheet has for implementations.
const COLOURS: usize = 6;

/// All implementations of all exercises, in the order in which they are shown.
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn new(results: &Results) -> Self {
        let mut names: Vec<String> = Vec::new();
        for implementation in results.exercises.iter().flat_map(|compared| &compared.implementations) {
            if !names.contains(&implementation.name) {
                names.push(implementation.name.clone());
            }
        }
        Self(names)
    }

    /// The number of the colour that `name` has on the whole page.
    pub(super) fn colour(&self, name: &str) -> usize {
        self.0.iter().position(|other| other == name).unwrap_or(self.0.len()) % COLOURS
    }

    /// Those that `has` is true of, and then what else is `there`, which no exercise is compared on.
    fn chosen<'a>(&self, there: impl Iterator<Item = &'a String> + Clone) -> Vec<Name> {
        let known = self.0.iter().filter(|name| there.clone().any(|other| other == *name)).cloned();
        let mut chosen: Vec<String> = known.collect();
        for name in there {
            if !chosen.contains(name) {
                chosen.push(name.clone());
            }
        }
        chosen.into_iter().map(|name| Name { colour: self.colour(&name), name }).collect()
    }
}

/// A name and the number of its colour
#[derive(Clone, Serialize)]
pub(super) struct Name {
    name: String,
    colour: usize,
}

/// Everything on the page that the results say
#[derive(Serialize)]
pub(super) struct Page {
    date: String,
    facts: Vec<Fact>,
    conditions: Vec<Fact>,
    /// All headline metrics together, with the implementations that they are of
    headlines: Vec<Row>,
    names: Vec<Name>,
    exercises: Vec<Exercise>,
    /// The runtimes whose code is shown
    columns: Vec<Name>,
    programs: Vec<Program>,
    behaviours: Vec<Experiment>,
    /// The runtimes that the behaviours are about
    tried: Vec<Name>,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Exercise {
    name: String,
    title: String,
    sections: String,
    rounds: usize,
    tested: String,
    implementations: Vec<Contestant>,
    failures: Vec<Failure>,
    charts: Vec<Chart>,
    groups: Vec<Rows>,
}

#[derive(Serialize)]
struct Contestant {
    name: String,
    colour: usize,
    outside: bool,
    passed: usize,
    all: usize,
    broken: Option<String>,
}

/// A check that does not hold
#[derive(Serialize)]
struct Failure {
    check: String,
    about: String,
    why: String,
}

/// The code of one exercise
#[derive(Serialize)]
struct Program {
    name: String,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    name: String,
    /// Lines in the longest of the columns
    lines: usize,
    /// The rows of its table, as HTML
    rows: String,
}

/// A behaviour
#[derive(Serialize)]
struct Experiment {
    title: String,
    why: String,
    /// Whether the runtimes do the same
    same: bool,
    outcomes: Vec<Option<Outcome>>,
}

#[derive(Serialize)]
struct Outcome {
    told: String,
    /// Whether others agree on something else
    odd: bool,
    as_known: bool,
}

impl Page {
    pub(super) fn new(results: &Results) -> Self {
        let names = Names::new(results);
        let sources = || results.exercises.iter().flat_map(|compared| &compared.sources);
        let columns = names.chosen(sources().flat_map(|source| source.texts.keys()));
        let tried = names.chosen(results.behaviours.iter().flat_map(|behaviour| behaviour.outcomes.keys()));
        let all: Vec<&str> = names.0.iter().map(String::as_str).collect();
        let headlines = results.exercises.iter().flat_map(|compared| {
            let metrics = compared.metrics.iter().filter(|metric| metric.headline);
            metrics.map(|metric| measured::row(compared, metric, &all)).collect::<Vec<_>>()
        });
        Self {
            date: day(&results.date),
            facts: facts(results),
            conditions: conditions(results),
            headlines: headlines.collect(),
            names: names.chosen(names.0.iter()),
            exercises: results.exercises.iter().map(|compared| exercise(compared, &names)).collect(),
            programs: results.exercises.iter().map(|compared| program(compared, &columns)).collect(),
            behaviours: results.behaviours.iter().map(|behaviour| experiment(behaviour, &tried)).collect(),
            columns,
            tried,
        }
    }

    /// The numbers of the columns that the code is shown in.
    pub(super) fn columns(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }
}

/// `2026-01-02 03:04 UTC` of `2026-01-02T03:04:05Z`
fn day(date: &str) -> String {
    match date.split_once('T') {
        Some((day, time)) if time.is_char_boundary(5) && time.len() > 5 => {
            format!("{day} {} UTC", &time[..5])
        }
        _ => date.to_owned(),
    }
}

fn gib(bytes: u64) -> String {
    format!("{} GiB", number(bytes as f64 / f64::from(1 << 30)))
}

/// Where it was measured, and how much.
fn facts(results: &Results) -> Vec<Fact> {
    let (machine, settings) = (&results.machine, &results.settings);
    let size = match settings.scale {
        Scale::Quick => "quick: a first look",
        Scale::Standard => "standard",
        Scale::Full => "full: the largest sizes",
    };
    let rounds = match (settings.least_rounds, settings.most_rounds) {
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least} to {most}"),
    };
    let crates: Vec<String> =
        machine.crates.iter().map(|(name, version)| format!("{name} {version}")).collect();
    let duration = std::time::Duration::try_from_secs_f64(results.seconds).unwrap_or_default();
    let facts = [
        ("Measured", format!("{}, in {}", day(&results.date), took(duration))),
        ("Size", format!("{size}; {} clients, {rounds} rounds", settings.clients)),
        ("Threads", format!("{} for each program", settings.threads)),
        ("Processor", format!("{}, {} cores", machine.cpu, machine.cores)),
        ("Memory", gib(machine.memory)),
        ("System", format!("{}, {}", machine.system, machine.kernel)),
        ("Compiler", machine.rustc.clone()),
        ("Crates", crates.join(", ")),
        ("Commit", machine.revision.clone().unwrap_or_else(|| "unknown".to_owned())),
    ];
    facts.into_iter().map(|(name, value)| Fact { name, value }).collect()
}

/// What else went on.
fn conditions(results: &Results) -> Vec<Fact> {
    let Noise { load_before, load_after, others, others_most, repeated } = results.noise;
    let percent = |part: f64| format!("{} %", number(part * 100.0));
    let facts = [
        (
            "Cores used by others",
            format!("{} (median of the runs), {} at most", percent(others), percent(others_most)),
        ),
        ("Runs repeated", repeated.to_string()),
        ("Load", format!("{load_before:.2} before, {load_after:.2} after")),
        ("Governor", results.machine.governor.clone().unwrap_or_else(|| "not told by the system".to_owned())),
    ];
    facts.into_iter().map(|(name, value)| Fact { name, value }).collect()
}

fn exercise(compared: &Compared, names: &Names) -> Exercise {
    let contestant = |implementation: &crate::results::Implementation| {
        let (passed, all) = compared.score(&implementation.name);
        Contestant {
            name: implementation.name.clone(),
            colour: names.colour(&implementation.name),
            outside: implementation.outside,
            passed,
            all,
            broken: implementation.broken.clone(),
        }
    };
    let failed = compared.verdicts.iter().filter(|verdict| !verdict.passed).map(|verdict| Failure {
        check: verdict.check.clone(),
        about: verdict.implementations.join(" and "),
        why: verdict.failure.clone().unwrap_or_default(),
    });
    let workload = compared.metrics.iter().filter(|metric| metric.group == crate::results::Group::Workload);
    Exercise {
        name: compared.exercise.clone(),
        title: compared.title.clone(),
        sections: compared.sections.join(", "),
        rounds: compared.rounds,
        tested: day(&compared.tested),
        implementations: compared.implementations.iter().map(contestant).collect(),
        failures: failed.collect(),
        charts: workload.filter_map(|metric| Chart::new(compared, metric, names)).collect(),
        groups: measured::groups(compared),
    }
}

fn program(compared: &Compared, columns: &[Name]) -> Program {
    let runtimes: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let files = compared.sources.iter().map(|source| File {
        name: source.file.clone(),
        lines: source.texts.values().map(|text| text.lines().count()).max().unwrap_or(0),
        rows: code::rows(source, &runtimes),
    });
    Program { name: compared.exercise.clone(), files: files.collect() }
}

fn experiment(behaviour: &Behaviour, tried: &[Name]) -> Experiment {
    let told = || behaviour.outcomes.values().map(|happened| &*happened.told);
    let count = |one: &str| told().filter(|other| *other == one).count();
    let agreed = told().map(count).max().unwrap_or(0);
    let outcomes = tried.iter().map(|name| {
        let happened = behaviour.outcomes.get(&name.name)?;
        let odd = agreed > 1 && count(&happened.told) < agreed;
        Some(Outcome { told: happened.told.clone(), odd, as_known: happened.as_known })
    });
    Experiment {
        title: behaviour.title.clone(),
        why: behaviour.why.clone(),
        same: agreed == behaviour.outcomes.len(),
        outcomes: outcomes.collect(),
    }
}
