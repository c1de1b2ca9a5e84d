//! `cargo xtask` in a handout: where one is, and what is next.

use anyhow::Result;
use console::style;
use runner::Outcome;
use runner::exercises::Runtime;
use runner::progress::say;

use super::desk::{Desk, Standing};
use super::list::mark;
use super::text::{bar, count};

const COMMANDS: [(&str, &str); 7] = [
    ("next", "what is to be written, and where"),
    ("check", "build it and run its checks; --all for everything"),
    ("watch", "the same each time you save"),
    ("hint", "a hint, one more each time"),
    ("list", "each exercise, and whether it is solved"),
    ("diff", "what you have written for an exercise"),
    ("reset", "an exercise as it was handed out; yours is kept"),
];

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>) -> Result<Outcome> {
    let runtimes: Vec<&str> = desk.runtimes.iter().map(|runtime| runtime.name).collect();
    say(format!("Goroutines and channels in Rust, on {}: the exercises.\n", runtimes.join(", ")))?;
    say(progress(desk))?;
    say("")?;
    for of in desk.homework.crates().iter().filter(|of| !of.list.is_empty()) {
        let all = desk.pieces().filter(|piece| piece.of.of == of.of);
        let all: Vec<String> =
            all.map(|piece| format!("{} {}", mark(desk.standing(piece)), piece.one.id)).collect();
        // With several runtimes an exercise has a mark for each: `✓·· 8.2`.
        let all: Vec<String> = all.chunks(desk.runtimes.len()).map(joined).collect();
        say(format!("  {:8}  {}", of.of, all.join("   ")))?;
    }
    say("")?;
    for (command, does) in COMMANDS {
        say(format!("  cargo xtask {}  {does}", style(format!("{command:5}")).bold()))?;
    }
    say(format!("\n{}", next(desk)))?;
    Ok(Outcome::Good)
}

/// The marks of one exercise, and its id.
fn joined(chunk: &[String]) -> String {
    let marks: String = chunk.iter().filter_map(|one| one.split_once(' ')).map(|(mark, _)| mark).collect();
    let id = chunk.first().and_then(|one| one.split_once(' ')).map_or("", |(_, id)| id);
    format!("{marks} {id}")
}

/// A bar for each runtime: the exercises that are solved on it, and the points.
pub(crate) fn progress(desk: &Desk<'_>) -> String {
    let lines: Vec<String> = desk.runtimes.iter().map(|runtime| line(desk, runtime)).collect();
    lines.join("\n")
}

fn line(desk: &Desk<'_>, runtime: &Runtime) -> String {
    let Sums { exercises, solved, points, won } = Sums::of(desk, runtime);
    let name = if desk.runtimes.len() > 1 { format!("{:9}  ", runtime.name) } else { String::new() };
    let bar = bar(solved, exercises, 24);
    format!("  {name}{bar}  {solved} of {exercises} solved, {won} of {points} points")
}

/// What is solved on one runtime.
pub(crate) struct Sums {
    pub(crate) exercises: usize,
    pub(crate) solved: usize,
    /// The most that can be won.
    pub(crate) points: u32,
    pub(crate) won: u32,
}

impl Sums {
    pub(crate) fn of(desk: &Desk<'_>, runtime: &Runtime) -> Self {
        let mut sums = Self { exercises: 0, solved: 0, points: 0, won: 0 };
        for piece in desk.pieces().filter(|piece| piece.runtime.name == runtime.name) {
            sums.exercises += 1;
            sums.points += piece.one.points;
            if desk.standing(piece) == Standing::Solved {
                sums.solved += 1;
                sums.won += piece.one.points;
            }
        }
        sums
    }
}

/// What is next, in a line or two.
pub(crate) fn next(desk: &Desk<'_>) -> String {
    let Some(piece) = desk.next(&desk.runtimes, None) else {
        return "All is solved. `cargo xtask check --all` looks at everything once more.".to_owned();
    };
    let (name, one) = (desk.name(piece), piece.one);
    let command = |command| style(desk.command(command, piece)).bold();
    let title = format!("{}  {} ({})", style(name).bold(), one.title, count(one.points as usize, "point"));
    match desk.standing(piece) {
        Standing::Untouched | Standing::Solved => {
            format!("Next: {title}\n      {}", style("cargo xtask next").bold())
        }
        Standing::Begun => format!("You are at: {title}\n            {}", command("check")),
        Standing::Failing { failed, of } => {
            format!("You are at: {title}\n            {failed} of {of} checks failed: {}", command("check"))
        }
    }
}
