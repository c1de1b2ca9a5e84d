//! The checks of an exercise, run as the program that they are, against the implementations of a file.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, ensure};
use cargo_metadata::Artifact;
use common::text::printable;
use console::style;
use kit::Implementation;
use serde::{Deserialize, Serialize};

use crate::cargo::Cargo;
use crate::exercises::Exercise;
use crate::interrupt::Helper;
use crate::progress::Step;

/// The target that holds an exercise's checks.
pub const TARGET: &str = "checks";

/// The checks of one exercise, built.
pub struct Checks {
    executable: PathBuf,
    /// Where it runs: the package's folder, as under `cargo test`.
    dir: PathBuf,
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verdict {
    /// The section or exercise and the property: `8.2/line_at_once`
    pub check: String,
    /// The implementation it is about; where two programs meet, the server's and the client's
    pub implementations: Vec<String>,
    /// Whether it holds
    pub passed: bool,
    /// What was expected and what came instead
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A file for `CH8_IMPLS`.
#[derive(Serialize)]
struct File<'a> {
    implementation: &'a [Implementation],
}

/// A line of libtest's JSON.
#[derive(Deserialize)]
pub struct Event {
    /// `suite` or `test`
    #[serde(rename = "type")]
    pub kind: String,
    /// `started`, `ok`, `failed`
    pub event: String,
    /// Of a test: its name
    pub name: Option<String>,
    /// Of a test that failed: what it said
    pub stdout: Option<String>,
    /// Of a suite that starts: how many there are
    pub test_count: Option<u64>,
}

impl Checks {
    /// The checks of `exercise` among what Cargo has built.
    pub fn find(cargo: &Cargo, exercise: &Exercise, artifacts: &[Artifact]) -> Result<Self> {
        let dir = cargo.root().join(exercise.name);
        let of_it =
            |a: &&Artifact| a.target.name == TARGET && a.manifest_path.parent().is_some_and(|d| d == dir);
        let executable = artifacts.iter().filter(of_it).find_map(|a| a.executable.clone());
        let executable = executable.with_context(|| format!("{} has no checks", exercise.name))?;
        Ok(Self { executable: executable.into_std_path_buf(), dir })
    }

    /// Runs those whose name contains `filter`, against the implementations of `impls`, and shows each failure.
    ///
    /// # Errors
    /// When they do not run to their end.
    pub fn run(&self, step: &Step, impls: &Impls, filter: Option<&str>) -> Result<Vec<Verdict>> {
        self.verdicts(step, impls, filter, true)
    }

    /// Runs those that the implementations of `impls` claim, and leaves it to the caller to show failures.
    ///
    /// # Errors
    /// When they do not run to their end.
    pub fn run_claimed(&self, step: &Step, impls: &Impls) -> Result<Vec<Verdict>> {
        self.verdicts(step, impls, None, false)
    }

    fn verdicts(
        &self,
        step: &Step,
        impls: &Impls,
        filter: Option<&str>,
        shows: bool,
    ) -> Result<Vec<Verdict>> {
        let mut command = Command::new(&self.executable);
        command.args(["--format=json", "--color=never"]).args(filter).current_dir(&self.dir);
        command.env("CH8_IMPLS", &impls.file);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Helper::spawn(&mut command).context("cannot run the checks")?;
        let stdout = child.stdout.take().context("stdout is no pipe")?;
        let stderr = child.stderr.take().context("stderr is no pipe")?;
        let names = impls.list.iter().map(|i| i.name.clone()).collect();
        let mut report = Report { step, names, shows, verdicts: Vec::new(), complete: false };
        thread::scope(|scope| {
            scope.spawn(|| {
                BufReader::new(stderr).lines().map_while(Result::ok).for_each(|line| step.above(&line))
            });
            BufReader::new(stdout).lines().map_while(Result::ok).for_each(|line| report.line(&line));
        });
        let status = child.wait()?;
        let Report { mut verdicts, complete, .. } = report;
        ensure!(complete, "the checks ended early: {status}");
        // They come in the order in which they end.
        verdicts.sort_by(|a, b| (&a.check, &a.implementations).cmp(&(&b.check, &b.implementations)));
        Ok(verdicts)
    }

    /// What they are called, without the implementations of `impls`: `8.2/line_at_once`. None of them is run.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn names(&self, impls: &Impls) -> Result<BTreeSet<String>> {
        Ok(self.in_order(impls)?.into_iter().collect())
    }

    /// The same in the order of their table, each as often as it runs.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn in_order(&self, impls: &Impls) -> Result<Vec<String>> {
        let mut command = Command::new(&self.executable);
        command.args(["--list", "--format=terse"]).current_dir(&self.dir).env("CH8_IMPLS", &impls.file);
        let listed = command.stdin(Stdio::null()).output().context("cannot list the checks")?;
        ensure!(listed.status.success(), "cannot list the checks: {}", printable(&listed.stderr));
        let names: Vec<String> = impls.list.iter().map(|i| i.name.clone()).collect();
        let listed = String::from_utf8_lossy(&listed.stdout);
        let listed = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        Ok(listed.map(|name| split(name, &names).0).collect())
    }

    /// The program that they are.
    pub fn executable(&self) -> &Path {
        &self.executable
    }
}

