//! `cargo xtask compare`: builds each implementation as its users would, cross-tests them, measures them in
//! turn, and puts them side by side. How, and why so, is in METHOD.md.

mod args;
pub(crate) mod baseline;
mod behaviours;
mod contestants;
mod facts;
mod machine;
mod noise;
mod proof;
mod rounds;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use common::exit::Interrupted;
use kit::Children;
use runner::cargo::Cargo;
use runner::exercises::exercises;
use runner::interrupt::Interrupt;
use runner::progress::{say, tell, took};
use rustix::process::{Resource, getrlimit, setrlimit};

pub(crate) use self::args::Args;
use self::contestants::{Entry, line_up};
use self::proof::{Proof, prove};
use self::rounds::{Measured, Rounds};
use crate::Outcome;
use crate::formats::{self, Format};
use crate::report;
use crate::results::{Compared, Implementation, Noise, Results, SCHEMA, Scale, Settings};
use crate::workloads;

/// Files that the runner itself has open beside its clients.
const FILES: u64 = 64;

/// Where the results are written.
pub(crate) fn results_file(cargo: &Cargo) -> PathBuf {
    cargo.target().join("compare/results.json")
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let start = Instant::now();
    let settings = args.settings();
    let before = args.baseline.as_deref().map(Results::load).transpose()?;
    if let Some(why) = before.as_ref().and_then(|before| baseline::hindrance(before, &settings)) {
        bail!("{why}; take the same flags, or another --baseline");
    }
    raise_open_files(settings.clients)?;
    let children = Children::default();
    let interrupt = Interrupt::watch(children.clone())?;
    let chosen = exercises(&args.exercise);
    let entries = line_up(cargo, &chosen, args.impls.as_deref(), &children, &interrupt);
    let proved = entries.and_then(|entries| Ok((prove(cargo, &entries, args.retest, &interrupt)?, entries)));
    // What an interrupt ends has failed because of it.
    let (proofs, entries) = match proved {
        Err(_) if interrupt.came() => return Err(Interrupted.into()),
        proved => proved?,
    };
    let mut results = Results {
        schema: SCHEMA,
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        seconds: 0.0,
        interrupted: false,
        machine: machine::this(cargo),
        noise: Noise::default(),
        exercises: Vec::new(),
        behaviours: Vec::new(),
        settings,
    };
    measure(cargo, &entries, proofs, &mut results, &interrupt)?;
    // What the runtimes do is not about one exercise or the other.
    if args.exercise.is_empty() {
        match behaviours::run(cargo, &children, &interrupt) {
            Err(_) if interrupt.came() => {}
            happened => results.behaviours = happened?,
        }
    }
    results.interrupted = interrupt.came();
    results.seconds = start.elapsed().as_secs_f64();
    finish(cargo, args, &results, before.as_ref())
}

/// Measures one exercise after the other, until an interrupt.
fn measure(
    cargo: &Cargo,
    entries: &[Entry],
    proofs: Vec<Proof>,
    results: &mut Results,
    interrupt: &Interrupt,
) -> Result<()> {
    let settings = results.settings.clone();
    let mut others = Vec::new();
    results.noise.load_before = noise::load();
    for (n, (entry, proof)) in entries.iter().zip(proofs).enumerate() {
        if interrupt.came() {
            break;
        }
        let later = entries[n + 1..].iter().map(|entry| entry.contestants.len());
        let later = u32::try_from(later.sum::<usize>() * (settings.least_rounds + 1))?;
        let rounds = Rounds {
            exercise: entry.exercise.name,
            workload: workloads::of(entry.exercise.name)?,
            contestants: &entry.contestants,
            settings: &settings,
            cores: results.machine.cores,
            interrupt,
            later: usual(settings.scale) * later,
        };
        let mut measured = rounds.measure();
        others.append(&mut measured.others);
        results.noise.repeated += measured.repeated;
        let compared = compared(cargo, entry, proof, measured, &settings);
        match compared {
            // What is known without running it takes time too.
            Err(_) if interrupt.came() => break,
            compared => results.exercises.push(compared?),
        }
    }
    results.noise.load_after = noise::load();
    others.sort_by(f64::total_cmp);
    results.noise.others = others.get(others.len() / 2).copied().unwrap_or_default();
    results.noise.others_most = others.last().copied().unwrap_or_default();
    Ok(())
}

