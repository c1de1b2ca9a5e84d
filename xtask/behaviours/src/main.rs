//! `behaviours`: what the runtimes do differently, tried out in small programs.
//!
//! Run with: `cargo run -p behaviours -- run dropped_handle --runtime smol`

mod experiment;
mod experiments;
mod gate;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};
use common::exit;
use serde::Serialize;

use crate::experiment::{Experiment, Happened, Run};
use crate::experiments::EXPERIMENTS;

#[cfg(not(any(feature = "tokio", feature = "async-std", feature = "smol")))]
compile_error!("no runtime: build with --features tokio, async-std or smol, or any of them together");

common::runtimes!();

/// How long an experiment may take; each is made to end in two seconds.
const LIMIT: Duration = Duration::from_secs(50);

/// What the runtimes do differently, tried out
///
/// Example: behaviours run dropped_handle --runtime smol
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print what can be tried, as JSON: names, titles, and why it comes out as it does
    List,
    /// Try it, and print as JSON what happened and whether that is what is known
    Run(Chosen),
    /// The program that some experiments start and watch
    #[command(hide = true)]
    Program(Chosen),
}

#[derive(clap::Args)]
struct Chosen {
    /// The experiment
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(EXPERIMENTS.iter().map(|(name, _)| *name)))]
    name: String,

    #[command(flatten)]
    choice: Choice,
}

/// An experiment, as `list` prints it.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    title: &'static str,
    why: &'static str,
}

fn main() -> ExitCode {
    exit::main(|| match common::flags::parse::<Cli>().command {
        Command::List => list(),
        Command::Run(chosen) => {
            let (name, run) = chosen.find()?;
            print(&within_limit(move || run.happened(name))?)
        }
        Command::Program(chosen) => chosen.find()?.1.program(),
    })
}

impl Chosen {
    /// The experiment's name, and its run on the chosen runtime.
    fn find(&self) -> Result<(&'static str, &'static Run)> {
        let (name, experiment) = EXPERIMENTS
            .iter()
            .find(|(name, _)| *name == self.name)
            .with_context(|| format!("no experiment {}", self.name))?;
        let runtime = self.choice.runtime.to_possible_value().context("a runtime without a name")?;
        let run = experiment.runs.iter().find(|run| run.runtime == runtime.get_name());
        Ok((name, run.with_context(|| format!("{name} does not run on {}", runtime.get_name()))?))
    }
}

fn list() -> Result<()> {
    let listed = |(name, experiment): &(&'static str, Experiment)| Listed {
        name,
        title: experiment.title,
        why: experiment.why,
    };
    print(&EXPERIMENTS.iter().map(listed).collect::<Vec<_>>())
}

/// What `run` returns, unless it does not end.
fn within_limit(run: impl FnOnce() -> Result<Happened> + Send + 'static) -> Result<Happened> {
    let (send, happened) = mpsc::channel();
    // The receiver is gone when the limit was reached first.
    thread::spawn(move || send.send(run()).ok());
    happened.recv_timeout(LIMIT).map_err(|error| match error {
        RecvTimeoutError::Timeout => anyhow!("it did not end in {LIMIT:?}"),
        RecvTimeoutError::Disconnected => anyhow!("it panicked"),
    })?
}

fn print(value: &impl Serialize) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let json = serde_json::to_string(value)?;
    writeln!(stdout, "{json}").and_then(|()| stdout.flush()).map_err(exit::stdout)
}
