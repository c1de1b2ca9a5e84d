//! The checks of a template, run against the programs of a submission: each as a process of its own, several at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use common::text::printable;
use kit::Implementation;
use runner::checks::{Event, message};
use runner::exercises::Runtime;
use runner::interrupt::Interrupt;
use serde::Serialize;

use super::process;
use super::sandbox::{Room, Sandbox};
use super::template::Template;

/// The crates whose programs write files; the others have no business to.
const WRITERS: [&str; 2] = ["crawler", "pipeline"];

/// What is kept of what a check says.
const TOLD: usize = 4 << 10;

/// How often a check is started that does not begin, and how long to wait in between.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// The checks of all crates, built.
pub(crate) struct Exam {
    /// The executable of each crate, by its name.
    folder: PathBuf,
    /// What each crate's are called: `8.2/line_at_once`.
    names: BTreeMap<&'static str, BTreeSet<String>>,
    /// Those in which a server and a client meet.
    pairs: BTreeSet<(&'static str, String)>,
}

/// One check of one program.
pub(crate) struct Question<'q> {
    pub(crate) of: &'static str,
    pub(crate) runtime: &'static Runtime,
    pub(crate) check: &'q str,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) passed: bool,
    pub(crate) failure: Option<String>,
    pub(crate) seconds: f64,
}

/// A file for `CH8_IMPLS`.
#[derive(Serialize)]
struct Impls {
    implementation: Vec<Implementation>,
}

impl Exam {
    /// Learns what the checks in `folder` are called.
    ///
    /// # Errors
    /// When those of a crate cannot be listed.
    pub(crate) fn read(folder: &Path, template: &Template) -> Result<Self> {
        let room = tempfile::tempdir().context("cannot make a temporary folder")?;
        let impls = room.path().join("impls.toml");
        // Only the names are asked for.
        let list = Impls { implementation: vec![Implementation::new("x", ["x"])] };
        fs::write(&impls, toml::to_string(&list)?).context("cannot write a temporary file")?;
        let (mut names, mut pairs) = (BTreeMap::new(), BTreeSet::new());
        for part in &template.crates {
            let mut list = Command::new(folder.join(part.name));
            list.args(["--list", "--format=terse"]).env("CH8_IMPLS", &impls).stdin(Stdio::null());
            let listed = list.output().with_context(|| format!("cannot list the checks of {}", part.name))?;
            ensure!(listed.status.success(), "the checks of {}: {}", part.name, printable(&listed.stderr));
            let listed = String::from_utf8_lossy(&listed.stdout);
            let listed = listed.lines().filter_map(|line| line.strip_suffix(": test"));
            let mut own = BTreeSet::new();
            for (check, who) in listed.filter_map(|name| name.rsplit_once('/')) {
                own.insert(check.to_owned());
                if who == "x-x" {
                    pairs.insert((part.name, check.to_owned()));
                }
            }
            names.insert(part.name, own);
        }
        Ok(Self { folder: folder.into(), names, pairs })
    }

    /// The checks of the crate `of`.
    pub(crate) fn names(&self, of: &str) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.names.get(of).unwrap_or(&NONE)
    }

    /// Runs one check against `program`.
    ///
    /// # Errors
    /// When it did not begin, again and again: by no fault of the program, which had not been started then.
    pub(crate) fn ask(
        &self,
        question: &Question<'_>,
        program: &Path,
        sandbox: &Sandbox,
        interrupt: &Interrupt,
    ) -> Result<Answer> {
        for _ in 1..TRIES {
            // A program beside it may have taken all the processes that there are, until it is ended.
            if let Ok(answer) = self.try_to_ask(question, program, sandbox, interrupt) {
                return Ok(answer);
            }
            interrupt.check()?;
            #[expect(clippy::disallowed_methods, reason = "a thread of its own, and no event to wait for")]
            thread::sleep(PAUSE);
        }
        self.try_to_ask(question, program, sandbox, interrupt)
    }

    fn try_to_ask(
        &self,
        question: &Question<'_>,
        program: &Path,
        sandbox: &Sandbox,
        interrupt: &Interrupt,
    ) -> Result<Answer> {
        let Question { of, runtime, check } = *question;
        let room = Room::new(sandbox, &self.folder.join(of), program, WRITERS.contains(&of))?;
        let command = room.confined(vec!["--runtime".to_owned(), runtime.name.to_owned()]);
        let list = Impls { implementation: vec![Implementation::new(runtime.name, &command)] };
        fs::write(room.impls_file(), toml::to_string(&list)?).context("cannot write a temporary file")?;
        let name = match self.pairs.contains(&(of, check.to_owned())) {
            // Both of them are of this runtime.
            true => format!("{check}/{0}-{0}", runtime.name),
            false => format!("{check}/{}", runtime.name),
        };
        let args = ["--exact", &name, "--format=json", "--color=never"];
        let ended = process::run(room.check(&args).stderr(room.stderr()?), room.bounds(), interrupt)?;
        let seconds = ended.took.as_secs_f64();
        let verdict = Verdict::read(&ended.output, &name);
        let failed = |failure: String| Answer { passed: false, failure: Some(failure), seconds };
        Ok(match verdict {
            Verdict::NotBegun => bail!("the check {check} did not begin: {}", trouble(&room, &ended)),
            Verdict::Passed if ended.bound.is_none() => Answer { passed: true, failure: None, seconds },
            Verdict::Failed(failure) => failed(bounded(&said(&failure, &command, of))),
            _ => failed(match ended.bound {
                Some(bound) => format!("the check was ended: {bound}"),
                None => "the check ended without a verdict".to_owned(),
            }),
        })
    }
}

/// Why a check may not have begun.
fn trouble(room: &Room<'_>, ended: &process::Ended) -> String {
    match (&ended.bound, room.told()) {
        (Some(bound), _) => bound.clone(),
        (None, told) if told.is_empty() => ended.status.to_string(),
        (None, told) => told,
    }
}

/// What a check's own process says of it.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    NotBegun,
    /// It has not reported: it was ended.
    Begun,
    Passed,
    Failed(String),
}

impl Verdict {
    /// Reads the one about the check `name` from libtest's JSON.
    fn read(output: &[u8], name: &str) -> Self {
        let mut verdict = Self::NotBegun;
        for line in String::from_utf8_lossy(output).lines() {
            let Ok(event) = serde_json::from_str::<Event>(line) else { continue };
            let of_it = event.name.as_deref() == Some(name);
            match (&*event.kind, &*event.event) {
                ("suite", "started") if event.test_count == Some(1) => verdict = Self::Begun,
                ("test", "ok") if of_it && verdict == Self::Begun => verdict = Self::Passed,
                ("test", "failed") if of_it => {
                    verdict = Self::Failed(event.stdout.as_deref().map(message).unwrap_or_default());
                }
                _ => {}
            }
        }
        verdict
    }
}

/// `failure`, in which the program is called by its name and not by what confines it.
fn said(failure: &str, command: &[String], of: &str) -> String {
    failure.replace(&command[..4].join(" "), of)
}

/// `text` without what a terminal would obey, and not too long.
fn bounded(text: &str) -> String {
    let text = printable(text.as_bytes());
    match text.char_indices().nth(TOLD) {
        Some((end, _)) => format!("{}\n… and more", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
