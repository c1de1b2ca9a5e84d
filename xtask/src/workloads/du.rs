//! `du`: a generated tree of small files and a real one, `/usr`, walked in each mode; what is counted must be what
//! others count. And how soon a cancelled walk ends.
//!
//! A program from elsewhere takes part in the book's mode: it is given the tree.

mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Running, Signal, eventually};

use self::tree::{Size, generated, real};
use super::footprint::{self, Run, Seen};
use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Scale, Settings};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// How long a walk may take: several times as long as a slow one.
const LIMIT: Duration = Duration::from_secs(300);

/// What is measured of one tree.
struct Tree {
    sizes: Measure,
    disk: Measure,
    cpu: Measure,
}

static GENERATED: Tree = Tree {
    sizes: Measure::rate("generated", "files of a generated tree").headline(),
    disk: Measure::rate("generated_disk", "files of a generated tree, --disk"),
    cpu: Measure::time("generated_cpu", "CPU of a file, generated tree"),
};

static REAL: Tree = Tree {
    sizes: Measure::rate("usr", "files of /usr").headline(),
    disk: Measure::rate("usr_disk", "files of /usr, --disk"),
    cpu: Measure::time("usr_cpu", "CPU of a file, /usr"),
};

static NAIVE: Measure = Measure::rate("generated_naive", "files of a generated tree, --naive");
static CANCEL: Measure = Measure::time("cancel", "a cancelled walk ends after");

/// How often a root is given for a walk that nobody sees the end of.
const AGAIN: usize = 1000;

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    contestant.has(&["du PATH"])?;
    let mut samples = smallest(contestant, settings)?;
    let (path, size) = generated(settings.scale.pick(2_000, 8_000, 20_000))?;
    let mut seen = walk(contestant, settings, &path, size, &GENERATED, &mut samples)?;
    // A first look is content without.
    if settings.scale != Scale::Quick
        && let Some(size) = real("/usr")?
    {
        seen = seen.most(walk(contestant, settings, Path::new("/usr"), size, &REAL, &mut samples)?);
    }
    if contestant.takes_flags() {
        on_disk(contestant, settings, &path, size, &GENERATED, &mut samples)?;
        if settings.scale == Scale::Full
            && let Some(size) = real("/usr")?
        {
            on_disk(contestant, settings, Path::new("/usr"), size, &REAL, &mut samples)?;
        }
        naive(contestant, settings, &mut samples)?;
        samples.push((&CANCEL, cancelled(contestant, settings, utf8(&path)?)?.as_secs_f64()));
    }
    samples.extend(seen.samples());
    Ok(samples)
}

/// What it takes to be there: an empty folder.
fn smallest(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let dir = tempfile::tempdir()?;
    footprint::of_program(contestant, settings, &[utf8(dir.path())?], |text| expect(Size::default(), text))
}

/// The walk of one tree in the book's mode.
fn walk(
    contestant: &Contestant,
    settings: &Settings,
    root: &Path,
    size: Size,
    measures: &'static Tree,
    samples: &mut Samples,
) -> Result<Seen> {
    let args = [utf8(root)?];
    let Run { text, took, cpu, seen } = footprint::run(contestant, settings, &args, LIMIT)?;
    expect(size, &text).with_context(|| contestant.asked(&args))?;
    samples.push((&measures.sizes, size.files as f64 / took.as_secs_f64()));
    samples.push((&measures.cpu, cpu.as_secs_f64() / size.files as f64));
    Ok(seen)
}

fn expect(size: Size, text: &str) -> Result<()> {
    ensure!(text == size.line(), "expected {:?}\n     got {text:?}", size.line());
    Ok(())
}

/// The walk that counts blocks, and says so to the byte.
fn on_disk(
    contestant: &Contestant,
    settings: &Settings,
    root: &Path,
    size: Size,
    measures: &'static Tree,
    samples: &mut Samples,
) -> Result<()> {
    let args = ["--disk", "--json", utf8(root)?];
    let Run { text, took, .. } = footprint::run(contestant, settings, &args, LIMIT)?;
    expect_total(&text, "bytes", gnu(root)?).with_context(|| contestant.asked(&args))?;
    samples.push((&measures.disk, size.files as f64 / took.as_secs_f64()));
    Ok(())
}

/// The walk with a task a directory, of which a tenth of the tree is enough.
fn naive(contestant: &Contestant, settings: &Settings, samples: &mut Samples) -> Result<()> {
    let (path, size) = generated(settings.scale.pick(200, 800, 20_000))?;
    let args = ["--naive", "--json", utf8(&path)?];
    let Run { text, took, .. } = footprint::run(contestant, settings, &args, LIMIT)?;
    let right =
        expect_total(&text, "files", size.files).and_then(|()| expect_total(&text, "bytes", size.bytes));
    right.with_context(|| contestant.asked(&args))?;
    samples.push((&NAIVE, size.files as f64 / took.as_secs_f64()));
    Ok(())
}

