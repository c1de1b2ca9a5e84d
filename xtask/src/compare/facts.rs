//! What is known of an implementation without running it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cargo::Cargo;
use crate::exercises::{Exercise, RUNTIMES, Runtime, runtimes};
use crate::results::{Group, Settings, Source, Unit};
use crate::workloads::{Contestant, Measure, Samples};

static SIZE: Measure = Measure::bytes("program_size", "size of the program").of(Group::Program);
static CRATES: Measure = Measure::lower("crates", "crates in it", Unit::Count).of(Group::Program);
static LINES: Measure =
    Measure::lower("runtime_lines", "lines for the runtime", Unit::Count).of(Group::Program);

/// The size of the program; for ours, how many crates it is made of, and how many lines were written for its
/// runtime.
pub(crate) fn of(
    cargo: &Cargo,
    exercise: &Exercise,
    contestant: &Contestant,
    _settings: &Settings,
) -> Result<Samples> {
    let mut samples = Samples::new();
    if let Some(size) = size(contestant) {
        samples.push((&SIZE, size as f64));
    }
    if let Some(runtime) = runtimes(Some(contestant.name())).first().filter(|_| !contestant.outside) {
        samples.push((&CRATES, cargo.tree(exercise.name, runtime.name)?.len() as f64));
        samples.push((&LINES, lines(cargo, exercise, runtime)? as f64));
    }
    Ok(samples)
}

/// Bytes of the programs that it is made of, if they are files: `python3` says nothing of what it runs.
fn size(contestant: &Contestant) -> Option<u64> {
    let implementation = &contestant.implementation;
    let commands = implementation.commands.values().map(|subcommand| &subcommand.command);
    let programs: BTreeSet<&str> =
        commands.chain([&implementation.command]).filter_map(|c| c.first().map(String::as_str)).collect();
    let size =
        |program: &str| Some(fs::metadata(program).ok()?.len()).filter(|_| Path::new(program).is_absolute());
    programs.into_iter().map(size).sum()
}

/// The files that are written once for each runtime.
pub(crate) fn sources(cargo: &Cargo, exercise: &Exercise) -> Result<Vec<Source>> {
    let mut texts: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for runtime in &RUNTIMES {
        let module = cargo.root().join(exercise.name).join("src/runtime").join(runtime.module);
        for (file, text) in files(&module).with_context(|| format!("cannot read {}", module.display()))? {
            texts.entry(file).or_default().insert(runtime.name.to_owned(), text);
        }
    }
    Ok(texts.into_iter().map(|(file, texts)| Source { file, texts }).collect())
}

/// The texts of the files in `dir`, by their names.
fn files(dir: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?));
    }
    Ok(files)
}

/// Lines of the runtime's module that are neither blank nor a comment.
fn lines(cargo: &Cargo, exercise: &Exercise, runtime: &Runtime) -> Result<usize> {
    let module = cargo.root().join(exercise.name).join("src/runtime").join(runtime.module);
    let module = if module.is_dir() { module } else { module.with_extension("rs") };
    lines_below(&module).with_context(|| format!("cannot read {}", module.display()))
}

fn lines_below(path: &Path) -> std::io::Result<usize> {
    if path.is_file() {
        let text = fs::read_to_string(path)?;
        return Ok(text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//")).count());
    }
    let mut lines = 0;
    for entry in fs::read_dir(path)? {
        lines += lines_below(&entry?.path())?;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_something() -> Result<()> {
        let dir = tempfile::tempdir()?;
        fs::create_dir(dir.path().join("deeper"))?;
        fs::write(dir.path().join("a.rs"), "//! Doc.\n\nfn a() {\n    // Why.\n    b(); // this\n}\n")?;
        fs::write(dir.path().join("deeper/b.rs"), "fn b() {}")?;
        assert_eq!(lines_below(dir.path())?, 4);
        Ok(())
    }
}
