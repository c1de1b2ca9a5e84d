//! Cargo, as the runner uses it: builds whose products are found through Cargo's own messages, and the tree
//! of what a build is made of.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::{Artifact, Message, Metadata, MetadataCommand, Package};

use crate::interrupt::Helper;
use crate::progress::Step;

/// The workspace that `cargo xtask` was started in.
pub struct Cargo {
    metadata: Metadata,
}

/// A crate of a dependency tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crate {
    /// Its name on crates.io.
    pub name: String,
    /// Those that are on.
    pub features: Vec<String>,
}

/// Cargo ran, and could not build: it has said why.
#[derive(Debug)]
pub struct NotBuilt {
    /// Cargo's arguments.
    command: String,
}

impl fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`cargo {}` failed", self.command)
    }
}

impl std::error::Error for NotBuilt {}

impl Cargo {
    /// Learns what the workspace is made of.
    pub fn load() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cannot read the workspace")?;
        Ok(Self { metadata })
    }

    /// Learns what the workspace in the folder `dir` is made of.
    ///
    /// # Errors
    /// When there is none, or its manifests are wrong.
    pub fn at(dir: &Path) -> Result<Self> {
        let manifest = dir.join("Cargo.toml");
        let metadata = MetadataCommand::new().manifest_path(&manifest).no_deps().exec();
        Ok(Self { metadata: metadata.with_context(|| format!("cannot read {}", manifest.display()))? })
    }

    /// The root of the workspace.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Where builds go, wherever the user has put that.
    pub fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The packages of the workspace.
    pub fn packages(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// `path` as the user would write it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(self.root()).unwrap_or(path).display().to_string()
    }

    /// A command of Cargo, in the workspace's root.
    pub fn command(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(self.root()).stdin(Stdio::null());
        command
    }

    /// Runs a build, and returns what it made. What is wrong with the code is told as Cargo tells it.
    ///
    /// # Errors
    /// [`NotBuilt`] when something is, and others when Cargo cannot be run.
    pub fn build(&self, step: &Step, args: &[&str]) -> Result<Vec<Artifact>> {
        Ok(self.build_counting(step, args)?.0)
    }

    /// Runs a build, and returns what it made and how many warnings came, with those that Cargo itself has.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_counting(&self, step: &Step, args: &[&str]) -> Result<(Vec<Artifact>, usize)> {
        let mut command = self.command();
        command.args(args).arg("--message-format=json-render-diagnostics");
        if console::colors_enabled_stderr() {
            command.arg("--color=always");
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Helper::spawn(&mut command).context("cannot run cargo")?;
        let stdout = child.stdout.take().context("stdout is no pipe")?;
        let stderr = child.stderr.take().context("stderr is no pipe")?;
        let mut artifacts = Vec::new();
        let warnings = thread::scope(|scope| {
            let told = scope.spawn(|| tell_on(step, stderr));
            for message in Message::parse_stream(BufReader::new(stdout)) {
                if let Message::CompilerArtifact(artifact) = message? {
                    artifacts.push(artifact);
                }
            }
            told.join().map_err(|_| anyhow!("what cargo says cannot be read"))
        })?;
        if !child.wait()?.success() {
            bail!(NotBuilt { command: args.join(" ") });
        }
        Ok((artifacts, warnings))
    }

    /// The crates that end in the program `package` with these features, without those of the workspace.
    pub fn tree(&self, package: &str, features: &str) -> Result<Vec<Crate>> {
        let mut command = self.command();
        command.args(["tree", "-p", package, "--no-default-features", "--features", features]);
        command.args(["-e", "normal", "--prefix", "none", "--format", "{p}|{f}"]);
        let output = command.output().context("cannot run cargo")?;
        if !output.status.success() {
            bail!("`cargo tree` failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(crates(&String::from_utf8_lossy(&output.stdout)))
    }
}

/// The executable among `artifacts` that is the program `name`.
pub fn program(artifacts: &[Artifact], name: &str) -> Result<PathBuf> {
    let mut programs =
        artifacts.iter().filter(|a| a.target.is_bin() && a.target.name == name && !a.profile.test);
    let program = programs.find_map(|a| a.executable.clone());
    Ok(program.with_context(|| format!("cargo has built no program `{name}`"))?.into_std_path_buf())
}

/// Shows which crate is at its turn, and everything else that Cargo says as it says it; counts its warnings.
fn tell_on(step: &Step, stderr: ChildStderr) -> usize {
    let mut warnings = 0;
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let plain = console::strip_ansi_codes(&line);
        match status(&plain) {
            Some(status) => step.at(status),
            None => step.above(&line),
        }
        warnings += usize::from(plain.starts_with("warning:"));
    }
    warnings
}

/// What Cargo is doing, if `line` says that: the verb is aligned to the right, in twelve columns.
fn status(line: &str) -> Option<&str> {
    let (verb, rest) = line.split_at_checked(12)?;
    let verb = verb.trim_start();
    let is_verb =
        verb.starts_with(|c: char| c.is_ascii_uppercase()) && verb.chars().all(char::is_alphanumeric);
    (is_verb && rest.starts_with(' ')).then(|| line.trim())
}

/// The crates in what `cargo tree` prints, each once.
fn crates(tree: &str) -> Vec<Crate> {
    let mut lines: Vec<&str> = tree.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    lines.sort_unstable();
    lines.dedup();
    let of_the_workspace = |package: &str| package.ends_with(')') && !package.ends_with("(proc-macro)");
    let parsed = lines.iter().filter_map(|line| {
        let (package, features) = line.split_once('|')?;
        let name = package.split(' ').next()?.to_owned();
        let features = features.split(',').filter(|f| !f.is_empty()).map(str::to_owned).collect();
        (!of_the_workspace(package)).then_some(Crate { name, features })
    });
    parsed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_of_crates() {
        let tree = "clock v0.1.0 (/somewhere/clock)|tokio\ntokio v1.54.1|default,sync\n\
                    serde_derive v1.0.1 (proc-macro)|default\nbytes v1.0.0|\ntokio v1.54.1|default,sync (*)\n";
        let found = crates(tree);
        assert_eq!(found.iter().map(|c| &*c.name).collect::<Vec<_>>(), ["bytes", "serde_derive", "tokio"]);
        assert_eq!(found[2].features, ["default", "sync"]);
        assert!(found[0].features.is_empty());
    }

    #[test]
    fn what_cargo_does_is_told_from_what_is_wrong() {
        assert_eq!(status("   Compiling tokio v1.54.1"), Some("Compiling tokio v1.54.1"));
        assert_eq!(status("    Blocking waiting for file lock"), Some("Blocking waiting for file lock"));
        for wrong in
            ["error[E0432]: unresolved import", "  --> src/main.rs:1:5", "   |", "            Some text", ""]
        {
            assert_eq!(status(wrong), None, "{wrong:?}");
        }
    }
}
