//! A copy of the workspace's sources, in which holes are filled otherwise, and what is built from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use homework::markers::Source;
use homework::{Files, Texts};
use runner::cargo::{Cargo, program};
use runner::exercises::Exercise;
use runner::progress::Step;

use super::plan::Task;

/// Warnings of programs that are wrong on purpose are nobody's business.
const LINTS: &str = "[workspace.lints.rust]\n";
const SILENT: &str = "[workspace.lints.rust]\nwarnings = \"allow\"\n";

/// The copy.
pub(crate) struct Sources {
    root: PathBuf,
    /// Of each crate, as they are in the workspace.
    texts: BTreeMap<&'static str, Texts>,
}

impl Sources {
    /// Makes the copy, or brings it up to date: a file that is the same is left alone, and not built again.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(crate) fn copy(cargo: &Cargo, crates: &[&'static Exercise]) -> Result<Self> {
        let root = cargo.target().join("verify/src");
        fs::create_dir_all(&root).with_context(|| format!("cannot create {}", root.display()))?;
        let sources = sources(cargo)?;
        for path in found(&root, Path::new(""))?.difference(&sources) {
            let stale = root.join(path);
            fs::remove_file(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
        }
        for path in &sources {
            let from = cargo.root().join(path);
            let mut bytes = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
            if path == Path::new("Cargo.toml") {
                bytes = String::from_utf8(bytes)?.replacen(LINTS, SILENT, 1).into_bytes();
            }
            write(&root.join(path), &bytes)?;
        }
        let texts = crates.iter().map(|of| Ok((of.name, Texts::read(cargo.root(), of.name)?)));
        Ok(Self { texts: texts.collect::<Result<_>>()?, root })
    }

    /// Builds the program of `task` for its runtime alone, and puts it into the folder `to`.
    ///
    /// # Errors
    /// When it does not build, or one of its holes is not there.
    pub(crate) fn build(&self, cargo: &Cargo, step: &Step, task: &Task<'_>, to: &Path) -> Result<PathBuf> {
        let name = task.exercise.name;
        let edits = self.edits(task)?;
        self.put(edits.iter().map(|(path, (_, edited))| (path, edited)))?;
        let (manifest, target) = (self.root.join("Cargo.toml"), cargo.target());
        let (manifest, target) = (manifest.to_string_lossy(), target.to_string_lossy());
        // Among what the programs of the workspace are built from, which is there already.
        let args = ["build", "--manifest-path", &manifest, "--target-dir", &target, "-p", name];
        let features = ["--no-default-features", "--features", task.runtime.name];
        let built = cargo.build(step, &[&args[..], &features].concat());
        self.put(edits.iter().map(|(path, (original, _))| (path, original)))?;
        let built = program(&built?, name)?;
        let copy = to.join(name);
        fs::create_dir_all(to)
            .and_then(|()| fs::copy(&built, &copy))
            // Nobody is to take it for the program of the workspace: Cargo puts that in its place again.
            .and_then(|_| fs::remove_file(&built))
            .with_context(|| format!("cannot move {} to {}", built.display(), copy.display()))?;
        Ok(copy)
    }

    /// The files that `task` changes: as they are, and as they are to be.
    fn edits(&self, task: &Task<'_>) -> Result<BTreeMap<&Path, (&str, String)>> {
        let mut edits = BTreeMap::new();
        let mut left = task.holes();
        let texts = self.texts.get(task.exercise.name).context("a task of another crate")?;
        let own = texts.runtimes.iter().filter(|(runtime, _)| runtime.name == task.runtime.name);
        let files: Vec<&Files> = own.map(|(_, files)| files).chain([&texts.shared]).collect();
        for (path, text) in files.into_iter().flatten() {
            let source = match Source::parse(text) {
                Ok(source) => source,
                Err(fault) => bail!("{}:{fault}", path.display()),
            };
            let changed = source.holes().filter(|hole| left.remove(hole.name)).count();
            if changed > 0 {
                let edited = source.emptied(|name| task.body(name));
                edits.insert(path.as_path(), (text.as_str(), edited));
            }
        }
        if let Some(name) = left.first() {
            bail!("no source of {} on {} has the hole `{name}`", task.exercise.name, task.runtime.name);
        }
        Ok(edits)
    }

