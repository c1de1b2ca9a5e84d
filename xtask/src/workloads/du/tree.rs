//! The trees that are walked.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
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
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Size {
    /// What `du` prints.
    pub(super) fn line(self) -> String {
        format!("{} files  {:.1} GB\n", self.files, self.bytes as f64 / 1e9)
    }
}

/// A tree of so many directories and what is in it, made if it is not there: beside the results, until `cargo clean`.
pub(super) fn generated(dirs: usize) -> Result<(PathBuf, Size)> {
    static MADE: Mutex<()> = Mutex::new(());
    let _turn = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).context("a program is in a target folder")?;
    let path = target.join(format!("compare/du-large-{dirs}"));
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
    let bytes = (0..dirs * FILES).map(size).sum();
    Ok((path, Size { files: (dirs * FILES) as u64, bytes }))
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
            let number = n * FILES + file;
            let mut made = fs::File::create(dir.join(format!("file-{file}.txt")))?;
            made.write_all(&text[..written(number)])?;
            made.set_len(size(number))?;
        }
    }
    Ok(())
}

/// What is written of a file: at most a block.
fn written(file: usize) -> usize {
    file * 37 % 4096
}

/// The size of a file, most of it a hole: on average 50 MB, so that the sum in tenths of a GB, which is all that the
/// book's program tells, is another one without a few of them.
fn size(file: usize) -> u64 {
    (written(file) + file * 7919 % 1000 * 100_000) as u64
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
        assert_eq!(counted, Size { files: 500, bytes: (0..500).map(size).sum() });
        assert_eq!(counted.line(), "500 files  25.0 GB\n");
        Ok(())
    }
}
