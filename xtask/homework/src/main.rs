//! `cargo xtask` in a handout: the commands of who works through the exercises.

use std::process::ExitCode;

use clap::Parser;
use homework::student::{self, Command};
use runner::Outcome;
use runner::cargo::Cargo;

/// The chapter's exercises: what is next, whether it holds, a hint
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    Outcome::main(|| {
        let cargo = Cargo::load()?;
        cli.command.map_or_else(|| student::overview(&cargo), |command| student::run(&cargo, &command))
    })
}
