//! The comparison as tables for a terminal.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, Color, Table};
use runner::table;

use super::units::{Scale, title};
use crate::answer::sentences;
use crate::compare::baseline::{Change, Kind};
use crate::results::{Behaviour, Compared, Metric, Results, Standing, Value};

/// The results for people: a table an exercise, what the runtimes do, and how to read it.
pub(crate) fn render(results: &Results) -> String {
    let mut text = String::new();
    for compared in &results.exercises {
        let wide = side_by_side(compared, " ");
        let table = if table::fits(&wide) { wide } else { side_by_side(compared, "\n") };
        writeln!(text, "\n{table}").ok();
        for implementation in &compared.implementations {
            if let Some(why) = &implementation.broken {
                let why = common::text::printable(why.as_bytes());
                writeln!(text, "{} is broken, and was measured no further: {why}", implementation.name).ok();
            }
        }
    }
    if !results.behaviours.is_empty() {
        writeln!(text, "\n{}", behaviours(&results.behaviours)).ok();
    }
    writeln!(text, "\n{}\n", conditions(results)).ok();
    for sentence in sentences(results) {
        writeln!(text, "{}", common::text::printable(sentence.as_bytes())).ok();
    }
    text
}

/// How it was measured, and where.
fn conditions(results: &Results) -> String {
    let (machine, settings, noise) = (&results.machine, &results.settings, &results.noise);
    let mut lines = vec![
        format!(
            "The median of {} rounds or more, and its 95 % interval; {} threads, {} clients of a server.",
            settings.least_rounds, settings.threads, settings.clients
        ),
        "≈: the spread is larger than the difference to the best.".to_owned(),
        format!("{}, {} cores, {}, {}", machine.cpu, machine.cores, machine.kernel, machine.rustc),
        format!(
            "Others used {:.1} % of the cores during a run (at most {:.1} %); {} runs were done again.",
            100.0 * noise.others,
            100.0 * noise.others_most,
            noise.repeated
        ),
    ];
    if results.interrupted {
        lines.push("It was interrupted: this is what had been measured by then.".to_owned());
    }
    lines.join("\n")
}

/// One exercise, with `gap` between a median and its interval.
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
    let scale = Scale::of(metric);
    let equal = metric.is_equal();
    let cell = |name: &str| {
        let Some(value) = metric.values.get(name) else {
            return Cell::new("–");
        };
        let text = with_interval(value, scale, gap);
        match metric.standing(name) {
            Standing::Best if !equal => Cell::new(text).add_attribute(Attribute::Bold),
            Standing::Tied if !equal => Cell::new(format!("≈ {text}")),
            _ => Cell::new(text),
        }
    };
    let cells = compared.implementations.iter().map(|i| cell(&i.name));
    [Cell::new(title(metric))].into_iter().chain(cells).collect()
}

fn with_interval(value: &Value, scale: Scale, gap: &str) -> String {
    let median = scale.number(value.median);
    scale.interval(value).map_or(median.clone(), |interval| format!("{median}{gap}({interval})"))
}

fn behaviours(behaviours: &[Behaviour]) -> Table {
    let names: Vec<&str> = runtimes(behaviours);
    let mut table =
        table::new(1 + names.len(), ["what the runtimes do"].into_iter().chain(names.iter().copied()));
    for behaviour in behaviours {
        let cell = |name: &&str| {
            let Some(happened) = behaviour.outcomes.get(*name) else { return Cell::new("–") };
            let told = common::text::printable(happened.told.as_bytes());
            if happened.as_known { Cell::new(told) } else { Cell::new(format!("! {told}")).fg(Color::Red) }
        };
        table.add_row([Cell::new(&behaviour.title)].into_iter().chain(names.iter().map(cell)));
    }
    table::wrap(&mut table);
    table
}

/// Those that have a behaviour, in the order of all tables.
pub(super) fn runtimes(behaviours: &[Behaviour]) -> Vec<&str> {
    let has = |name: &&str| behaviours.iter().any(|behaviour| behaviour.outcomes.contains_key(*name));
    runner::exercises::RUNTIMES.iter().map(|runtime| runtime.name).filter(has).collect()
}

/// What has changed since another comparison: what did for sure, and how much did not.
pub(crate) fn changes(changes: &[Change]) -> String {
    let mut table = table::new(3, ["since the baseline", "", "", "then", "now", "change", "p"]);
    let sure = changes.iter().filter(|change| change.kind() != Kind::None);
    let count = sure.clone().count();
    for change in sure {
        let scale = Scale::of(change.metric);
        let (text, colour) = match change.kind() {
            Kind::Worse => (format!("{:+.1} % worse", 100.0 * (change.ratio() - 1.0)), Color::Red),
            _ => (format!("{:+.1} % better", 100.0 * (change.ratio() - 1.0)), Color::Green),
        };
        table.add_row([
            Cell::new(change.exercise),
            Cell::new(change.implementation),
            Cell::new(title(change.metric)),
            Cell::new(with_interval(change.before, scale, " ")),
            Cell::new(with_interval(change.now, scale, " ")),
            Cell::new(text).fg(colour),
            Cell::new(change.p.map_or("counted".to_owned(), |p| format!("{p:.3}"))),
        ]);
    }
    let rest = format!("{} figures did not change, or not more than by chance.", changes.len() - count);
    if count == 0 { rest } else { format!("{table}\n\n{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    #[test]
    fn a_table_shows_ties_failures_and_behaviours() {
        let mut results = sample();
        results.exercises[0].implementations[2].broken = Some("expected 3\n     got \u{1b}[31m2".to_owned());
        results.behaviours[0].outcomes.get_mut("tokio").unwrap().as_known = false;
        let text = render(&results);
        for part in [
            "memory of a client, bytes",
            "6 (5–7)",
            "≈ 2 (1–3)",
            "≈ 4 (3–9)",
            "0/1",
            "0/0",
            "go is broken",
            "a task's handle is dropped",
            "! detached",
            "cancelled",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn a_table_of_changes_shows_what_is_sure() {
        let (before, mut now) = (sample(), sample());
        let value = now.exercises[0].metrics[0].values.get_mut("smol").unwrap();
        *value = Value::new(value.samples.iter().map(|sample| sample * 10.0).collect()).unwrap();
        let text = changes(&crate::compare::baseline::changes(&before, &now));
        for part in ["smol", "2 (1–3)", "20 (10–30)", "+900.0 % worse", "0.008", "2 figures did not change"]
        {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        let none = changes(&crate::compare::baseline::changes(&before, &before));
        assert_eq!(none, "3 figures did not change, or not more than by chance.");
    }
}
