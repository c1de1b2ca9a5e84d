//! What of the workspace may get into a handout: files by an allow-list, in memory.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use homework::Files;
use runner::exercises::EXERCISES;

use super::git;

/// In the root.
const ROOT: [&str; 7] = [
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "clippy.toml",
    "rustfmt.toml",
];

/// Files and folders of a program's crate. Which of them there are differs.
const PROGRAM: [&str; 6] = ["Cargo.toml", "README.md", "exercises.toml", "schema", "src", "tests"];

/// The packages that the programs and the student's commands are built with.
pub(super) const TOOLS: [&str; 4] = ["xtask/common", "xtask/homework", "xtask/kit", "xtask/runner"];

/// Files and folders of such a package. Their own tests are about the whole workspace.
const TOOL: [&str; 2] = ["Cargo.toml", "src"];

/// No source is as long; what is, got in by mistake.
const LONGEST: u64 = 1 << 20;

/// Reads what the allow-list has of the workspace at `root`: what git tracks, or all of it where git is not used.
///
/// # Errors
/// When something cannot be read, is a link, is longer than a MiB or is no UTF-8.
pub(super) fn read(root: &Path) -> Result<Files> {
    let tracked = tracked(root)?;
    let mut files = Files::new();
    for path in allowed() {
        collect(root, &path, tracked.as_ref(), &mut files)?;
    }
    Ok(files)
}

fn allowed() -> impl Iterator<Item = PathBuf> {
    let programs = EXERCISES.iter().flat_map(|one| PROGRAM.map(|part| Path::new(one.name).join(part)));
    let tools = TOOLS.iter().flat_map(|tool| TOOL.map(|part| Path::new(tool).join(part)));
    ROOT.iter().map(PathBuf::from).chain(programs).chain(tools)
}

/// The files of the workspace that git knows; none if it is in no repository, as an unpacked archive is.
fn tracked(root: &Path) -> Result<Option<BTreeSet<PathBuf>>> {
    let listed = match git::reading(root).args(["ls-files", "-z"]).output() {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("cannot run git"),
    };
    if !listed.status.success() {
        // Not to be taken for "no repository": what nobody meant to publish would get in.
        let why = String::from_utf8_lossy(&listed.stderr);
        ensure!(!root.join(".git").exists(), "git cannot list the files of the workspace: {}", why.trim());
        return Ok(None);
    }
    let names = listed.stdout.split(|&byte| byte == 0);
    let names = names.map(|name| PathBuf::from(String::from_utf8_lossy(name).into_owned()));
    let tracked: BTreeSet<PathBuf> = names.collect();
    // In somebody else's repository it may be ignored as a whole.
    Ok(tracked.contains(Path::new("Cargo.toml")).then_some(tracked))
}

/// Reads the file `path`, or the files below it, into `files`.
fn collect(root: &Path, path: &Path, tracked: Option<&BTreeSet<PathBuf>>, files: &mut Files) -> Result<()> {
    let at = || format!("cannot read {}", path.display());
    let metadata = match fs::symlink_metadata(root.join(path)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        metadata => metadata.with_context(at)?,
    };
    if metadata.is_dir() {
        for entry in fs::read_dir(root.join(path)).with_context(at)? {
            collect(root, &path.join(entry.with_context(at)?.file_name()), tracked, files)?;
        }
        return Ok(());
    }
    if tracked.is_some_and(|tracked| !tracked.contains(path)) {
        return Ok(());
    }
    if !metadata.is_file() || metadata.len() > LONGEST {
        bail!("{} is no regular file of at most a MiB: a handout has no others", path.display());
    }
    let text = fs::read_to_string(root.join(path)).with_context(at)?;
    files.insert(path.to_owned(), text);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        dir
    }

    fn names(files: &Files) -> Vec<&str> {
        files.keys().map(|path| path.to_str().unwrap()).collect()
    }

    #[test]
    fn only_what_is_allowed_is_read() {
        let dir = workspace(&[
            "Cargo.toml",
            ".ci/run",
            "CONTRIBUTING.md",
            ".env",
            "clock/src/main.rs",
            "clock/notes/solution.md",
            "clock/tests/checks/serve.rs",
            "xtask/src/main.rs",
            "xtask/homework/src/lib.rs",
            "xtask/homework/wrong/clock.rs",
            "xtask/kit/tests/verdicts.rs",
            "target/debug/clock",
        ]);
        let files = read(dir.path()).unwrap();
        let expected =
            ["Cargo.toml", "clock/src/main.rs", "clock/tests/checks/serve.rs", "xtask/homework/src/lib.rs"];
        assert_eq!(names(&files), expected);
    }

    #[test]
    fn in_a_repository_only_what_is_tracked_is_read() {
        let dir = workspace(&["Cargo.toml", "clock/src/main.rs", "clock/src/token.rs"]);
        let git = |args: &[&str]| git::reading(dir.path()).args(args).output().unwrap();
        assert!(git(&["init", "-q"]).status.success());
        assert!(git(&["add", "Cargo.toml", "clock/src/main.rs"]).status.success());
        assert_eq!(names(&read(dir.path()).unwrap()), ["Cargo.toml", "clock/src/main.rs"]);
    }

    #[test]
    fn a_link_is_refused() {
        let dir = workspace(&["Cargo.toml", "clock/src/main.rs"]);
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("clock/src/users.rs")).unwrap();
        let error = read(dir.path()).unwrap_err().to_string();
        assert!(error.starts_with("clock/src/users.rs is no regular file"), "{error}");
    }
}
