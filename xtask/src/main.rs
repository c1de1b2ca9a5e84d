//! `cargo xtask`: builds, cross-tests and compares the programs on each runtime.

mod answer;
mod build;
mod compare;
mod formats;
mod grade;
mod handout;
mod overview;
mod report;
mod results;
mod test;
mod verify;
mod workloads;

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use homework::student;
use runner::Outcome;
use runner::cargo::Cargo;
use runner::exercises::{EXERCISES, Exercise, RUNTIMES, Runtime};

/// The chapter's programs on each runtime: build them, prove them, compare them
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build each exercise on each runtime alone, on all together, and prove that the features hold
    Build(build::Args),
    /// Run everything that proves the workspace: unit tests, checks, cross-tests
    Test(test::Args),
    /// Prove that checks see what is missing in the homework, and what is wrong
    Verify(verify::Args),
    /// Build, cross-test and measure the implementations, and put them side by side
    Compare(compare::Args),
    /// Draw the report of a comparison again, or write its results in another format
    Report(report::Args),
    /// Grade submissions: build each, run the checks against its programs, count the points; write and merge results
    Grade(Box<grade::Args>),
    /// Make a workspace for students: the exercises without their solutions, and the commands to solve them
    Handout(handout::Args),
    #[command(flatten)]
    Learn(student::Command),
}

/// What a command is about.
#[derive(clap::Args)]
struct Selection {
    /// The exercises; all when none is named
    #[arg(value_name = "EXERCISE", value_parser = PossibleValuesParser::new(EXERCISES.iter().map(|e| e.name)))]
    exercise: Vec<String>,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME", value_parser = PossibleValuesParser::new(RUNTIMES.iter().map(|r| r.name)))]
    runtime: Option<String>,
}

impl Selection {
    fn exercises(&self) -> Vec<&'static Exercise> {
        runner::exercises::exercises(&self.exercise)
    }

    fn runtimes(&self) -> Vec<&'static Runtime> {
        runner::exercises::runtimes(self.runtime.as_deref())
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    Outcome::main(|| run(cli.command))
}

fn run(command: Option<Command>) -> anyhow::Result<Outcome> {
    match command {
        None => overview::run(&Cargo::load()?),
        Some(Command::Build(args)) => build::run(&Cargo::load()?, &args),
        Some(Command::Test(args)) => test::run(&Cargo::load()?, &args),
        Some(Command::Verify(args)) => verify::run(&Cargo::load()?, &args),
        Some(Command::Compare(args)) => compare::run(&Cargo::load()?, &args),
        Some(Command::Report(args)) => report::run(&Cargo::load()?, &args),
        Some(Command::Grade(args)) => grade::run(&Cargo::load()?, &args),
        Some(Command::Handout(args)) => handout::run(&Cargo::load()?, &args),
        Some(Command::Learn(command)) => student::run(&Cargo::load()?, &command),
    }
}
