//! `cargo xtask grade`: what becomes of the results of grading, and how grading is spread over machines.

mod export;
mod merge;
mod plan;
pub(crate) mod result;
pub(crate) mod store;
pub(crate) mod table;

use anyhow::{Result, bail};
use runner::cargo::Cargo;

use crate::Outcome;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Sub>,
}

#[derive(clap::Subcommand)]
enum Sub {
    /// Write results in the form that something else reads
    Export(export::Args),
    /// Fold the results of several machines into one class
    Merge(merge::Args),
    /// Write the files that grade a class on an engine with many machines
    Plan(plan::Args),
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    match &args.command {
        Some(Sub::Export(args)) => export::run(cargo, args),
        Some(Sub::Merge(args)) => merge::run(cargo, args),
        Some(Sub::Plan(args)) => plan::run(cargo, args),
        None => bail!("expected `export`, `merge` or `plan`; see `cargo xtask grade --help`"),
    }
}

#[cfg(test)]
mod tests;
