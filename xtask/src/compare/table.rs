//! The comparison as a table.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, Color, Table};

use crate::formats::units::{interval, number, scale};
use crate::results::{Compared, Metric, Results, Standing, Value};
use crate::table;

/// The results for people: a table an exercise, and how to read it.
pub(crate) fn render(results: &Results) -> String {
    let mut text = String::new();
    for compared in &results.exercises {
        let wide = side_by_side(compared, " ");
        let table = if table::fits(&wide) { wide } else { side_by_side(compared, "\n") };
        writeln!(text, "\n{table}").ok();
    }
    let (machine, settings) = (&results.machine, &results.settings);
    let clients = settings.clients;
    writeln!(
        text,
        "\n{clients} clients; the median of at least {} rounds, and its 95 % interval.",
        settings.least_rounds
    )
    .ok();
    writeln!(text, "≈: the spread is larger than the difference to the best.").ok();
    writeln!(text, "{}, {} cores, {}\n{}", machine.cpu, machine.cores, machine.kernel, machine.rustc).ok();
    text
}

/// One exercise, with `gap` between a median and its spread.
fn side_by_side(compared: &Compared, gap: &str) -> Table {
    let names = compared.implementations.iter().map(|i| &*i.name);
    let mut table = table::new(1, [&*compared.exercise].into_iter().chain(names));
    table.add_row(checks(compared));
    for metric in &compared.metrics {
        table.add_row(row(compared, metric, gap));
    }
    table
}

/// How many of the checks about each implementation hold.
fn checks(compared: &Compared) -> Vec<Cell> {
    let score = |name: &str| {
        let (passed, all) = compared.score(name);
        let cell = Cell::new(format!("{passed}/{all}"));
        if passed == all { cell } else { cell.fg(Color::Red) }
    };
    let scores = compared.implementations.iter().map(|i| score(&i.name));
    [Cell::new("checks passed")].into_iter().chain(scores).collect()
}

fn row(compared: &Compared, metric: &Metric, gap: &str) -> Vec<Cell> {
    let most = metric.values.values().map(|value| value.median).fold(0.0, f64::max);
    let (scale, unit) = scale(metric.unit, most);
    let mut medians = metric.values.values().map(|value| value.median);
    let first = medians.next();
    // Nothing to win where all are equal.
    let equal = medians.all(|median| Some(median) == first);
    let cell = |name: &str| {
        let Some(value) = metric.values.get(name) else {
            return Cell::new("–");
        };
        let text = spread(value, scale, gap);
        match metric.standing(name) {
            Standing::Best if !equal => Cell::new(text).add_attribute(Attribute::Bold),
            Standing::Tied if !equal => Cell::new(format!("≈ {text}")),
            _ => Cell::new(text),
        }
    };
    let title = if unit.is_empty() { metric.title.clone() } else { format!("{}, {unit}", metric.title) };
    let cells = compared.implementations.iter().map(|i| cell(&i.name));
    [Cell::new(title)].into_iter().chain(cells).collect()
}

fn spread(value: &Value, scale: f64, gap: &str) -> String {
    let median = number(value.median / scale);
    interval(value, scale).map_or(median.clone(), |interval| format!("{median}{gap}({interval})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_ties_and_failures() {
        let text = render(&crate::results::tests::sample());
        for part in ["memory of a client, bytes", "6 (5–7)", "≈ 2 (1–3)", "≈ 4 (3–9)", "0/1", "0/0"]
        {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}
