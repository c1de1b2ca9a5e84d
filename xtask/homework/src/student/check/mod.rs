//! `cargo xtask check`: builds a program and runs the checks of one exercise, or of all.

mod failure;
mod run;
mod summary;
mod tell;

use anyhow::Result;
use runner::Outcome;
use runner::progress::say;

use self::run::Judged;
use super::desk::{Desk, Piece, Standing};
use super::next::chosen;
use super::overview;

#[derive(clap::Args)]
pub struct Args {
    /// The exercises; the next one when none is named, and all in CI
    #[arg(value_name = "ID")]
    ids: Vec<String>,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME")]
    runtime: Option<String>,

    /// All exercises that have been begun
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>, args: &Args) -> Result<Outcome> {
    let all = args.all || (args.ids.is_empty() && is_ci());
    let pieces = if all { everything(desk, args)? } else { named(desk, args)? };
    if pieces.is_empty() {
        say(if all { "No exercise has been begun: `cargo xtask next` shows the first." } else { "" })?;
        say(overview::next(desk))?;
        return Ok(Outcome::Good);
    }
    let checked = run::run(desk, &pieces)?;
    // What was found out is in the record now.
    let desk = Desk::load(desk.cargo)?;
    let told = match &checked[..] {
        [one] if !all => tell::one(&desk, one),
        several => tell::several(&desk, several),
    };
    summary::append(&desk, &checked)?;
    let solved =
        checked.iter().all(|one| matches!(&one.judged, Judged::Ran(ran) if ran.failed().next().is_none()));
    if solved { Outcome::Good.once(told) } else { Outcome::Bad.once(told) }
}

/// Whether this is no person's terminal.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false")
}

/// All that have been begun.
fn everything<'d>(desk: &'d Desk<'_>, args: &Args) -> Result<Vec<Piece<'d>>> {
    let runtimes = desk.on(args.runtime.as_deref())?;
    let wanted = |piece: &Piece<'_>| runtimes.iter().any(|runtime| runtime.name == piece.runtime.name);
    let begun = |piece: &Piece<'_>| desk.standing(*piece) != Standing::Untouched;
    Ok(desk.pieces().filter(wanted).filter(begun).collect())
}

/// Those with these ids, on each runtime where they have been begun; on the first if on none.
fn named<'d>(desk: &'d Desk<'_>, args: &Args) -> Result<Vec<Piece<'d>>> {
    if args.ids.is_empty() {
        return Ok(chosen(desk, None, args.runtime.as_deref())?.into_iter().collect());
    }
    let (mut pieces, runtimes) = (Vec::new(), desk.on(args.runtime.as_deref())?);
    for id in &args.ids {
        let of_it = desk.find(id, &runtimes)?;
        let begun: Vec<Piece<'_>> =
            of_it.iter().filter(|piece| desk.standing(**piece) != Standing::Untouched).copied().collect();
        if begun.is_empty() { pieces.extend(of_it.first()) } else { pieces.extend(begun) }
    }
    Ok(pieces)
}
