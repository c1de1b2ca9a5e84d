//! Git, as handouts need it: what the workspace tracks, and a history of one commit.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The author of a handout.
const NAME: &str = "ch8";
const EMAIL: &str = "ch8@localhost";

/// Of what is in no repository: the first moment that a ZIP archive can name.
const EPOCH: &str = "315532800";

/// A command in the repository that `dir` is in, whatever repository the caller was started in.
pub(super) fn reading(dir: &Path) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.current_dir(dir).stdin(Stdio::null());
    command
}

/// When the revision of the workspace at `root` was made, in seconds since 1970.
pub(super) fn date(root: &Path) -> String {
    let log = reading(root).args(["log", "-1", "--format=%ct"]).output();
    let log = log.ok().filter(|log| log.status.success());
    let date = log.map(|log| String::from_utf8_lossy(&log.stdout).trim().to_owned());
    date.filter(|date| !date.is_empty()).unwrap_or_else(|| EPOCH.to_owned())
}

/// Makes `dir` a repository with one commit of all that is in it, and returns its id; none without git.
///
/// The same files and the same `date` give the same commit, whoever runs it.
///
/// # Errors
/// When git fails.
pub(super) fn commit(dir: &Path, date: &str) -> Result<Option<String>> {
    let date = format!("{date} +0000");
    let run = |args: &[&str]| -> Result<Option<String>> {
        let mut command = reading(dir);
        // Hooks, templates, signing and ignored files of the caller have no part in it.
        command.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
        command.envs([("GIT_AUTHOR_NAME", NAME), ("GIT_AUTHOR_EMAIL", EMAIL)]);
        command.envs([("GIT_COMMITTER_NAME", NAME), ("GIT_COMMITTER_EMAIL", EMAIL)]);
        command.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        command.args(["-c", "gc.auto=0", "-c", "core.logAllRefUpdates=false"]).args(args);
        let output = match command.output() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            output => output.context("cannot run git")?,
        };
        let why = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`git {}` failed: {}", args.join(" "), why.trim());
        Ok(Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()))
    };
    if run(&["init", "--quiet", "--template=", "--initial-branch=main"])?.is_none() {
        return Ok(None);
    }
    run(&["add", "--all", "--force"])?;
    run(&["commit", "--quiet", "--message=The exercises as they are handed out"])?;
    run(&["rev-parse", "HEAD"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_the_same_commit() {
        let commit = |readme: &str| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("README.md"), readme).unwrap();
            let id = commit(dir.path(), EPOCH).unwrap().unwrap();
            let log = reading(dir.path()).args(["log", "--format=%P%an%ct"]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&log.stdout), format!("{NAME}{EPOCH}\n"));
            id
        };
        assert_eq!(commit("one"), commit("one"));
        assert_ne!(commit("one"), commit("two"));
    }
}
