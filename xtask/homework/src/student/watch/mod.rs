//! `cargo xtask watch`: on each save the exercise is built and checked again.
//!
//! Signals, keys, saved files and the lines of the running check come over one channel to one loop, which alone knows
//! the state and draws the screen.

mod events;
mod job;
mod screen;
mod session;

use std::io::{IsTerminal, stdin, stdout};

use anyhow::{Result, ensure};
use runner::Outcome;
use runner::cargo::Cargo;

use self::session::Session;
use super::check::is_ci;
use super::desk::Desk;
use super::next::chosen;
use super::overview;

#[derive(clap::Args)]
pub struct Args {
    /// The exercise to begin with; the next one when none is named
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME")]
    runtime: Option<String>,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let plain = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let terminal = stdin().is_terminal() && stdout().is_terminal() && !plain;
    ensure!(terminal && !is_ci(), "`watch` needs a terminal of its own: use `cargo xtask check`");
    let (first, runtimes) = {
        let desk = Desk::load(cargo)?;
        let piece = chosen(&desk, args.id.as_deref(), args.runtime.as_deref())?;
        let Some(piece) = piece else {
            runner::progress::say(overview::next(&desk))?;
            return Ok(Outcome::Good);
        };
        ((piece.one.id.clone(), piece.runtime), desk.on(args.runtime.as_deref())?)
    };
    let left = Session::begin(cargo, first, runtimes)?.run();
    // The screen is the shell's again.
    left?;
    runner::progress::say(overview::next(&Desk::load(cargo)?))?;
    Ok(Outcome::Good)
}
