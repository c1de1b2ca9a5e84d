//! Results of grading as files: `results/STUDENT.json`. They may come from another machine, so they are read with care.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::result::{Exercise, Graded, SCHEMA};
use crate::report;

/// The folder of the results, below the `--out` of whoever wrote them.
pub(crate) const DIR: &str = "results";

/// Bytes of one result: some hundred checks with what each says.
const MOST_BYTES: u64 = 64 << 20;

/// Results that are read at a time.
const MOST_FILES: usize = 10_000;

/// A result, and the file that it was read from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) file: PathBuf,
    pub(crate) graded: Graded,
}

/// The results at `places`, sorted by student: files, folders of them, and folders with a folder `results`.
///
/// # Errors
/// When one cannot be read or is no result, or a place has none.
pub(crate) fn all(places: &[PathBuf]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for place in places {
        let files = if place.is_dir() { within(place)? } else { vec![place.clone()] };
        ensure!(!files.is_empty(), "there are no results (*.json) in {}", place.display());
        ensure!(found.len() + files.len() <= MOST_FILES, "more than {MOST_FILES} results at a time");
        for file in files {
            found.push(Found { graded: Graded::load(&file)?, file });
        }
    }
    found.sort_by(|a, b| (&a.graded.student, &a.file).cmp(&(&b.graded.student, &b.file)));
    Ok(found)
}

/// The files of results in the folder `dir`, or in its folder `results` if there is one.
pub(crate) fn within(dir: &Path) -> Result<Vec<PathBuf>> {
    let results = dir.join(DIR);
    let dir = if results.is_dir() { &*results } else { dir };
    let at = || format!("cannot read {}", dir.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(at)? {
        let path = entry.with_context(at)?.path();
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Graded {
    /// Reads a result.
    ///
    /// # Errors
    /// When it cannot be read, is not of this form and version, or has a name for its student that is no file name.
    pub(crate) fn load(file: &Path) -> Result<Self> {
        let at = || format!("the result in {}", file.display());
        let mut text = String::new();
        let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
        opened.take(MOST_BYTES + 1).read_to_string(&mut text).with_context(at)?;
        ensure!(text.len() as u64 <= MOST_BYTES, "{} is larger than {} MiB", at(), MOST_BYTES >> 20);
        let any: serde_json::Value = serde_json::from_str(&text).with_context(at)?;
        match any.get("schema").and_then(serde_json::Value::as_u64) {
            Some(schema) if schema == u64::from(SCHEMA) => {}
            schema => bail!(
                "{}: expected `schema` {SCHEMA}, got {}; grade again with this version",
                at(),
                schema.map_or("none".to_owned(), |n| n.to_string()),
            ),
        }
        let graded: Self = serde_json::from_value(any).with_context(at)?;
        let name = Path::new(&graded.student);
        let plain = name.file_name() == Some(name.as_os_str()) && !graded.student.contains(char::is_control);
        ensure!(plain, "{}: `student` is {:?}, which is no name of a folder", at(), graded.student);
        Ok(graded)
    }

    /// Writes it to the folder of results below `out`. Whoever reads it meanwhile sees the old one or the new one.
    pub(crate) fn save(&self, out: &Path) -> Result<()> {
        let file = out.join(DIR).join(format!("{}.json", self.student));
        report::write(&file, &(serde_json::to_string_pretty(self)? + "\n"))
    }

    /// What was earned in all, in hundredths of a point at most.
    pub(crate) fn earned(&self) -> f64 {
        let sum: f64 = self.exercises.iter().map(|exercise| exercise.earned).sum();
        (sum * 100.0).round() / 100.0
    }

    /// What all of it counts.
    pub(crate) fn points(&self) -> u32 {
        self.exercises.iter().map(|exercise| exercise.points).sum()
    }
}

impl Exercise {
    /// Whether nothing was lost.
    pub(crate) fn is_full(&self) -> bool {
        self.earned >= f64::from(self.points)
    }

    /// Its first failure: the check, or none where nothing was built, and what was said.
    pub(crate) fn first_failure(&self) -> Option<(Option<&str>, &str)> {
        if let Some(said) = &self.not_built {
            return Some((None, said));
        }
        let failed = self.checks.iter().find(|check| !check.passed)?;
        Some((Some(&failed.name), failed.failure.as_deref().unwrap_or("it failed")))
    }
}

/// Points as people write them: `7`, `7.5`, `3.33`.
pub(crate) fn shown(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
