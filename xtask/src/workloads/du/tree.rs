//! The trees that are walked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

/// Files in each directory of the generated tree, and directories in each, as long as there are any: with 20,000
/// of them the mean depth is 8.
const FILES: usize = 10;
const BRANCHES: usize = 3;

/// How much is in a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    files: u64,
    bytes: u64,
}

impl Size {
    /// What `du` prints.
    pub(super) fn line(self) -> String {
        format!("{} files  {:.1} GB\n", self.files, self.bytes as f64 / 1e9)
    }
}

/// A tree and what is in it.
pub(super) struct Generated {
    pub(super) path: PathBuf,
    pub(super) size: Size,
}

/// A tree of so many directories, made if it is not there: beside the results, until `cargo clean`.
pub(super) fn generated(dirs: usize) -> Result<Generated> {
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).context("a program is in a target folder")?;
    let path = target.join(format!("compare/du-tree-{dirs}"));
    if !path.exists() {
        // Whole or not at all: what was left by a run that was ended is made anew.
        let part = path.with_extension("part");
        fs::remove_dir_all(&part).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        make(&part, dirs).with_context(|| format!("cannot make {}", part.display()))?;
        fs::rename(&part, &path)?;
    }
    let sizes = (0..dirs * FILES).map(|n| size(n) as u64);
    Ok(Generated { path, size: Size { files: (dirs * FILES) as u64, bytes: sizes.sum() } })
}

fn make(root: &Path, dirs: usize) -> std::io::Result<()> {
    let text = [b'x'; 4096];
    let mut all = vec![root.to_owned()];
    fs::create_dir_all(root)?;
    for n in 1..dirs {
        let dir = all[(n - 1) / BRANCHES].join(format!("directory-{n}"));
        fs::create_dir(&dir)?;
        all.push(dir);
    }
    for (n, dir) in all.iter().enumerate() {
        for file in 0..FILES {
            fs::write(dir.join(format!("file-{file}.txt")), &text[..size(n * FILES + file)])?;
        }
    }
    Ok(())
}

/// Small files of many sizes.
fn size(file: usize) -> usize {
    file * 37 % 4096
}

/// What is in a tree that is there anyway; none if not all of it can be read. Counted once, one call after another.
pub(super) fn real(root: &str) -> Result<Option<Size>> {
    static COUNTED: Mutex<BTreeMap<String, Option<Size>>> = Mutex::new(BTreeMap::new());
    let mut counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(size) = counted.get(root) {
        return Ok(*size);
    }
    let mut size = Size::default();
    let size = count(Path::new(root), &mut size).is_ok().then_some(size);
    counted.insert(root.to_owned(), size);
    Ok(size)
}

fn count(dir: &Path, size: &mut Size) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            count(&entry.path(), size)?;
        } else {
            size.files += 1;
            size.bytes += metadata.len();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_what_it_is_said_to_be() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let root = dir.path().join("tree");
        make(&root, 50)?;
        let mut counted = Size::default();
        count(&root, &mut counted)?;
        let bytes = (0..500).map(|n| size(n) as u64).sum();
        assert_eq!(counted, Size { files: 500, bytes });
        assert_eq!(counted.line(), "500 files  0.0 GB\n");
        Ok(())
    }
}
