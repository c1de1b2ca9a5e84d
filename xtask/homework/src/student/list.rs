//! `cargo xtask list`: the exercises, and how each stands on each runtime.

use anyhow::Result;
use comfy_table::{Cell, Color};
use console::style;
use runner::Outcome;
use runner::progress::say;
use runner::table;

use super::desk::{Desk, Piece, Standing};
use super::overview::progress;

const LEGEND: [(Standing, &str); 4] = [
    (Standing::Solved, "solved"),
    (Standing::Failing { failed: 0, of: 0 }, "checks fail"),
    (Standing::Begun, "not checked yet"),
    (Standing::Untouched, "not begun"),
];

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>) -> Result<Outcome> {
    say(text(desk))?;
    Ok(Outcome::Good)
}

/// What it shows.
pub(crate) fn text(desk: &Desk<'_>) -> String {
    let header = ["", "", "points"].into_iter().chain(desk.runtimes.iter().map(|runtime| runtime.name));
    let mut table = table::new(2, header);
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    for of in desk.homework.crates() {
        for one in &of.list {
            let mut row = vec![Cell::new(&one.id), Cell::new(&one.title), Cell::new(one.points)];
            row.extend(desk.runtimes.iter().map(|&runtime| cell(desk, Piece { of, one, runtime })));
            table.add_row(row);
        }
    }
    table::wrap(&mut table);
    let legend: Vec<String> =
        LEGEND.iter().map(|(standing, words)| format!("{} {words}", mark(*standing))).collect();
    let stale = if desk.pieces().any(|piece| desk.is_stale(piece)) {
        format!("\n{} its files have changed since: `cargo xtask check ID` looks again", style("*").yellow())
    } else {
        String::new()
    };
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{}\n\n{}{stale}\n\n{}", lines.join("\n"), legend.join("   "), progress(desk))
}

fn cell(desk: &Desk<'_>, piece: Piece<'_>) -> Cell {
    let standing = desk.standing(piece);
    let mut text = symbol(standing).to_owned();
    if let Standing::Failing { failed, of } = standing {
        text = format!("{text} {failed}/{of}");
    }
    if standing != Standing::Untouched && desk.is_stale(piece) {
        text.push_str(" *");
    }
    let cell = Cell::new(text);
    match standing {
        Standing::Solved => cell.fg(Color::Green),
        Standing::Failing { .. } => cell.fg(Color::Red),
        Standing::Begun => cell.fg(Color::Yellow),
        Standing::Untouched => cell,
    }
}

fn symbol(standing: Standing) -> &'static str {
    match standing {
        Standing::Untouched => "·",
        Standing::Begun => "…",
        Standing::Failing { .. } => "✗",
        Standing::Solved => "✓",
    }
}

/// The symbol of `standing`, coloured.
pub(crate) fn mark(standing: Standing) -> String {
    let mark = style(symbol(standing));
    let mark = match standing {
        Standing::Untouched => mark.dim(),
        Standing::Begun => mark.yellow(),
        Standing::Failing { .. } => mark.red(),
        Standing::Solved => mark.green(),
    };
    mark.to_string()
}
