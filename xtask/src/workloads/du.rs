//! `du`: a generated tree of small files and a real one, `/usr`, walked in each mode; what is counted must be what
//! others count. And how soon a cancelled walk ends.
//!
//! A program from elsewhere takes part in the book's mode: it is given the tree.

mod tree;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use kit::{Running, Signal, eventually};

use self::tree::{Size, generated, real};
use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Scale, Settings};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// What is measured of one tree.
struct Tree {
    sizes: Measure,
    disk: Measure,
    memory: Measure,
}

static GENERATED: Tree = Tree {
    sizes: Measure::time("generated", "generated tree"),
    disk: Measure::time("generated_disk", "generated tree, --disk"),
    memory: Measure::bytes("generated_memory", "generated tree, peak memory"),
};

static REAL: Tree = Tree {
    sizes: Measure::time("usr", "/usr"),
    disk: Measure::time("usr_disk", "/usr, --disk"),
    memory: Measure::bytes("usr_memory", "/usr, peak memory"),
};

static NAIVE: Measure = Measure::time("generated_naive", "generated tree, --naive");
static CANCEL: Measure = Measure::time("cancel", "a cancelled walk ends after");

/// How often a root is given for a walk that nobody sees the end of.
const AGAIN: usize = 1000;

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    // A first look is content with a tenth.
    let root = generated(if settings.scale == Scale::Quick { 2_000 } else { 20_000 })?;
    let mut samples = walks(contestant, &root.path, root.size, &GENERATED)?;
    if let Some(size) = real("/usr")? {
        samples.extend(walks(contestant, Path::new("/usr"), size, &REAL)?);
    }
    if contestant.outside {
        return Ok(samples);
    }
    let (text, took) = run(contestant, &["--naive", utf8(&root.path)?])?;
    ensure!(text == root.size.line(), "--naive: expected {:?}\n     got {text:?}", root.size.line());
    samples.push((&NAIVE, took.as_secs_f64()));
    samples.push((&CANCEL, cancelled(contestant, utf8(&root.path)?)?.as_secs_f64()));
    Ok(samples)
}

/// The walks of one tree in each mode that the contestant has, and the memory that they take.
fn walks(contestant: &Contestant, root: &Path, size: Size, measures: &'static Tree) -> Result<Samples> {
    let path = utf8(root)?;
    let (text, took) = run(contestant, &[path])?;
    ensure!(text == size.line(), "{path}: expected {:?}\n     got {text:?}", size.line());
    let mut samples = vec![(&measures.sizes, took.as_secs_f64())];
    if !contestant.outside {
        let (text, took) = run(contestant, &["--disk", "--json", path])?;
        let told: serde_json::Value = serde_json::from_str(&text)?;
        let (expected, got) = (gnu(root)?, told["total"]["bytes"].as_u64());
        ensure!(got == Some(expected), "{path}: expected GNU du's {expected}\n     got {text}");
        samples.push((&measures.disk, took.as_secs_f64()));
    }
    samples.push((&measures.memory, peak(&mut contestant.run(&[path])?)? as f64));
    Ok(samples)
}

/// What a program writes to stdout, and how long it takes from its start to its end.
fn run(contestant: &Contestant, args: &[&str]) -> Result<(String, Duration)> {
    let start = Instant::now();
    let mut program = contestant.run(args)?;
    // Nothing is ever said there: a walk must not wait for it.
    program.close_stdin();
    // Several times as long as a slow one takes: a walk may be longer than the kit's patience.
    let status = program.wait_for(Duration::from_secs(300))?.with_context(|| format!("{args:?}: no end"))?;
    let took = start.elapsed();
    if !status.success() {
        bail!("{args:?}: {status}, {}", program.stderr());
    }
    Ok((program.rest()?, took))
}

/// The most memory of a run, seen every millisecond.
fn peak(program: &mut Running) -> Result<u64> {
    let mut peak = 0;
    while program.wait_for(Duration::from_millis(1))?.is_none() {
        peak = peak.max(program.peak_resident().unwrap_or(0));
    }
    Ok(peak)
}

/// How long after Ctrl-C a walk ends that else would go on for long.
fn cancelled(contestant: &Contestant, root: &str) -> Result<Duration> {
    let mut walk = contestant.run(&[root; AGAIN])?;
    eventually("the walk to be under way", || walk.cpu_time(), |used| *used > Duration::from_millis(100))?;
    let asked = Instant::now();
    walk.signal(Signal::INT)?;
    walk.rest()?;
    walk.expect_exit(130)?;
    Ok(asked.elapsed())
}

/// What GNU du says of a tree.
fn gnu(root: &Path) -> Result<u64> {
    let output = Command::new("du").args(["-s", "-B1"]).arg(root).output().context("cannot run GNU du")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (bytes, _) = text.split_once('\t').with_context(|| format!("GNU du says {output:?}"))?;
    Ok(bytes.parse()?)
}

fn utf8(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is no UTF-8", path.display()))
}
