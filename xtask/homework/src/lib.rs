//! The chapter as homework: what is to be solved, where it is taken out, and which checks prove it.
//!
//! The solution is the code that is there. `exercises.toml` in each crate says what the assignments are, and markers
//! in its sources where their holes are: each hole is in the `src/runtime/` of all runtimes, or once in what they share.

pub mod assignment;
pub mod expected;
pub mod file;
pub mod markers;
pub mod student;
pub mod wrong;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use runner::exercises::{EXERCISES, RUNTIMES, Runtime};

use self::assignment::Assignment;
use self::file::Assignments;
use self::markers::Source;
use self::wrong::Wrong;

/// The assignments of the whole workspace.
pub struct Homework {
    all: Vec<Assignments>,
    /// What is no solution. A handout has none.
    wrong: Vec<Wrong>,
}

impl Homework {
    /// Reads the assignments as they are: in a handout there may be some of them only, and one runtime.
    ///
    /// # Errors
    /// When a file cannot be read or is not of its form.
    pub fn read(root: &Path) -> Result<Self> {
        let all = EXERCISES.iter().map(|exercise| Assignments::load(root, exercise.name));
        Ok(Self { all: all.collect::<Result<Vec<_>>>()?, wrong: Wrong::read(root)? })
    }

    /// The assignments of each crate, in the chapter's order of crates.
    pub fn crates(&self) -> &[Assignments] {
        &self.all
    }

    /// The assignment `id`, and the assignments of its crate.
    pub fn find(&self, id: &str) -> Option<(&Assignments, &Assignment)> {
        let all = self.all.iter().flat_map(|of| of.list.iter().map(move |one| (of, one)));
        all.into_iter().find(|(_, one)| one.id == id)
    }

    /// The wrong programs, by name.
    pub fn wrong(&self) -> &[Wrong] {
        &self.wrong
    }

    /// Reads the assignments, and looks for their holes and for wrong programs of them.
    ///
    /// # Errors
    /// When a file cannot be read or is not of its form, or with all that is wrong with them.
    pub fn load(root: &Path) -> Result<Self> {
        let homework = Self::read(root)?;
        let (all, runtimes) = (&homework.all, RUNTIMES.map(|runtime| runtime.name));
        let mut faults = file::faults(all, &runtimes);
        for of in all {
            faults.extend(hole_faults(of, &Texts::read(root, of.of)?));
        }
        faults.extend(wrong::faults(&homework.wrong, all, &runtimes));
        told(faults)?;
        Ok(homework)
    }

    /// Holds when each of `checks`, which are all of the crate `of`, belongs to one assignment, and a wrong program of an
    /// assignment fails one of its checks.
    ///
    /// # Errors
    /// With each that does not, and each claim of a check that there is not.
    pub fn claims(&self, of: &str, checks: &BTreeSet<String>) -> Result<()> {
        let mut faults = Vec::new();
        for assignments in self.all.iter().filter(|assignments| assignments.of == of) {
            faults.extend(assignments.claim_faults(checks));
            faults.extend(wrong::claim_faults(&self.wrong, assignments, checks));
        }
        told(faults)
    }
}

/// An error of all the `faults`, a line each, if there are any.
fn told(faults: Vec<String>) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    bail!("the exercises are not in order:\n{}", faults.join("\n"))
}

/// The runtimes that the workspace at `root` has: all of them, or the one of a handout.
pub fn runtimes(root: &Path) -> Vec<&'static Runtime> {
    let there = |runtime: &&Runtime| {
        let module = Path::new("src/runtime").join(runtime.module);
        EXERCISES.iter().all(|exercise| root.join(exercise.name).join(&module).is_dir())
    };
    RUNTIMES.iter().filter(there).collect()
}

/// The sources of a crate.
pub struct Texts {
    /// Of each runtime alone.
    pub runtimes: Vec<(&'static Runtime, Files)>,
    /// What all of them share.
    pub shared: Files,
}

/// Texts by their path in the workspace.
pub type Files = BTreeMap<PathBuf, String>;

impl Texts {
    /// Reads those of the crate `of`. A runtime that is not there has none.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read(root: &Path, of: &str) -> Result<Self> {
        let src = Path::new(of).join("src");
        let (mut shared, mut runtimes) = (files(root, &src)?, Vec::new());
        for runtime in &RUNTIMES {
            let dir = src.join("runtime").join(runtime.module);
            let (own, others) = shared.into_iter().partition(|(path, _)| path.starts_with(&dir));
            runtimes.push((runtime, own));
            shared = others;
        }
        Ok(Self { runtimes, shared })
    }
}

