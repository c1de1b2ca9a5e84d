//! What submissions are laid over: a handout as it was before anybody has worked in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use homework::markers::Source;
use homework::{Homework, Texts, runtimes};
use runner::exercises::Runtime;
use sha2::{Digest, Sha256};

/// A pristine handout.
pub(crate) struct Template {
    pub(crate) root: PathBuf,
    /// A hash of all that is in it.
    pub(crate) hash: String,
    pub(crate) runtimes: Vec<&'static Runtime>,
    pub(crate) homework: Homework,
    pub(crate) crates: Vec<Part>,
    /// Every file, and the hash of what is in it.
    pub(crate) files: BTreeMap<PathBuf, Hash>,
}

/// One crate of it.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    /// What a student writes: the files that have a hole, by their path in the template.
    pub(crate) answers: BTreeMap<PathBuf, String>,
}

pub(crate) type Hash = [u8; 32];

/// Folders that are no part of what is handed out or in.
pub(crate) const IGNORED: [&str; 2] = [".git", "target"];

/// The most files that are looked at in a template.
const MOST: usize = 20_000;

impl Template {
    /// Reads the template in the folder `root`.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let at = || format!("{} is no handout", root.display());
        let root = root.canonicalize().with_context(|| format!("cannot find {}", root.display()))?;
        let homework = Homework::read(&root).with_context(at)?;
        let runtimes = runtimes(&root);
        ensure!(!runtimes.is_empty(), "{}: no runtime is in all of its crates", at());
        let files = hashes(&root)?;
        let mut all = Sha256::new();
        for (path, hash) in &files {
            all.update(path.as_os_str().as_encoded_bytes());
            all.update([0]);
            all.update(hash);
        }
        let crates = homework.crates().iter().filter(|of| !of.list.is_empty());
        let crates = crates.map(|of| Part::read(&root, of.of)).collect::<Result<Vec<_>>>()?;
        Ok(Self { hash: hex(&all.finalize()), root, runtimes, homework, crates, files })
    }

    /// Copies it to `to`, where nothing is.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(crate) fn copy(&self, to: &Path) -> Result<()> {
        for path in self.files.keys() {
            let (from, to) = (self.root.join(path), to.join(path));
            let folder = to.parent().unwrap_or(Path::new("."));
            let copied = fs::create_dir_all(folder).and_then(|()| fs::copy(&from, &to));
            copied.with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
        }
        Ok(())
    }
}

impl Part {
    fn read(root: &Path, name: &'static str) -> Result<Self> {
        let Texts { runtimes, shared } = Texts::read(root, name)?;
        let mut answers = BTreeMap::new();
        for (path, text) in runtimes.into_iter().flat_map(|(_, files)| files).chain(shared) {
            let source = Source::parse(&text);
            let source = source.map_err(|fault| anyhow::anyhow!("{}:{fault}", path.display()))?;
            if source.holes().next().is_some() {
                answers.insert(path, text);
            }
        }
        Ok(Self { name, answers })
    }
}

/// The files below `root`, and what is in each, as hashes.
fn hashes(root: &Path) -> Result<BTreeMap<PathBuf, Hash>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let at = || format!("cannot read {}", root.join(&folder).display());
        for entry in fs::read_dir(root.join(&folder)).with_context(at)? {
            let entry = entry.with_context(at)?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type().with_context(at)?;
            if kind.is_dir() {
                if !IGNORED.iter().any(|ignored| entry.file_name() == *ignored) {
                    folders.push(path);
                }
            } else {
                ensure!(kind.is_file(), "{} in the template is no regular file", path.display());
                let bytes = fs::read(entry.path());
                let bytes = bytes.with_context(|| format!("cannot read {}", entry.path().display()))?;
                files.insert(path, hash(&bytes));
            }
        }
        ensure!(files.len() <= MOST, "{} has more than {MOST} files", root.display());
    }
    Ok(files)
}

pub(crate) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
