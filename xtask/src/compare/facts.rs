//! What is known of an implementation without running it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use object::{Object, ObjectSection};
use runner::cargo::Cargo;
use runner::exercises::{Exercise, RUNTIMES, Runtime, runtimes};
use runner::progress::Step;

use crate::results::{Group, Scale, Settings, Source, Unit};
use crate::workloads::{Contestant, Measure, Samples};

static SIZE: Measure = Measure::bytes("program_size", "size of the program, stripped").of(Group::Program);
static CRATES: Measure = Measure::lower("crates", "crates in it", Unit::Count).of(Group::Program);
static LINES: Measure =
    Measure::lower("runtime_lines", "lines for the runtime", Unit::Count).of(Group::Program);
static BUILD: Measure = Measure::time("clean_build", "release build from nothing").of(Group::Program);

/// The size of the program, if it is one; of ours also how many crates it is made of, how many lines were written for
/// its runtime, and with everything how long its build takes.
pub(crate) fn of(
    cargo: &Cargo,
    exercise: &Exercise,
    contestant: &Contestant,
    settings: &Settings,
) -> Result<Samples> {
    let mut samples = Samples::new();
    if let Some(size) = size(contestant)? {
        samples.push((&SIZE, size as f64));
    }
    if let Some(runtime) = runtimes(Some(contestant.name())).first().filter(|_| !contestant.outside) {
        samples.push((&CRATES, cargo.tree(exercise.name, runtime.name)?.len() as f64));
        samples.push((&LINES, lines(cargo, exercise, runtime)? as f64));
        if settings.scale == Scale::Full {
            samples.push((&BUILD, clean_build(cargo, exercise, runtime)?));
        }
    }
    Ok(samples)
}

/// Seconds that a release build with `runtime` alone takes from nothing, once the sources are there.
fn clean_build(cargo: &Cargo, exercise: &Exercise, runtime: &Runtime) -> Result<f64> {
    let step = Step::new(format!("build {} on {} from nothing", exercise.name, runtime.name));
    // Beside the other builds: a folder for temporary files may be in memory.
    fs::create_dir_all(cargo.target())?;
    let dir = tempfile::Builder::new().prefix("clean-build-").tempdir_in(cargo.target());
    let dir = dir.with_context(|| format!("cannot make a folder in {}", cargo.target().display()))?;
    let target = dir.path().to_str().context("the target folder is no UTF-8")?;
    let start = Instant::now();
    cargo.build(
        &step,
        &[
            "build",
            "--release",
            "--offline",
            "--target-dir",
            target,
            "-p",
            exercise.name,
            "--no-default-features",
            "--features",
            runtime.name,
        ],
    )?;
    let took = start.elapsed();
    step.done("");
    Ok(took.as_secs_f64())
}

/// Bytes of the programs that it is made of, as `strip` would leave them, if they all are programs: a script says
/// nothing of what runs it.
fn size(contestant: &Contestant) -> Result<Option<u64>> {
    let implementation = &contestant.implementation;
    let commands = implementation.commands.values().map(|subcommand| &subcommand.command);
    let programs: BTreeSet<&str> =
        commands.chain([&implementation.command]).filter_map(|c| c.first().map(String::as_str)).collect();
    let mut sum = Some(0);
    for program in programs {
        let path = Path::new(program);
        // A name that is looked up in PATH is that of a tool.
        let size = if path.is_absolute() { stripped(path)? } else { None };
        sum = sum.zip(size).map(|(sum, size)| sum + size);
    }
    Ok(sum)
}

/// The size of an ELF file without its symbols and what is for debuggers; none of another file.
fn stripped(path: &Path) -> Result<Option<u64>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let Ok(program) = object::File::parse(&*bytes) else { return Ok(None) };
    let goes = |name: &str| matches!(name, ".symtab" | ".strtab") || name.starts_with(".debug_");
    let gone = program.sections().filter(|section| section.name().is_ok_and(goes));
    let gone: u64 = gone.filter_map(|section| section.file_range()).map(|(_, size)| size).sum();
    Ok(Some(bytes.len() as u64 - gone))
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
    use kit::{Children, Implementation};

    use super::*;

    /// The test itself is a program with symbols, and with what debuggers want.
    #[test]
    fn a_program_is_as_large_as_strip_leaves_it() -> Result<()> {
        let program = std::env::current_exe()?;
        let whole = fs::metadata(&program)?.len();
        let left = stripped(&program)?.context("it is a program")?;
        assert!(left > whole / 20 && left < whole * 9 / 10, "{left} of {whole}");
        let dir = tempfile::tempdir()?;
        let script = dir.path().join("x.sh");
        fs::write(&script, "#!/bin/sh\n")?;
        assert_eq!(stripped(&script)?, None);
        let of = |command: &[&str]| {
            let implementation = Implementation::new("x", command.iter().copied());
            size(&Contestant::new(implementation, true, &Children::default()))
        };
        assert_eq!(of(&[&program.to_string_lossy()])?, Some(left));
        assert_eq!(of(&["sh", &program.to_string_lossy()])?, None);
        assert_eq!(of(&[&script.to_string_lossy()])?, None);
        Ok(())
    }

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
