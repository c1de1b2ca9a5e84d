//! `cargo xtask next`: the task that is next, and where it is to be solved.

use anyhow::Result;
use console::style;
use runner::Outcome;
use runner::progress::say;

use super::desk::{Desk, Piece, Standing};
use super::overview;
use super::text::{count, width, wrapped};

#[derive(clap::Args)]
pub struct Args {
    /// This exercise, whether it is next or not
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME")]
    runtime: Option<String>,
}

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>, args: &Args) -> Result<Outcome> {
    match chosen(desk, args.id.as_deref(), args.runtime.as_deref())? {
        Some(piece) => say(text(desk, piece))?,
        None => say(overview::next(desk))?,
    }
    Ok(Outcome::Good)
}

/// The exercise `id`, or else the one that is next, on the first of the runtimes asked for where it is not solved.
///
/// # Errors
/// When there is no such exercise or no such runtime.
pub(crate) fn chosen<'d>(
    desk: &'d Desk<'_>,
    id: Option<&str>,
    runtime: Option<&str>,
) -> Result<Option<Piece<'d>>> {
    let runtimes = desk.on(runtime)?;
    let Some(id) = id else { return Ok(desk.next(&runtimes, None)) };
    let pieces = desk.find(id, &runtimes)?;
    let open = pieces.iter().find(|piece| desk.standing(**piece) != Standing::Solved);
    Ok(open.or(pieces.first()).copied())
}

/// The task of `piece` in full.
pub(crate) fn text(desk: &Desk<'_>, piece: Piece<'_>) -> String {
    let (one, width) = (piece.one, width());
    let mut text = vec![heading(desk, piece), String::new(), wrapped(&one.task, width, ""), String::new()];
    let unsolved = desk.unsolved_base(piece);
    if !unsolved.is_empty() {
        let ids: Vec<&str> = unsolved.iter().map(|piece| &*piece.one.id).collect();
        text.push(wrapped(&format!("It builds on {}, not solved yet.", ids.join(", ")), width, ""));
        text.push(String::new());
    }
    text.push(style("Write it here:").bold().to_string());
    for place in desk.places(piece) {
        let is = if piece.is_empty(place) { "" } else { " (begun)" };
        text.push(format!("  {}{is}", style(place.at()).cyan()));
        text.push(wrapped(&piece.asks(place), width, "      "));
    }
    text.extend(desk.faults(piece).iter().map(|fault| format!("  {fault}")));
    let shown = desk.record.hints(&one.id);
    let hints = match one.hints.len().saturating_sub(shown) {
        0 => "all hints are shown".to_owned(),
        left => count(left, if shown == 0 { "hint" } else { "hint more" }),
    };
    text.push(format!("\nThen:   {}", style(desk.command("check", piece)).bold()));
    text.push(format!("Stuck?  {}  ({hints})", style(format!("cargo xtask hint {}", one.id)).bold()));
    text.join("\n")
}

/// Its id, title, runtime and points.
pub(crate) fn heading(desk: &Desk<'_>, piece: Piece<'_>) -> String {
    let points = style(format!("({})", count(piece.one.points as usize, "point"))).dim();
    format!("{}  {} {points}", style(desk.name(piece)).bold(), piece.one.title)
}
