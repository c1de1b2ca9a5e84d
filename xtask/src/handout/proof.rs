//! What a handout has to stand before it is one: formatted, built without a warning and without the network, its
//! checks there, its holes in place.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use homework::{Files, Homework};
use kit::Implementation;
use runner::cargo::{Cargo, program};
use runner::checks::{Checks, Impls};
use runner::exercises::{EXERCISES, RUNTIMES, Runtime};
use runner::progress::Step;

use super::holes::{Chosen, is_source, parse};

/// The place of the programs below the target folder.
const TARGET: &str = "handout";

/// Leaves in the lock file of the workspace `dir` what is still needed, at the same versions.
///
/// # Errors
/// When a version is not there that is needed.
pub(super) fn prune_lock(cargo: &Cargo, dir: &Path) -> Result<()> {
    ran(cargo.command().current_dir(dir).args(["update", "--workspace", "--offline", "--quiet"]))
}

/// Formats the workspace `dir`: what was taken out may leave a line that is now too short to be broken.
///
/// # Errors
/// When a source does not parse.
pub(super) fn format(cargo: &Cargo, dir: &Path) -> Result<()> {
    ran(cargo.command().current_dir(dir).args(["fmt", "--all"]))
}

fn ran(command: &mut Command) -> Result<()> {
    let output = command.output().context("cannot run cargo")?;
    let args = command.get_args().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let why = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`cargo {args}` fails in the handout:\n{}", why.trim());
    Ok(())
}

/// Holds when the holes of `chosen`, and no others, are in `files`: once on each runtime, or in what all share.
///
/// # Errors
/// With the holes that are wrong.
pub(super) fn holes(files: &Files, chosen: &Chosen<'_>, runtimes: &[&Runtime]) -> Result<()> {
    let mut missing: BTreeSet<(&str, &str)> = runtimes
        .iter()
        .flat_map(|runtime| chosen.holes().into_iter().map(|hole| (runtime.name, hole)))
        .collect();
    for (path, text) in files.iter().filter(|(path, _)| is_source(path)) {
        let own =
            RUNTIMES.iter().find(|runtime| path.components().any(|part| part.as_os_str() == runtime.module));
        for hole in parse(path, text)?.holes() {
            let known = chosen.of_hole(hole.name).is_some();
            ensure!(known, "{}: the hole `{}` is of no exercise in it", path.display(), hole.name);
            missing
                .retain(|(runtime, name)| *name != hole.name || own.is_some_and(|own| own.name != *runtime));
        }
    }
    let missing = missing.iter().map(|(runtime, hole)| format!("{hole} on {runtime}")).collect::<Vec<_>>();
    ensure!(missing.is_empty(), "holes are missing: {}", missing.join(", "));
    Ok(())
}

/// Builds the workspace `dir` and looks for its checks. What comes from crates.io is built once, in the target folder
/// of `cargo`.
///
/// # Errors
/// With what Cargo says, when there is a warning, or when a check is missing.
pub(super) fn build(cargo: &Cargo, dir: &Path, chosen: &Chosen<'_>, runtimes: &[&Runtime]) -> Result<()> {
    let step = Step::new("build it without the network");
    let handout = Cargo::at(dir)?;
    let target = cargo.target().join(TARGET);
    let target = target.to_str().context("the target folder's name is no UTF-8")?;
    let build_dir = toml_edit::value(cargo.target().to_string_lossy().into_owned());
    let build_dir = format!("build.build-dir={}", build_dir.to_string().trim());
    let mut args = vec!["build", "--offline", "--locked", "--workspace", "--all-targets"];
    args.extend(["--target-dir", target, "--config", &build_dir]);
    let (artifacts, warnings) = handout.build_counting(&step, &args)?;
    ensure!(warnings == 0, "the handout builds with warnings");
    step.done("");

    let step = Step::new("list its checks");
    let mut checks = BTreeSet::new();
    for exercise in EXERCISES {
        let built = program(&artifacts, exercise.name)?;
        let built = built.to_str().context("the target folder's name is no UTF-8")?;
        let list = runtimes.iter().map(|one| Implementation::new(one.name, [built, "--runtime", one.name]));
        let impls = Impls::write(cargo, exercise, "handout", list.collect())?;
        checks.extend(Checks::find(&handout, exercise, &artifacts)?.names(&impls)?);
    }
    Homework::read(dir)?;
    let is_there = |claim: &String| {
        checks.iter().any(|check| {
            check.strip_prefix(claim.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    for (_, one) in &chosen.list {
        let missing = one.checks.iter().chain(&one.given).find(|claim| !is_there(claim));
        ensure!(
            missing.is_none(),
            "{}: the handout has no check `{}`",
            one.id,
            missing.map_or("", |claim| claim)
        );
    }
    step.done(format!("{}", checks.len()));
    Ok(())
}
