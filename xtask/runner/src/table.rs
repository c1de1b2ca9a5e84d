//! How tables look: without frames, and coloured on a terminal only.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, presets};
use console::Term;

/// An empty table with this header, for stdout. All but the `left` first columns are aligned to the right.
pub fn new<S: AsRef<str>>(left: usize, header: impl IntoIterator<Item = S>) -> Table {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(presets::NOTHING.header_separator(line));
    table.set_header(header.into_iter().map(|title| title.as_ref().to_owned()));
    for column in table.column_iter_mut().skip(left) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    if console::colors_enabled() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// Whether `table` is no wider than the terminal, if stdout is one.
pub fn fits(table: &Table) -> bool {
    let width = table.lines().map(|line| console::measure_text_width(line.trim_end())).max().unwrap_or(0);
    Term::stdout().size_checked().is_none_or(|(_, columns)| width <= usize::from(columns))
}

/// Lets `table` break its cells to be as narrow as the terminal; elsewhere it stays as wide as it is.
pub fn wrap(table: &mut Table) {
    if let Some((_, columns)) = Term::stdout().size_checked() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    }
}
