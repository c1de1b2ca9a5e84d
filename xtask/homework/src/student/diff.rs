//! `cargo xtask diff`: what was written for an exercise, against what was handed out.

use anyhow::Result;
use console::style;
use runner::Outcome;
use runner::progress::say;
use similar::TextDiff;

use super::desk::{Desk, Piece};
use crate::markers::Source;

#[derive(clap::Args)]
pub struct Args {
    /// The exercise
    #[arg(value_name = "ID")]
    id: String,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME")]
    runtime: Option<String>,
}

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>, args: &Args) -> Result<Outcome> {
    let (mut any, mut outcome) = (false, Outcome::Good);
    let mut shared = Vec::new();
    for piece in desk.find(&args.id, &desk.on(args.runtime.as_deref())?)? {
        for fault in desk.faults(piece) {
            say(format!("{fault}\n  {} puts it back", desk.command("reset", piece)))?;
            (any, outcome) = (true, Outcome::Bad);
        }
        for diff in diffs(desk, piece) {
            // A hole that the runtimes share is the same on the next one.
            if !shared.contains(&diff) {
                say(diff.trim_end())?;
                shared.push(diff);
                any = true;
            }
        }
    }
    if !any {
        say(format!("{} is as it was handed out.", args.id))?;
    }
    Ok(outcome)
}

/// For each file of `piece` in whose holes of it something was written: the unified diff.
pub(crate) fn diffs(desk: &Desk<'_>, piece: Piece<'_>) -> Vec<String> {
    let files = desk.parts(piece).flat_map(|part| &part.files);
    let diff = |(path, text): (&std::path::PathBuf, &String)| {
        let before = emptied(piece, text)?;
        let path = path.display();
        let names = (format!("{path} as handed out"), format!("{path} as it is"));
        let diff = TextDiff::from_lines(&before, text);
        let unified = diff.unified_diff().context_radius(3).header(&names.0, &names.1).to_string();
        Some(unified.lines().map(coloured).collect::<Vec<_>>().join("\n"))
    };
    files.filter_map(diff).collect()
}

/// `text` with the holes of `piece` as they were handed out; none when they are so, or not to be found.
pub(crate) fn emptied(piece: Piece<'_>, text: &str) -> Option<String> {
    let source = Source::find(text).ok()?;
    let own = |name: &str| piece.one.holes.iter().any(|hole| hole == name);
    let emptied = source.emptied(|name| own(name).then(|| piece.replacement(name)).flatten());
    (emptied != text).then_some(emptied)
}

fn coloured(line: &str) -> String {
    let styled = style(line);
    let styled = match line.as_bytes() {
        [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => styled.bold(),
        [b'-', ..] => styled.red(),
        [b'+', ..] => styled.green(),
        [b'@', ..] => styled.cyan(),
        _ => return line.to_owned(),
    };
    styled.to_string()
}
