//! `cargo xtask build`: each exercise with each runtime alone, with all of them, and with none; and the proof
//! that a build for one runtime has nothing of another in it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use runner::cargo::{Cargo, Crate, program};
use runner::exercises::{Exercise, Runtime};
use runner::progress::{Step, tell};

use crate::{Outcome, Selection};

/// What a program's `compile_error!` says when it is built without a runtime begins with this.
const NO_RUNTIME: &str = "no runtime: ";

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Build with optimisations
    #[arg(long)]
    release: bool,
}

/// How a program is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// Its folder's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Dev => &[],
            Self::Release => &["--release"],
        }
    }
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let profile = if args.release { Profile::Release } else { Profile::Dev };
    for exercise in args.selection.exercises() {
        for runtime in args.selection.runtimes() {
            alone(cargo, exercise.name, runtime, profile)?;
            pure(cargo, exercise, runtime)?;
        }
        if args.selection.runtime.is_none() {
            together(cargo, exercise, profile)?;
            none(cargo, exercise, profile)?;
        }
    }
    let place = cargo.target().join("alone").join(profile.name());
    tell(&format!("programs with one runtime alone: {}/RUNTIME/EXERCISE", cargo.shown(&place)));
    Ok(Outcome::Good)
}

/// Builds `package` with `runtime` alone, and returns a copy of its program, which has the same name: every set of
/// features writes the same file.
pub(crate) fn alone(cargo: &Cargo, package: &str, runtime: &Runtime, profile: Profile) -> Result<PathBuf> {
    let step = Step::new(format!("build {package} on {} alone ({})", runtime.name, profile.name()));
    let mut args = vec!["build", "-p", package, "--no-default-features", "--features", runtime.name];
    args.extend(profile.flags());
    let built = program(&cargo.build(&step, &args)?, package)?;
    let dir = cargo.target().join("alone").join(profile.name()).join(runtime.name);
    let copy = dir.join(package);
    // By way of another name: a copy that runs cannot be written to, but replaced.
    let fresh = dir.join(format!("{package}.new"));
    fs::create_dir_all(&dir)
        .and_then(|()| fs::copy(&built, &fresh))
        .and_then(|_| fs::rename(&fresh, &copy))
        .with_context(|| format!("cannot copy {} to {}", built.display(), copy.display()))?;
    step.done("");
    Ok(copy)
}

/// Proves that `exercise` with `runtime` alone has no other runtime's executor or reactor.
fn pure(cargo: &Cargo, exercise: &Exercise, runtime: &Runtime) -> Result<()> {
    let step =
        Step::new(format!("{} on {} alone is without the other runtimes", exercise.name, runtime.name));
    let crates = cargo.tree(exercise.name, runtime.name)?;
    let found: Vec<&str> =
        crates.iter().filter(|c| is_foreign(c, runtime)).map(|c| c.name.as_str()).collect();
    ensure!(
        found.is_empty(),
        "{} with the feature {} alone has {} in it; see `cargo tree -p {} --no-default-features --features {} \
         -e normal -i {}`",
        exercise.name,
        runtime.name,
        found.join(", "),
        exercise.name,
        runtime.name,
        found[0],
    );
    step.done(format!("{} crates", crates.len()));
    Ok(())
}

/// Whether `one` runs tasks, or waits for the system, for another runtime than `runtime`.
fn is_foreign(one: &Crate, runtime: &Runtime) -> bool {
    // Libraries that serve every runtime take tokio's channels, which need neither its executor nor its reactor.
    let channels = one.name == "tokio" && one.features.iter().all(|f| f == "sync" || f == "default");
    !channels && runtime.foreign().any(|name| name == one.name)
}

fn together(cargo: &Cargo, exercise: &Exercise, profile: Profile) -> Result<()> {
    let step = Step::new(format!("build {} on all runtimes together ({})", exercise.name, profile.name()));
    let args = [&["build", "-p", exercise.name], profile.flags()].concat();
    program(&cargo.build(&step, &args)?, exercise.name)?;
    step.done("");
    Ok(())
}

/// Proves that `exercise` without a runtime says what to do.
fn none(cargo: &Cargo, exercise: &Exercise, profile: Profile) -> Result<()> {
    let step = Step::new(format!("{} without a runtime says what to do", exercise.name));
    let mut command = cargo.command();
    command.args(["build", "-p", exercise.name, "--no-default-features"]).args(profile.flags());
    let output = command.output().context("cannot run cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success(), "{} without a runtime should not build, and does", exercise.name);
    ensure!(
        said.contains(NO_RUNTIME),
        "{} without a runtime should fail with {NO_RUNTIME:?}, and fails with:\n{said}",
        exercise.name,
    );
    step.done("");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner::exercises::runtimes;

    #[test]
    fn tokio_s_channels_alone_are_no_runtime() {
        let tokio = |features: &[&str]| Crate {
            name: "tokio".to_owned(),
            features: features.iter().map(|&f| f.to_owned()).collect(),
        };
        let smol = runtimes(Some("smol"))[0];
        assert!(!is_foreign(&tokio(&["default", "sync"]), smol));
        assert!(is_foreign(&tokio(&["rt", "sync"]), smol));
        assert!(!is_foreign(&tokio(&["rt", "sync"]), runtimes(Some("tokio"))[0]));
    }
}
