//! What is told to a reader of CI's page: Markdown, where GitHub's actions ask for it.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

use anyhow::{Context, Result};

use super::super::desk::{Desk, Piece};
use super::super::overview::Sums;
use super::failure::shown;
use super::run::{Checked, Judged};
use super::tell::words;

/// Appends the summary to the file that `GITHUB_STEP_SUMMARY` names, if it does.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn append(desk: &Desk<'_>, checked: &[Checked<'_>]) -> Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(markdown(desk, checked).as_bytes()));
    written.with_context(|| format!("GITHUB_STEP_SUMMARY: cannot write {}", path.display()))
}

/// A table of all exercises, and the first failure of each that was checked.
fn markdown(desk: &Desk<'_>, checked: &[Checked<'_>]) -> String {
    let mut text = "### Homework\n\n".to_owned();
    for runtime in &desk.runtimes {
        let Sums { exercises, solved, points, won } = Sums::of(desk, runtime);
        let name = runtime.name;
        writeln!(text, "- {name}: {solved} of {exercises} solved, **{won} of {points} points**").ok();
    }
    let names: Vec<&str> = desk.runtimes.iter().map(|runtime| runtime.name).collect();
    writeln!(text, "\n| | | points | {} |", names.join(" | ")).ok();
    writeln!(text, "|---|---|---:|{}", "---|".repeat(names.len())).ok();
    for of in desk.homework.crates() {
        for one in &of.list {
            let cells = desk.runtimes.iter().map(|&runtime| {
                let piece = Piece { of, one, runtime };
                let stale = if desk.is_stale(piece) { ", changed since" } else { "" };
                format!("{}{stale}", words(desk.standing(piece)))
            });
            let cells: Vec<String> = cells.collect();
            let title = one.title.replace('|', "\\|");
            writeln!(text, "| {} | {title} | {} | {} |", one.id, one.points, cells.join(" | ")).ok();
        }
    }
    for Checked { piece, judged, .. } in checked {
        let Judged::Ran(ran) = judged else { continue };
        let Some(first) = ran.failed().next() else { continue };
        let failure = shown(first.failure.as_deref().unwrap_or_default());
        let fence = fence(&failure);
        writeln!(text, "\n**{}**: `{}`\n\n{fence}text\n{failure}\n{fence}", desk.name(*piece), first.check)
            .ok();
    }
    text.push('\n');
    text
}

/// More backticks than `text` has in a row.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_cannot_leave_its_fence() {
        assert_eq!(fence("plain"), "```");
        assert_eq!(fence("a ``` b ```` c"), "`````");
    }
}
