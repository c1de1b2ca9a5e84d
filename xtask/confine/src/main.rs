//! What the grader starts each check and each program of a submission with. A program of its own, since it is started a
//! thousand times for a submission: the runner, of which it would be a part otherwise, takes longer to load than it
//! takes to confine.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use common::exit;

/// Programs that are not trusted
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Give up what a policy does not allow, and become a program
    #[command(name = confine::NAME)]
    Confine(confine::Args),
    /// Run a command, and leave nothing behind that it has started
    #[command(name = confine::KEEP)]
    Keep(confine::KeepArgs),
    /// Try what a confined program must not be able to do
    #[command(name = confine::PROBE)]
    Probe(confine::ProbeArgs),
}

fn main() -> ExitCode {
    let mut ended_well = true;
    let code = exit::main(|| {
        match Cli::parse().command {
            Command::Confine(args) => confine::run(&args)?,
            Command::Keep(args) => ended_well = confine::keep(&args)?,
            Command::Probe(args) => confine::probe(&args)?,
        }
        Ok(())
    });
    if ended_well { code } else { ExitCode::FAILURE }
}