/// The sources below the folder `dir` of the workspace. What editors put beside them while they are open is none.
fn files(root: &Path, dir: &Path) -> Result<Files> {
    let mut texts = Files::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        let at = || format!("cannot read {}", dir.display());
        for entry in fs::read_dir(root.join(&dir)).with_context(at)? {
            let entry = entry.with_context(at)?;
            let path = dir.join(entry.file_name());
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if entry.file_type().with_context(at)?.is_dir() {
                dirs.push(path);
            } else if !hidden && path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(root.join(&path));
                let text = text.with_context(|| format!("cannot read {}", path.display()))?;
                texts.insert(path, text);
            }
        }
    }
    Ok(texts)
}

/// What is wrong with the holes of `of`: each that an assignment names is in all runtimes or in what they share, once;
/// each that is there has a name that an assignment knows; and none is given away.
fn hole_faults(of: &Assignments, texts: &Texts) -> Vec<String> {
    let mut faults = Vec::new();
    let shared = bodies(of, RUNTIMES[0].name, &texts.shared, &mut faults);
    for (runtime, files) in &texts.runtimes {
        let own = bodies(of, runtime.name, files, &mut faults);
        for (one, name) in of.list.iter().flat_map(|one| one.holes.iter().map(move |name| (one, name))) {
            match (shared.get(&**name), own.get(&**name)) {
                (None, None) => {
                    faults.push(of.fault(&one.id, &format!("{} lacks the hole `{name}`", runtime.name)));
                }
                (Some(_), Some(_)) => faults.push(of.fault(
                    &one.id,
                    &format!("the hole `{name}` is in what all share, and on {} too", runtime.name),
                )),
                (Some(body), None) | (None, Some(body)) => {
                    let line = given_away(one, body);
                    let told =
                        |line| of.fault(&one.id, &format!("it gives away `{line}` of the hole `{name}`"));
                    faults.extend(line.map(told));
                }
            }
        }
    }
    faults
}

/// The holes in `files` and what is in them; what is wrong with the markers goes to `faults`.
fn bodies<'t>(
    of: &Assignments,
    runtime: &str,
    files: &'t Files,
    faults: &mut Vec<String>,
) -> BTreeMap<&'t str, &'t str> {
    let mut bodies = BTreeMap::new();
    for (path, text) in files {
        let path = path.display();
        let source = match Source::parse(text) {
            Ok(source) => source,
            Err(fault) => {
                faults.push(format!("{path}:{fault}"));
                continue;
            }
        };
        for hole in source.holes() {
            if bodies.insert(hole.name, hole.body).is_some() {
                faults.push(format!("{path}: a second hole `{}`", hole.name));
            }
            if !of.list.iter().any(|one| one.holes.iter().any(|name| name == hole.name)) {
                faults.push(format!("{path}: no exercise of {} has the hole `{}`", of.of, hole.name));
            }
        }
        let long = width_faults(of, runtime, text, &source);
        faults.extend(long.iter().map(|fault| format!("{path}: {fault}")));
    }
    bodies
}

/// The `max_width` of rustfmt.toml.
const WIDTH: usize = 110;

/// The lines that rustfmt would break while the holes of `text` are empty.
fn width_faults(of: &Assignments, runtime: &str, text: &str, source: &Source<'_>) -> Vec<String> {
    let replacement = |name: &str| of.list.iter().find_map(|one| one.replacement(name, runtime));
    let emptied = source.emptied(replacement);
    let long = emptied.lines().filter(|line| line.chars().count() > WIDTH);
    // What was there before is formatted, or a comment.
    let long = long.filter(|line| !text.contains(line));
    long.map(|line| format!("longer than {WIDTH} while its holes are empty: {}", line.trim())).collect()
}

/// Shorter lines are nobody's: `Ok(())`, `loop {`.
const DISTINCTIVE: usize = 24;

/// A line of the solution `body` that a text of the assignment has in it.
fn given_away<'b>(one: &Assignment, body: &'b str) -> Option<&'b str> {
    let texts = [&one.task].into_iter().chain(&one.hints).chain(&one.compare).chain(one.todo.values());
    let texts: Vec<&String> = texts.collect();
    let lines = body.lines().map(str::trim);
    let mut lines = lines.filter(|line| line.len() >= DISTINCTIVE && !line.starts_with("//"));
    lines.find(|line| texts.iter().any(|text| text.contains(line)))
}

#[cfg(test)]
mod tests;
