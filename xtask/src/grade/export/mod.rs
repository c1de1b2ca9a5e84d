//! `cargo xtask grade export`: results in the forms that others read. One file a form.

mod classroom50;
mod csv;
mod gradescope;
mod junit;
mod markdown;
pub(crate) mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use runner::cargo::Cargo;
use runner::progress::{say, tell};

use super::result::{Exercise, Graded};
use super::store::{self, Found};
use crate::{Outcome, report};

pub(crate) use self::csv::render as csv;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Results (results/STUDENT.json), or folders of them
    #[arg(value_name = "RESULTS", required = true)]
    results: Vec<PathBuf>,

    /// The form
    #[arg(long, value_name = "FORMAT")]
    format: Format,

    /// Where to: a file, or a folder for a file each [default: stdout]
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Gradescope's results.json, one for each student
    Gradescope,
    /// Classroom 50's result.json (result/v1), within its runner
    Classroom50,
    /// JUnit's XML, for the test reports of CI systems
    Junit,
    /// Tables for a job summary or an issue
    Markdown,
    /// A line for each student, for a spreadsheet
    Csv,
}

impl Format {
    /// The name of its file in a folder, when there is one for all students.
    fn file(self) -> Option<&'static str> {
        match self {
            Self::Gradescope | Self::Classroom50 => None,
            Self::Junit => Some("grades.xml"),
            Self::Markdown => Some("grades.md"),
            Self::Csv => Some("grades.csv"),
        }
    }
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let found = store::all(&args.results)?;
    if let Some(pair) = found.windows(2).find(|pair| pair[0].graded.student == pair[1].graded.student) {
        let [a, b] = [&pair[0], &pair[1]].map(|found| found.file.display());
        bail!("{a} and {b} are of the same student; fold them with `cargo xtask grade merge`");
    }
    let documents = documents(&found, args.format, |name| std::env::var(name).ok())?;
    match (&args.out, &documents[..]) {
        (None, [(_, text)]) => say(text.trim_end())?,
        (None, []) => {}
        (None, _) => bail!("there is a file for each of {} students: add --out DIR", documents.len()),
        (Some(out), [(name, text)]) => write(cargo, &place(out, name), text)?,
        (Some(out), _) => {
            ensure!(!out.is_file(), "{} is a file, and {} are to be written", out.display(), documents.len());
            for (name, text) in &documents {
                write(cargo, &out.join(name), text)?;
            }
        }
    }
    let mut infra = false;
    for found in &found {
        if let Some(why) = &found.graded.infra {
            tell(&format!(
                "{} was not graded: {}",
                text::line(&found.graded.student, 80),
                text::line(why, 200)
            ));
            infra = true;
        }
    }
    // What is about all says it of them too; of the others something is missing.
    Ok(if infra && args.format.file().is_none() { Outcome::Infra } else { Outcome::Good })
}

/// The texts that are written, with the name of each file. Who could not be graded has none where points are all that is
/// said: they would be zeros.
fn documents(
    found: &[Found],
    format: Format,
    env: impl Fn(&str) -> Option<String>,
) -> Result<Vec<(String, String)>> {
    let class: Vec<&Graded> = found.iter().map(|found| &found.graded).collect();
    let known = class.iter().filter(|graded| graded.infra.is_none());
    let named = |graded: &Graded, text: String| (format!("{}.json", graded.student), text);
    if let Some(name) = format.file() {
        let text = match format {
            Format::Junit => junit::render(&class)?,
            Format::Csv => csv::render(class)?,
            _ => markdown::render(&class),
        };
        return Ok(vec![(name.to_owned(), text)]);
    }
    if format == Format::Gradescope {
        return known.map(|graded| Ok(named(graded, gradescope::render(graded)?))).collect();
    }
    ensure!(class.len() == 1, "Classroom 50 takes one result at a time, and these are {}", class.len());
    known.map(|graded| Ok(named(graded, classroom50::render(graded, &env)?))).collect()
}

/// The file to write: `out`, or the file `name` in it.
fn place(out: &Path, name: &str) -> PathBuf {
    let folder = out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/");
    if folder { out.join(name) } else { out.to_owned() }
}

fn write(cargo: &Cargo, file: &Path, text: &str) -> Result<()> {
    report::write(file, &format!("{}\n", text.trim_end()))?;
    say(text::line(&cargo.shown(file), 4_096))
}

/// What is said of an exercise as a whole, in at most about `most` characters: what failed, or that all holds.
fn outcome(exercise: &Exercise, most: usize) -> String {
    if let Some(said) = &exercise.not_built {
        return format!("{} does not build:\n{}", exercise.of, text::block(said, most));
    }
    let failed: Vec<_> = exercise.checks.iter().filter(|check| !check.passed).collect();
    let all = exercise.checks.len();
    if failed.is_empty() {
        return format!("{all}/{all} checks passed");
    }
    let mut told = format!("{}/{all} checks passed", all - failed.len());
    for (n, check) in failed.iter().enumerate() {
        let left = most.saturating_sub(told.len());
        if left == 0 {
            told += &format!("\n\n… and {} more", failed.len() - n);
            break;
        }
        let said = text::block(check.failure.as_deref().unwrap_or("it failed"), left);
        let indented: Vec<String> = said.lines().map(|line| format!("    {line}")).collect();
        told += &format!("\n\n{}\n{}", text::line(&check.name, 200), indented.join("\n"));
    }
    told
}

/// `value` as JSON.
fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).context("cannot write JSON")
}

#[cfg(test)]
mod tests;