/// How long a round of one implementation usually takes.
fn usual(scale: Scale) -> Duration {
    Duration::from_millis(scale.pick(600, 1_500, 12_000))
}

fn compared(
    cargo: &Cargo,
    entry: &Entry,
    proof: Proof,
    mut measured: Measured,
    settings: &Settings,
) -> Result<Compared> {
    let exercise = entry.exercise;
    for contestant in &entry.contestants {
        let facts = facts::of(cargo, exercise, contestant, settings)?;
        measured.collected.add(contestant.name(), facts);
    }
    let implementation = |contestant: &crate::workloads::Contestant| Implementation {
        name: contestant.name().to_owned(),
        outside: contestant.outside,
        broken: measured.broken.get(contestant.name()).cloned(),
    };
    Ok(Compared {
        exercise: exercise.name.to_owned(),
        title: exercise.title.to_owned(),
        sections: exercise.sections.iter().map(|&section| section.to_owned()).collect(),
        implementations: entry.contestants.iter().map(implementation).collect(),
        verdicts: proof.verdicts,
        tested: proof.date,
        rounds: measured.rounds,
        metrics: measured.collected.metrics(),
        sources: facts::sources(cargo, exercise)?,
    })
}

/// Writes and prints the results, and what has changed since `before`.
fn finish(cargo: &Cargo, args: &Args, results: &Results, before: Option<&Results>) -> Result<Outcome> {
    let file = results_file(cargo);
    let html = file.with_file_name("report.html");
    report::write(&file, &results.to_json()?)?;
    report::write(&html, &formats::render(results, Format::Html)?)?;
    let told = formats::render(results, if args.json { Format::Json } else { args.format }).and_then(say);
    let mut failed = false;
    if let Some(before) = before {
        let changes = baseline::changes(before, results);
        tell(&format!("\n{}", formats::table::changes(&changes)));
        for doubt in baseline::doubts(before, results) {
            tell(&format!("doubtful: {doubt}"));
        }
        if let Some(percent) = args.fail_on_regression {
            let count = changes.iter().filter(|change| change.fails(percent)).count();
            failed = count > 0;
            tell(&format!("{count} measured figures are worse by more than {percent} %, and not by chance"));
        }
    }
    let time = took(Duration::from_secs_f64(results.seconds));
    let (file, html) = (cargo.shown(&file), cargo.shown(&html));
    tell(&format!("compared in {time}; results in {file}, the report in {html}"));
    if results.interrupted {
        return Err(Interrupted.into());
    }
    let outcome = if failed || is_bad(results) { Outcome::Bad } else { Outcome::Good };
    outcome.once(told)
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

/// Whether a program of ours is broken, fails a check that is about ours alone, or a runtime does something new.
fn is_bad(results: &Results) -> bool {
    let wrong = results.exercises.iter().any(|compared| {
        let ours = |name: &String| !compared.implementations.iter().any(|i| i.outside && i.name == *name);
        let broken = compared.implementations.iter().any(|i| !i.outside && i.broken.is_some());
        broken || compared.verdicts.iter().any(|v| !v.passed && v.implementations.iter().all(ours))
    });
    let new = |happened: &crate::results::Happened| !happened.as_known;
    wrong || results.behaviours.iter().any(|behaviour| behaviour.outcomes.values().any(new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    #[test]
    fn what_is_bad() {
        let mut results = sample();
        assert!(!is_bad(&results), "a check that a program from elsewhere fails");
        results.exercises[0].implementations[2].broken = Some("why".to_owned());
        assert!(!is_bad(&results), "a program from elsewhere that is broken");
        for change in [
            |results: &mut Results| results.exercises[0].implementations[0].broken = Some("why".to_owned()),
            |results: &mut Results| {
                results.exercises[0].verdicts[0].implementations = vec!["smol".to_owned()]
            },
            |results: &mut Results| {
                results.behaviours[0].outcomes.values_mut().for_each(|happened| happened.as_known = false);
            },
        ] {
            let mut results = sample();
            change(&mut results);
            assert!(is_bad(&results));
        }
    }
}
