//! The commands of who works through the exercises: where one is, what is next, whether it holds, a hint.
//!
//! Each reads the workspace as it is. What cannot be read from it is remembered: what the last checks came to,
//! and which hints were shown.

mod check;
mod desk;
mod diff;
mod hint;
mod list;
mod next;
mod overview;
mod pristine;
mod record;
mod reset;
mod sources;
mod text;
mod watch;

use anyhow::Result;
use clap::Subcommand;
use runner::Outcome;
use runner::cargo::Cargo;

use self::desk::Desk;

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Show each exercise, and whether it is solved
    List,
    /// Show the next exercise: what is to be written and where
    Next(next::Args),
    /// Build an exercise and run its checks
    Check(check::Args),
    /// Show one hint more for an exercise
    Hint(hint::Args),
    /// Build and check an exercise each time a file of it is saved
    Watch(watch::Args),
    /// Put an exercise back as it was handed out, and keep what was written
    Reset(reset::Args),
    /// Show what was written for an exercise
    Diff(diff::Args),
}

/// Runs one of the commands.
///
/// # Errors
/// When the workspace cannot be read, there is no such exercise, or the command cannot do its work.
pub fn run(cargo: &Cargo, command: &Command) -> Result<Outcome> {
    if let Command::Watch(args) = command {
        return watch::run(cargo, args);
    }
    let desk = Desk::load(cargo)?;
    match command {
        Command::List => list::run(&desk),
        Command::Next(args) => next::run(&desk, args),
        Command::Check(args) => check::run(&desk, args),
        Command::Hint(args) => hint::run(&desk, args),
        Command::Watch(args) => watch::run(cargo, args),
        Command::Reset(args) => reset::run(&desk, args),
        Command::Diff(args) => diff::run(&desk, args),
    }
}

/// What is told when no command is given: where one is, and what there is to do.
///
/// # Errors
/// When the workspace cannot be read.
pub fn overview(cargo: &Cargo) -> Result<Outcome> {
    overview::run(&Desk::load(cargo)?)
}