/// `2 passed`, and what failed if anything did.
pub fn tally(passed: usize, failed: usize) -> String {
    if failed == 0 { format!("{passed} passed") } else { format!("{passed} passed, {failed} failed") }
}

/// Implementations, and the file that names them.
pub struct Impls {
    /// In the order in which they were given.
    pub list: Vec<Implementation>,
    file: PathBuf,
}

impl Impls {
    /// Writes them to a file named `name`.
    pub fn write(cargo: &Cargo, exercise: &Exercise, name: &str, list: Vec<Implementation>) -> Result<Self> {
        let file = Self::place(cargo, exercise, name);
        let text = toml::to_string(&File { implementation: &list })?;
        let dir = file.parent().unwrap_or(Path::new("."));
        let written = fs::create_dir_all(dir).and_then(|()| fs::write(&file, text));
        written.with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { list, file })
    }

    /// Removes the file: for a run that is one of many.
    pub fn remove(self) {
        // Who cannot remove it has it written again the next time.
        fs::remove_file(self.file).ok();
    }

    /// Where that file is.
    pub fn place(cargo: &Cargo, exercise: &Exercise, name: &str) -> PathBuf {
        cargo.target().join("checks").join(exercise.name).join(format!("{name}.toml"))
    }
}

/// Collects verdicts.
struct Report<'a> {
    step: &'a Step,
    /// Whether it shows failures as they come.
    shows: bool,
    /// What the last part of a check's name is made of.
    names: Vec<String>,
    verdicts: Vec<Verdict>,
    complete: bool,
}

impl Report<'_> {
    fn line(&mut self, line: &str) {
        let Ok(event) = serde_json::from_str::<Event>(line) else {
            // Somebody's own output.
            return self.step.above(line);
        };
        match (&*event.kind, &*event.event, &event.name) {
            ("suite", "started", _) => self.step.more(event.test_count.unwrap_or(0)),
            ("suite", _, _) => self.complete = true,
            ("test", "ok" | "failed", Some(name)) => {
                let passed = event.event == "ok";
                let failure = event.stdout.as_deref().map(message);
                if !passed && self.shows {
                    let mark = style("✗").red().for_stderr();
                    let failure = printable(failure.as_deref().unwrap_or("").as_bytes());
                    self.step.above(&format!("{mark} {name}\n{}", indented(&failure)));
                }
                self.step.advance();
                self.step.at(name);
                let (check, implementations) = split(name, &self.names);
                self.verdicts.push(Verdict { check, implementations, passed, failure });
            }
            _ => {}
        }
    }
}

/// What a check failed with, out of the words that libtest-mimic puts around it.
pub fn message(stdout: &str) -> String {
    let inner = stdout.strip_prefix("Error: \"").and_then(|s| s.strip_suffix("\"\n"));
    inner.unwrap_or(stdout).trim_end().to_owned()
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// The check and the implementations in `8.2/property/async-std-smol`. Names have dashes in them too, so only
/// known ones tell where the pair parts.
fn split(name: &str, names: &[String]) -> (String, Vec<String>) {
    let (check, who) = name.rsplit_once('/').unwrap_or((name, ""));
    let pair = || {
        names.iter().find_map(|server| {
            let client = who.strip_prefix(&**server)?.strip_prefix('-')?;
            names.iter().any(|name| name == client).then(|| vec![server.clone(), client.to_owned()])
        })
    };
    let single = names.iter().any(|name| name == who).then(|| vec![who.to_owned()]);
    (check.to_owned(), single.or_else(pair).unwrap_or_else(|| vec![who.to_owned()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_checks_part_at_known_implementations() {
        let names = ["tokio", "async-std", "smol", "smol-2"].map(str::to_owned);
        let parts = |name| split(name, &names);
        let expect =
            |check: &str, by: &[&str]| (check.to_owned(), by.iter().map(|&s| s.to_owned()).collect());
        assert_eq!(parts("8.2/line/tokio"), expect("8.2/line", &["tokio"]));
        assert_eq!(parts("8.2/line/async-std"), expect("8.2/line", &["async-std"]));
        assert_eq!(parts("8.2/line/tokio-async-std"), expect("8.2/line", &["tokio", "async-std"]));
        assert_eq!(parts("8.2/line/async-std-smol-2"), expect("8.2/line", &["async-std", "smol-2"]));
        assert_eq!(parts("8.2/line/smol-2-smol"), expect("8.2/line", &["smol-2", "smol"]));
        assert_eq!(parts("8.2/line/else"), expect("8.2/line", &["else"]));
    }

    #[test]
    fn a_failure_is_told_in_its_own_words() {
        assert_eq!(message("Error: \"expected a\n     got \"b\"\n\"\n"), "expected a\n     got \"b\"");
        assert_eq!(message("other"), "other");
    }
}
