//! `cargo xtask hint`: one hint more each time.

use anyhow::{Context, Result};
use console::style;
use runner::Outcome;
use runner::progress::say;

use super::desk::Desk;
use super::next::chosen;
use super::record::Record;
use super::text::{width, wrapped};
use crate::assignment::Assignment;

#[derive(clap::Args)]
pub struct Args {
    /// The exercise; the next one when none is named
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// Show again all that were shown
    #[arg(long)]
    all: bool,
}

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>, args: &Args) -> Result<Outcome> {
    let piece = chosen(desk, args.id.as_deref(), None)?;
    let one = piece.context("all is solved: name an exercise to see its hints")?.one;
    let shown = desk.record.hints(&one.id);
    if args.all {
        if shown == 0 {
            say(format!("No hint of {} was shown yet: `cargo xtask hint {0}` shows the first.", one.id))?;
        }
        for n in 1..=shown {
            say(text(one, n))?;
        }
        return Ok(Outcome::Good);
    }
    say(one_more(desk, one)?)?;
    Ok(Outcome::Good)
}

/// The next hint of `one`, which counts as shown from now on.
///
/// # Errors
/// When that cannot be remembered.
pub(crate) fn one_more(desk: &Desk<'_>, one: &Assignment) -> Result<String> {
    let shown = desk.record.hints(&one.id);
    if shown >= one.hints.len() {
        let id = &one.id;
        let words =
            format!("There are no more hints for {id}: `cargo xtask hint {id} --all` shows them again.");
        return Ok(wrapped(&words, width(), ""));
    }
    Record::update(&desk.root, |record| record.one_more_hint(&one.id, one.hints.len()))?;
    Ok(text(one, shown + 1))
}

/// The hint `n`, counted from 1.
fn text(one: &Assignment, n: usize) -> String {
    let all = one.hints.len();
    let head = style(format!("{}: hint {n} of {all}", one.id)).bold();
    format!("{head}\n{}", wrapped(one.hints.get(n - 1).map_or("", |hint| hint), width(), "  "))
}
