//! Implementations that are scripts: each prints an answer, which is checked, and a figure, which is what is measured.
//! So what must come out is known, whatever the machine is at.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result, ensure};
use kit::{Children, Implementation};

use super::*;
use crate::results::{Scale, Standing, Unit};
use crate::workloads::Workload;

static FIGURE: Measure = Measure::lower("figure", "a figure", Unit::Count).headline();

const FAKE: Workload = Workload {
    round: |contestant, settings| {
        let mut program = contestant.run(settings, &["answer"])?;
        let text = program.rest()?;
        program.expect_exit(0)?;
        let (answer, figure) = text.trim().split_once(' ').context("no figure")?;
        ensure!(answer == "42", "expected the answer 42\n     got {answer}");
        Ok(vec![(&FIGURE, figure.parse()?)])
    },
};

/// Figures with a noise as a machine has it: the first is that of the warm-up.
const NOISY: [f64; 10] = [900.0, 103.0, 97.0, 101.0, 99.0, 100.0, 104.0, 98.0, 102.0, 96.0];

/// A script that prints `answer` and, one after the other, each of `figures`.
fn script(dir: &Path, name: &str, answer: &str, figures: impl IntoIterator<Item = f64>) -> Implementation {
    let figures: Vec<String> = figures.into_iter().map(|figure| figure.to_string()).collect();
    let (file, count) = (dir.join(name), dir.join(format!("{name}.count")));
    let text = format!(
        "n=$(cat {count} 2>/dev/null || echo 0)\necho $((n + 1)) > {count}\nset -- {}\nshift $n\necho \"{answer} $1\"\n",
        figures.join(" "),
        count = count.display(),
    );
    fs::write(&file, text).unwrap();
    Implementation::new(name, ["/bin/sh", file.to_str().unwrap()])
}

fn measure(implementations: Vec<Implementation>, settings: &Settings, interrupt: &Interrupt) -> Measured {
    let children = Children::default();
    let contestant = |implementation| Contestant::new(implementation, true, &children);
    let contestants: Vec<Contestant> = implementations.into_iter().map(contestant).collect();
    // So many cores that nothing is done again, which would be another figure.
    let cores = 100_000;
    let contestants = &contestants;
    let (exercise, workload) = ("fake", &FAKE);
    Rounds { exercise, workload, contestants, settings, cores, interrupt, later: Duration::ZERO }.measure()
}

fn settings() -> Settings {
    Settings { scale: Scale::Full, clients: 1, threads: 1, least_rounds: 5, most_rounds: 9 }
}

/// The only metric.
fn figure(measured: Measured) -> Metric {
    measured.collected.metrics().remove(0)
}

#[test]
fn samples_of_all_rounds_come_together() {
    static A: Measure = Measure::lower("a", "A", Unit::Count);
    static B: Measure = Measure::lower("b", "B", Unit::Count);
    let mut collected = Collected::default();
    collected.add("x", vec![(&A, 1.0), (&B, 2.0)]);
    collected.add("y", vec![(&B, 5.0)]);
    collected.add("x", vec![(&A, 3.0), (&B, 2.0)]);
    let metrics = collected.metrics();
    assert_eq!(metrics.iter().map(|m| &*m.name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(metrics[0].values["x"].samples, [1.0, 3.0]);
    assert_eq!(metrics[1].values["y"].median, 5.0);
    assert!(!metrics[0].values.contains_key("y"));
}

#[test]
fn one_that_is_slower_by_a_factor_is_found_so_and_one_that_is_equal_is_a_tie() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let mut equal = NOISY;
    equal.reverse();
    let all = vec![
        script(dir.path(), "plain", "42", NOISY),
        script(dir.path(), "equal", "42", equal),
        script(dir.path(), "slower", "42", NOISY.map(|figure| figure * 1.5)),
    ];
    let measured = measure(all, &settings(), &Interrupt::default());
    assert!(measured.broken.is_empty(), "{:?}", measured.broken);
    let metric = figure(measured);
    assert_eq!(metric.values["slower"].median / metric.values["plain"].median, 1.5);
    assert_eq!(metric.standing("plain"), Standing::Tied);
    assert_eq!(metric.standing("equal"), Standing::Tied);
    assert_eq!(metric.standing("slower"), Standing::Behind);
    assert!(!metric.values["plain"].samples.contains(&900.0), "the warm-up counts");
    Ok(())
}

#[test]
fn one_that_cheats_is_refused_and_the_rest_goes_on() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let broken = Implementation::new("broken", ["/bin/sh", "-c", "exit 7"]);
    let all = vec![
        script(dir.path(), "cheat", "41", [1.0; 10]),
        broken,
        Implementation::new("missing", ["/nowhere/program"]),
        script(dir.path(), "honest", "42", [100.0; 10]),
    ];
    let measured = measure(all, &settings(), &Interrupt::default());
    for (name, told) in [("cheat", "got 41"), ("broken", "7"), ("missing", "/nowhere/program")] {
        let why = &measured.broken[name];
        assert!(why.contains(told), "{name}: {told:?} is not in {why:?}");
    }
    assert_eq!(measured.broken.len(), 3);
    let metric = figure(measured);
    assert_eq!(metric.standing("honest"), Standing::Best);
    assert_eq!(metric.values.keys().collect::<Vec<_>>(), ["honest"]);
    Ok(())
}

#[test]
fn rounds_go_on_until_the_spread_is_small() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let rounds = |name: &str, figures: [f64; 10]| {
        measure(vec![script(dir.path(), name, "42", figures)], &settings(), &Interrupt::default()).rounds
    };
    assert_eq!(rounds("steady", [100.0; 10]), 5);
    assert_eq!(rounds("wild", [1.0, 10.0, 90.0, 20.0, 80.0, 30.0, 70.0, 40.0, 60.0, 50.0]), 9);
    let calms_down = [1.0, 90.0, 100.0, 100.0, 110.0, 100.0, 100.0, 100.0, 100.0, 100.0];
    assert!((6..9).contains(&rounds("calms-down", calms_down)));
    Ok(())
}

#[test]
fn an_interrupt_keeps_what_was_measured() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let interrupt = Interrupt::default();
    // The third turn of the second one waits until it is interrupted.
    let (fuse, lit) = (dir.path().join("fuse"), dir.path().join("lit"));
    let (shown, until) = (fuse.display(), lit.display());
    let text = format!(
        "echo >> {shown}\nif [ $(wc -l < {shown}) = 3 ]; then : > {until}; while [ -e {until} ]; do :; done; fi\necho 42 1\n"
    );
    let file = dir.path().join("fused");
    fs::write(&file, text)?;
    let fused = Implementation::new("fused", ["/bin/sh", file.to_str().context("no UTF-8")?]);
    let all = vec![script(dir.path(), "plain", "42", NOISY), fused];
    let measured = thread::scope(|scope| {
        scope.spawn(|| {
            kit::eventually("the third turn", || Ok(lit.exists()), |lit| *lit).unwrap();
            interrupt.ask();
            fs::remove_file(&lit).unwrap();
        });
        measure(all, &settings(), &interrupt)
    });
    assert!(measured.broken.is_empty(), "{:?}", measured.broken);
    let metric = figure(measured);
    let samples = metric.values["plain"].samples.len();
    assert!((1..=2).contains(&samples), "{samples}");
    Ok(())
}