/// Whether the JSON `text` says that there are so many of `what` in all.
fn expect_total(text: &str, what: &str, expected: u64) -> Result<()> {
    let told: serde_json::Value =
        serde_json::from_str(text).with_context(|| format!("expected JSON\n     got {text:?}"))?;
    let got = &told["total"][what];
    ensure!(got.as_u64() == Some(expected), "expected {expected} {what} in all\n     got {got}");
    Ok(())
}

/// How long after Ctrl-C a walk ends that else would go on for long.
fn cancelled(contestant: &Contestant, settings: &Settings, root: &str) -> Result<Duration> {
    let args = [root; AGAIN];
    let mut walk = contestant.run(settings, &args)?;
    let used = |walk: &Running| {
        ensure!(!walk.ends_within(Duration::ZERO)?, "expected a walk that is under way\n     got its end");
        walk.cpu_time()
    };
    let mut cancel = || {
        let under_way = Duration::from_millis(20);
        eventually("the walk to be under way", || used(&walk), |used| *used > under_way)?;
        let asked = Instant::now();
        walk.signal(Signal::INT)?;
        walk.rest()?;
        walk.expect_exit(130)?;
        Ok(asked.elapsed())
    };
    let ended: Result<Duration> = cancel();
    ended.with_context(|| format!("{}, then Ctrl-C", contestant.asked(&args[..1])))
}

/// What GNU du says of a tree. Counted once, one call after another.
fn gnu(root: &Path) -> Result<u64> {
    static COUNTED: Mutex<Vec<(PathBuf, u64)>> = Mutex::new(Vec::new());
    let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, bytes)) = counted.iter().find(|(path, _)| path == root) {
        return Ok(*bytes);
    }
    let output = Command::new("du").args(["-s", "-B1"]).arg(root).output().context("cannot run GNU du")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (bytes, _) = text.split_once('\t').with_context(|| format!("GNU du says {output:?}"))?;
    let bytes = bytes.parse()?;
    counted.push((root.to_owned(), bytes));
    Ok(bytes)
}

fn utf8(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is no UTF-8", path.display()))
}

#[cfg(test)]
mod tests {
    use kit::refused;

    use super::super::tests::{foreign, quick, script};
    use super::*;

    fn walked(text: &str, size: Size) -> Result<Seen> {
        let dir = tempfile::tempdir()?;
        walk(&foreign(text)?.contestant, &quick(), dir.path(), size, &GENERATED, &mut Samples::new())
    }

    #[test]
    fn a_walk_that_counts_less_is_refused() -> Result<()> {
        let size = Size { files: 20, bytes: 1_250_000_000 };
        walked("echo '20 files  1.2 GB'; true", size)?;
        // The right text of another tree, nothing, and what is right of a part.
        refused(
            walked("echo '20 files  1.3 GB'", size),
            "expected \"20 files  1.2 GB\\n\"\n     got \"20 files  1.3",
        );
        refused(walked("echo '19 files  1.2 GB'", size), "got \"19 files");
        refused(walked("true", size), "got \"\"");
        refused(walked("echo '20 files  1.2 GB'; exit 1", size), "expected a good end");
        Ok(())
    }

    #[test]
    fn one_without_a_program_is_told_so() -> Result<()> {
        let mut fake = foreign("")?;
        fake.contestant.implementation.command.clear();
        refused(round(&fake.contestant, &quick()), "`fake` has no program for du PATH");
        Ok(())
    }

    #[test]
    fn totals_are_compared_to_the_byte() -> Result<()> {
        let (_, size) = generated(200)?;
        let says = |files: u64, bytes: u64| -> Result<Samples> {
            let json = format!(r#"{{"total":{{"files":{files},"bytes":{bytes}}}}}"#);
            let mut samples = Samples::new();
            naive(&script(&format!("echo '{json}'"))?.contestant, &quick(), &mut samples)?;
            Ok(samples)
        };
        assert_eq!(says(size.files, size.bytes)?.len(), 1);
        refused(says(size.files, size.bytes - 1), "bytes in all");
        refused(says(size.files - 1, size.bytes), "files in all");
        refused(naive(&script("echo 7 files")?.contestant, &quick(), &mut Samples::new()), "expected JSON");
        Ok(())
    }

    #[test]
    fn a_walk_that_has_ended_is_not_cancelled() -> Result<()> {
        refused(
            cancelled(&script("true")?.contestant, &quick(), "/"),
            "then Ctrl-C: expected a walk that is under way",
        );
        Ok(())
    }
}
