//! What is remembered between two commands, in a folder that Git does not see and `cargo clean` leaves alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The folder, in the workspace's root.
pub(crate) const DIR: &str = ".homework";

const FILE: &str = "record.json";

/// What is remembered.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// By exercise, by runtime.
    results: BTreeMap<String, BTreeMap<String, Score>>,
    /// By exercise: how many of its hints were shown.
    hints: BTreeMap<String, usize>,
}

/// What the last checks of an exercise came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Score {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// The fingerprint of the files that were checked.
    pub(crate) of: String,
}

impl Record {
    /// Reads that of the workspace at `root`.
    ///
    /// # Errors
    /// When there is one and it cannot be read.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = place(root);
        if !path.exists() {
            return Ok(Self::default());
        }
        let read = || anyhow::Ok(serde_json::from_slice(&fs::read(&path)?)?);
        read().with_context(|| {
            let path = path.display();
            format!("cannot read {path}: remove it, nothing but results and the count of hints is in it")
        })
    }

    /// Changes that of the workspace at `root`, as it is now.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(crate) fn update(root: &Path, change: impl FnOnce(&mut Self)) -> Result<()> {
        let mut record = Self::load(root)?;
        change(&mut record);
        let path = place(root);
        // Renamed when it is whole: an interrupt leaves the one before.
        let new = path.with_extension("new");
        folder(root)?;
        let text = serde_json::to_string_pretty(&record)?;
        let written = fs::write(&new, text).and_then(|()| fs::rename(&new, &path));
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// What the last checks of the exercise `id` on `runtime` came to.
    pub(crate) fn score(&self, id: &str, runtime: &str) -> Option<&Score> {
        self.results.get(id)?.get(runtime)
    }

    /// Remembers what the checks came to.
    pub(crate) fn put(&mut self, id: &str, runtime: &str, score: Score) {
        self.results.entry(id.to_owned()).or_default().insert(runtime.to_owned(), score);
    }

    /// How many hints of the exercise `id` were shown.
    pub(crate) fn hints(&self, id: &str) -> usize {
        self.hints.get(id).copied().unwrap_or(0)
    }

    /// Remembers that one more of the `all` hints was shown.
    pub(crate) fn one_more_hint(&mut self, id: &str, all: usize) {
        let shown = self.hints.entry(id.to_owned()).or_default();
        *shown = all.min(*shown + 1);
    }
}

fn place(root: &Path) -> PathBuf {
    root.join(DIR).join(FILE)
}

/// The folder, which is there now.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn folder(root: &Path) -> Result<PathBuf> {
    let dir = root.join(DIR);
    let ignore = dir.join(".gitignore");
    let made = fs::create_dir_all(&dir).and_then(|()| match ignore.exists() {
        true => Ok(()),
        // It ignores itself too, so that nobody has to know of this folder.
        false => fs::write(ignore, "*\n"),
    });
    made.with_context(|| format!("cannot write to {}", dir.display()))?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_hints_are_remembered() {
        let dir = tempfile::tempdir().unwrap();
        let score = Score { passed: 1, failed: 2, of: "x".to_owned() };
        assert_eq!(Record::load(dir.path()).unwrap().score("8.2", "smol"), None);
        Record::update(dir.path(), |record| record.put("8.2", "smol", score.clone())).unwrap();
        for _ in 0..4 {
            Record::update(dir.path(), |record| record.one_more_hint("8.2", 3)).unwrap();
        }
        let record = Record::load(dir.path()).unwrap();
        assert_eq!(record.score("8.2", "smol"), Some(&score));
        assert_eq!(record.score("8.2", "tokio"), None);
        assert_eq!((record.hints("8.2"), record.hints("8.3")), (3, 0));
        assert_eq!(fs::read_to_string(dir.path().join(".homework/.gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn a_broken_record_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(folder(dir.path()).unwrap().join(FILE), "{").unwrap();
        let error = format!("{:#}", Record::load(dir.path()).err().unwrap());
        assert!(error.contains(".homework/record.json: remove it"), "{error}");
    }
}
