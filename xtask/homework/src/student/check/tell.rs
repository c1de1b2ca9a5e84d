//! What is told of the checks: the first failure in full, the others as a list, and after a success what is next.

use anyhow::Result;
use console::style;
use runner::checks::Verdict;
use runner::progress::say;

use super::super::desk::{Desk, Piece, Standing};
use super::super::next::heading;
use super::super::overview;
use super::super::text::{count, quoted, width, wrapped};
use super::failure::{Unwritten, shown, unwritten};
use super::run::{Checked, Judged, Ran};

/// Names of failed checks in a list.
const LISTED: usize = 12;

/// Tells what came of one exercise.
///
/// # Errors
/// When stdout is gone.
pub(crate) fn one(desk: &Desk<'_>, checked: &Checked<'_>) -> Result<()> {
    let piece = checked.piece;
    say(format!("\n{}", heading(desk, piece)))?;
    for fault in desk.faults(piece) {
        say(format!("{fault}\n  `{}` puts it back, and keeps what you wrote", desk.command("reset", piece)))?;
    }
    match &checked.judged {
        Judged::Untouched => {
            to_write(desk, piece)?;
            say(format!("\nThe task: {}", style(desk.command("next", piece)).bold()))
        }
        Judged::NotBuilt => say(format!("{} does not compile: the compiler says why, above.", piece.of.of)),
        Judged::Ran(ran) if ran.failed().next().is_none() => solved(desk, checked, ran),
        Judged::Ran(ran) => failed(desk, piece, ran),
    }
}

/// Tells what came of several: a line each, and the first failure.
///
/// # Errors
/// When stdout is gone.
pub(crate) fn several(desk: &Desk<'_>, all: &[Checked<'_>]) -> Result<()> {
    say("")?;
    for Checked { piece, judged, .. } in all {
        let (name, title) = (desk.name(*piece), &piece.one.title);
        let (mark, what) = match judged {
            Judged::Untouched => (style("·").dim(), "not begun".to_owned()),
            Judged::NotBuilt => (style("✗").red(), format!("{} does not compile", piece.of.of)),
            Judged::Ran(ran) => match ran.failed().count() {
                0 => (style("✓").green(), title.clone()),
                n => (style("✗").red(), format!("{title}: {n} of {} failed", ran.verdicts.len())),
            },
        };
        say(format!("{mark} {name:7} {what}"))?;
    }
    let first = all.iter().find_map(|checked| match &checked.judged {
        Judged::Ran(ran) if ran.failed().next().is_some() => Some((checked.piece, ran)),
        _ => None,
    });
    if let Some((piece, ran)) = first {
        say(format!("\n{}", heading(desk, piece)))?;
        failed(desk, piece, ran)?;
    }
    say(format!("\n{}", overview::progress(desk)))
}

/// Which holes of `piece` are still to be filled.
fn to_write(desk: &Desk<'_>, piece: Piece<'_>) -> Result<()> {
    let empty = desk.empty(piece);
    if empty.is_empty() {
        return Ok(());
    }
    say("This is still to be written:")?;
    for place in empty {
        say(format!("  {}", style(place.at()).cyan()))?;
        say(wrapped(&piece.asks(place), width(), "      "))?;
    }
    Ok(())
}

fn failed(desk: &Desk<'_>, piece: Piece<'_>, ran: &Ran) -> Result<()> {
    to_write(desk, piece)?;
    base(desk, piece)?;
    let meets = |verdict: &&Verdict| verdict.failure.as_deref().is_some_and(|text| unwritten(text).is_some());
    let (unwritten, wrong): (Vec<_>, Vec<_>) = ran.failed().partition(meets);
    if !unwritten.is_empty() {
        let words =
            format!("{} of {} checks met what is still to be written.", unwritten.len(), ran.verdicts.len());
        say(format!("\n{}", wrapped(&words, width(), "")))?;
    }
    let Some((first, others)) = wrong.split_first() else { return elsewhere(desk, piece, &unwritten) };
    say(format!("\n{} {}", style("✗").red(), style(&first.check).bold()))?;
    say(quoted(&shown(first.failure.as_deref().unwrap_or("it does not say why"))))?;
    again(desk, piece, first)?;
    if !others.is_empty() {
        say(format!("\nAlso failing, {} of {} checks:", others.len(), ran.verdicts.len()))?;
        for other in others.iter().take(LISTED) {
            say(format!("  {}", other.check))?;
        }
        if others.len() > LISTED {
            say(format!("  … and {} more", others.len() - LISTED))?;
        }
    }
    Ok(())
}

/// Says where the checks have met something that is still to be written, when it is not a hole of `piece`.
fn elsewhere(desk: &Desk<'_>, piece: Piece<'_>, failed: &[&Verdict]) -> Result<()> {
    if !desk.empty(piece).is_empty() {
        return Ok(());
    }
    let met = failed.iter().find_map(|verdict| unwritten(verdict.failure.as_deref()?));
    let Some(Unwritten { at, words }) = met else { return Ok(()) };
    say(format!("  {}", style(at.as_deref().unwrap_or("a `todo!`")).cyan()))?;
    say(wrapped(&words, width(), "      "))
}

/// Says what `piece` builds on and is not solved.
fn base(desk: &Desk<'_>, piece: Piece<'_>) -> Result<()> {
    let unsolved = desk.unsolved_base(piece);
    if unsolved.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = unsolved.iter().map(|piece| &*piece.one.id).collect();
    let words = format!("It builds on {}, not solved yet: checks may fail for that alone.", ids.join(", "));
    say(wrapped(&words, width(), ""))
}

/// How to run one check again, and the whole exercise.
fn again(desk: &Desk<'_>, piece: Piece<'_>, verdict: &Verdict) -> Result<()> {
    let (of, who) = (piece.of.of, verdict.implementations.join("-"));
    say("\nAgain, this check alone, and all of the exercise:")?;
    say(format!("  cargo test -p {of} --test checks -- --exact {}/{who}", verdict.check))?;
    say(format!("  {}", desk.command("check", piece)))
}

fn solved(desk: &Desk<'_>, checked: &Checked<'_>, ran: &Ran) -> Result<()> {
    let one = checked.piece.one;
    let (checks, points) = (count(ran.verdicts.len(), "check"), count(one.points as usize, "point"));
    say(format!("{} solved: {checks} passed, {points}", style("✓").green()))?;
    say(format!("\n{}", overview::progress(desk)))?;
    for (other, again) in &checked.again {
        let name = desk.name(*other);
        match again.failed().count() {
            0 => say(format!("{} {name} is still solved", style("✓").green()))?,
            n => {
                let command = desk.command("check", *other);
                let words = format!("{name} was solved, and {n} of its checks failed now: `{command}`");
                say(format!("{} {words}", style("✗").red()))?;
            }
        }
    }
    if let Some(compare) = &one.compare {
        say(format!("\n{}", style("Compare it:").bold()))?;
        say(wrapped(compare, width(), "  "))?;
    }
    say(format!("\n{}", overview::next(desk)))
}

/// How the checks of `piece` stand, in a few words.
pub(crate) fn words(standing: Standing) -> String {
    match standing {
        Standing::Untouched => "not begun".to_owned(),
        Standing::Begun => "not checked".to_owned(),
        Standing::Failing { failed, of } => format!("{failed} of {of} fail"),
        Standing::Solved => "solved".to_owned(),
    }
}