    fn put<'t, S: AsRef<str> + 't>(&self, files: impl Iterator<Item = (&'t &'t Path, &'t S)>) -> Result<()> {
        for (path, text) in files {
            write(&self.root.join(path), text.as_ref().as_bytes())?;
        }
        Ok(())
    }
}

/// The files that Cargo needs, by their paths in the workspace.
fn sources(cargo: &Cargo) -> Result<BTreeSet<PathBuf>> {
    let mut sources = BTreeSet::from(["Cargo.toml", "Cargo.lock"].map(PathBuf::from));
    let mut tops = BTreeSet::new();
    for package in cargo.packages() {
        let dir = package.manifest_path.as_std_path().strip_prefix(cargo.root())?;
        tops.extend(dir.components().next().filter(|_| dir.components().count() > 1));
    }
    for top in tops {
        if let Component::Normal(top) = top {
            sources.extend(found(cargo.root(), Path::new(top))?);
        }
    }
    Ok(sources)
}

/// The regular files below `root/dir`, by their paths in `root`. What is hidden or built is not among them.
fn found(root: &Path, dir: &Path) -> Result<BTreeSet<PathBuf>> {
    let (mut files, mut dirs) = (BTreeSet::new(), vec![dir.to_owned()]);
    while let Some(dir) = dirs.pop() {
        let at = || format!("cannot read {}", root.join(&dir).display());
        for entry in fs::read_dir(root.join(&dir)).with_context(at)? {
            let entry = entry.with_context(at)?;
            let (name, kind) = (entry.file_name(), entry.file_type().with_context(at)?);
            if name.as_encoded_bytes().starts_with(b".") || name == "target" {
                continue;
            }
            if kind.is_dir() {
                dirs.push(dir.join(name));
            } else if kind.is_file() {
                files.insert(dir.join(name));
            }
        }
    }
    Ok(files)
}

/// Writes a file that is not so already.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let dir = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(path, bytes));
    written.with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_what_is_neither_hidden_nor_built() -> Result<()> {
        let dir = tempfile::tempdir()?;
        for path in ["a/src/x.rs", "a/target/debug/x", "a/.git/config", "a/.hidden", "b/y"] {
            write(&dir.path().join(path), b"text")?;
        }
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
        assert_eq!(found(dir.path(), Path::new("a"))?, paths(&["a/src/x.rs"]));
        assert_eq!(found(dir.path(), Path::new(""))?, paths(&["a/src/x.rs", "b/y"]));
        Ok(())
    }

    #[test]
    fn what_is_the_same_is_not_written() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("a/b");
        write(&file, b"one")?;
        let mut permissions = fs::metadata(&file)?.permissions();
        let before = fs::metadata(&file)?.modified()?;
        write(&file, b"one")?;
        assert_eq!(fs::metadata(&file)?.modified()?, before);
        permissions.set_readonly(true);
        write(&file, b"two")?;
        assert_eq!(fs::read(&file)?, b"two");
        Ok(())
    }

    #[test]
    fn the_copy_is_a_workspace_without_warnings() -> Result<()> {
        let cargo = Cargo::load()?;
        let sources = sources(&cargo)?;
        for path in
            ["Cargo.toml", "Cargo.lock", "clock/src/main.rs", "clock/tests/checks.rs", "xtask/kit/Cargo.toml"]
        {
            assert!(sources.contains(Path::new(path)), "{path}");
        }
        let manifest = fs::read_to_string(cargo.root().join("Cargo.toml"))?;
        assert!(manifest.contains(LINTS), "the lints are where the copy silences them");
        Ok(())
    }
}
