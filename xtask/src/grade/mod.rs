//! `cargo xtask grade`: submissions are built and checked, what became of them is written in the forms that others
//! read, and grading is spread over machines.

mod builder;
mod class;
mod exam;
mod export;
mod grader;
mod merge;
mod messages;
mod plan;
mod process;
pub(crate) mod result;
mod roster;
mod sandbox;
mod score;
pub(crate) mod store;
mod submission;
pub(crate) mod table;
mod template;
mod took;
mod toolchain;
mod unwritten;
mod worker;

use anyhow::Result;
use runner::cargo::Cargo;

use crate::Outcome;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Sub>,

    #[command(flatten)]
    class: class::Args,
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
        None => class::run(cargo, &args.class),
    }
}

#[cfg(test)]
mod tests;
