//! `cargo xtask handout`: a workspace for students, made of this one.
//!
//! ```text
//! files (an allow-list) ─► runtime (one alone) ─► holes (emptied) ─► manifest ─► texts ─► leaks, proof ─► git, pack
//! ```
//!
//! Everything is done in memory, then in a folder beside the place where it is to be; that is moved there when all
//! proofs hold, so a handout that is there is a whole one.

mod cfg;
mod files;
mod git;
mod holes;
mod leaks;
mod manifest;
mod pack;
mod proof;
mod runtime;
mod texts;
mod tools;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;
use homework::{Files, Homework};
use kit::Children;
use runner::cargo::Cargo;
use runner::exercises::{RUNTIMES, Runtime};
use runner::interrupt::Interrupt;
use runner::progress::{Step, say, tell};

use self::holes::Chosen;
use self::pack::Draft;
use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where it goes: a folder that is not there, or is empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// One runtime only, without the code and the dependencies of the others
    #[arg(long, value_name = "RUNTIME", value_parser = PossibleValuesParser::new(RUNTIMES.iter().map(|r| r.name)))]
    runtime: Option<String>,

    /// The exercises to be solved, such as 8.2 and ex8.1; the others are there solved. All when none is named
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,

    /// Pack it into DIR.zip, too
    #[arg(long)]
    zip: bool,
}

/// What is handed out.
#[derive(Default)]
pub(crate) struct Options {
    /// Without the others; all of them if none.
    pub(crate) runtime: Option<&'static Runtime>,
    /// The ids of what is to be solved; all of them if none.
    pub(crate) only: Vec<String>,
    /// As a repository of one commit, where git is installed.
    pub(crate) history: bool,
    /// And as an archive, `OUT.zip`.
    pub(crate) zip: bool,
    /// Without a build to prove it: for who builds it anyhow.
    pub(crate) unbuilt: bool,
}

/// What was made.
pub(crate) struct Made {
    exercises: usize,
    /// On each runtime.
    holes: usize,
    points: u32,
    /// The id of the commit.
    commit: Option<String>,
    archive: Option<PathBuf>,
    secrets: leaks::Counts,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let interrupt = Interrupt::watch(Children::default())?;
    let runtime =
        args.runtime.as_deref().and_then(|name| RUNTIMES.iter().find(|runtime| runtime.name == name));
    let options = Options { runtime, only: args.only.clone(), history: true, zip: args.zip, unbuilt: false };
    let made = make(cargo, &options, &args.out, &interrupt)?;
    if made.commit.is_none() {
        tell("git is not installed: the handout is a folder, and no repository");
    }
    Outcome::Good.once(summary(&made, &options, &args.out))
}

/// Makes the handout `out`, which is not there or is an empty folder.
///
/// # Errors
/// When there is something at `out`, or the handout cannot be proved; then nothing is left of it. The same when
/// `interrupt` came.
pub(crate) fn make(cargo: &Cargo, options: &Options, out: &Path, interrupt: &Interrupt) -> Result<Made> {
    let draft = Draft::new(out)?;
    let archive = options.zip.then(|| pack::archive(out)).transpose()?;
    let homework = Homework::load(cargo.root())?;
    let chosen = Chosen::new(&homework, &options.only)?;
    let runtimes: Vec<&Runtime> = options.runtime.map_or_else(|| RUNTIMES.iter().collect(), |one| vec![one]);

    let step = Step::new("take the solutions out");
    let source = files::read(cargo.root())?;
    let mut files = source.clone();
    emptied(&mut files, &chosen, options.runtime, &runtimes)?;
    draft.write(&files)?;
    settle(cargo, &draft, &mut files)?;
    proof::holes(&files, &chosen, &runtimes)?;
    step.done(format!("{} files", files.len()));
    interrupt.check()?;

    let step = Step::new("look for lines of the solutions");
    let secrets = leaks::check(&source, &files, &chosen)?;
    step.done(format!("none of {}", secrets.distinctive));
    if !options.unbuilt {
        proved(proof::build(cargo, draft.dir(), &chosen, &runtimes), interrupt)?;
    }

    let date = git::date(cargo.root());
    let commit = if options.history { git::commit(draft.dir(), &date)? } else { None };
    interrupt.check()?;
    draft.finish()?;
    if let Some(archive) = &archive {
        let top = out.file_name().unwrap_or_default().to_string_lossy();
        pack::zip(&files, &top, archive)?;
    }
    let points = chosen.list.iter().map(|(_, one)| one.points).sum();
    let (exercises, holes) = (chosen.list.len(), chosen.holes().len());
    Ok(Made { exercises, holes, points, commit, archive, secrets })
}

/// Turns the workspace in `files` into a handout, but for what Cargo has to do.
fn emptied(
    files: &mut Files,
    chosen: &Chosen<'_>,
    runtime: Option<&Runtime>,
    runtimes: &[&Runtime],
) -> Result<()> {
    if let Some(runtime) = runtime {
        runtime::alone(files, runtime)?;
    }
    tools::untested(files)?;
    holes::empty(files, chosen, runtimes)?;
    manifest::edit(files, runtime)?;
    texts::add(files, chosen, runtimes)
}

/// Lets Cargo do its part in the files of `draft`: the lock file and the formatting.
fn settle(cargo: &Cargo, draft: &Draft, files: &mut Files) -> Result<()> {
    proof::prune_lock(cargo, draft.dir())?;
    draft.read(files)?;
    let lock = files.get(Path::new("Cargo.lock")).context("the workspace has no Cargo.lock")?;
    let crates = manifest::locked(lock)?;
    manifest::prune_profiles(files, &crates)?;
    draft.write(files)?;
    proof::format(cargo, draft.dir())?;
    draft.read(files)
}

/// What came of a proof; that Cargo failed means nothing when it was told to end.
fn proved(proof: Result<()>, interrupt: &Interrupt) -> Result<()> {
    interrupt.check()?;
    proof
}

fn summary(made: &Made, options: &Options, out: &Path) -> Result<()> {
    let Made { exercises, holes, points, secrets, .. } = made;
    let on = options
        .runtime
        .map_or_else(|| "on each runtime".to_owned(), |runtime| format!("on {}", runtime.name));
    say(format!("handout: {}", out.display()))?;
    say(format!("  {exercises} exercises with {holes} holes {on}, {points} points"))?;
    say(format!(
        "  no line of the solutions is in it; of {}, {} also stand in code that is given",
        secrets.distinctive + secrets.given,
        secrets.given
    ))?;
    if let Some(commit) = &made.commit {
        say(format!("  one commit: {commit}"))?;
    }
    if let Some(archive) = &made.archive {
        say(format!("  archive: {}", archive.display()))?;
    }
    say(format!("next: cd {} && cargo xtask", out.display()))
}
