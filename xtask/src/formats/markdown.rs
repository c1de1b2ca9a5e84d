//! The comparison for a README: GitHub's Markdown. What the exercises are about comes first, as one table; then each
//! exercise in full, and what the runtimes do.

use std::fmt::Write;

use super::table::runtimes;
use super::units::{Scale, title};
use crate::results::{Behaviour, Compared, Metric, Results, Standing};

/// The results as Markdown.
pub(crate) fn render(results: &Results) -> String {
    let mut text = summary(results);
    for compared in &results.exercises {
        let names: Vec<&str> = compared.implementations.iter().map(|i| &*i.name).collect();
        writeln!(text, "\n### {}\n\n{}.\n", escaped(&compared.exercise), escaped(&compared.title)).ok();
        header(&mut text, "", &names);
        let scores = names.iter().map(|name| {
            let (passed, all) = compared.score(name);
            format!("{passed}/{all}")
        });
        line(&mut text, "checks passed", scores);
        for metric in &compared.metrics {
            line(&mut text, &title(metric), names.iter().map(|name| cell(metric, name)));
        }
        for implementation in &compared.implementations {
            if let Some(why) = &implementation.broken {
                writeln!(text, "\n{} is broken: {}", escaped(&implementation.name), escaped(why)).ok();
            }
        }
    }
    behaviours(&mut text, &results.behaviours);
    text.trim_end().to_owned()
}

/// The machine, the date, and the headlines of all exercises.
fn summary(results: &Results) -> String {
    let mut text = String::new();
    let names = everybody(&results.exercises);
    header(&mut text, "", &names);
    for compared in &results.exercises {
        for metric in compared.metrics.iter().filter(|metric| metric.headline) {
            let title = format!("**{}** {}", compared.exercise, title(metric));
            line(&mut text, &title, names.iter().map(|name| cell(metric, name)));
        }
    }
    let (machine, noise) = (&results.machine, &results.noise);
    let date = results.date.split('T').next().unwrap_or_default();
    writeln!(
        text,
        "\nMeasured on {date} on {} ({} cores), {}, {}; {} threads, {} clients; the median of {} rounds or more with its \
         95 % interval. **Bold**: better than each of the others. ≈: no difference to the best is to be seen. Others \
         used {:.1} % of the cores.",
        escaped(&machine.cpu),
        machine.cores,
        escaped(&machine.kernel),
        escaped(&machine.rustc),
        results.settings.threads,
        results.settings.clients,
        results.settings.least_rounds,
        100.0 * noise.others,
    )
    .ok();
    text
}

/// Every implementation of any exercise, in the order of the tables.
fn everybody(exercises: &[Compared]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for implementation in exercises.iter().flat_map(|compared| &compared.implementations) {
        if !names.contains(&&*implementation.name) {
            names.push(&implementation.name);
        }
    }
    names
}

fn cell(metric: &Metric, name: &str) -> String {
    let scale = Scale::of(metric);
    let Some(value) = metric.values.get(name) else { return "–".to_owned() };
    let median = scale.number(value.median);
    let interval = scale.interval(value).map(|interval| format!(" ({interval})")).unwrap_or_default();
    match metric.standing(name) {
        Standing::Best if !metric.is_equal() => format!("**{median}**{interval}"),
        Standing::Tied if !metric.is_equal() => format!("≈ {median}{interval}"),
        _ => median + &interval,
    }
}

fn behaviours(text: &mut String, behaviours: &[Behaviour]) {
    let names = runtimes(behaviours);
    if names.is_empty() {
        return;
    }
    text.push_str("\n### what the runtimes do\n\n");
    header(text, "", &names);
    for behaviour in behaviours {
        let told = names.iter().map(|name| {
            behaviour.outcomes.get(*name).map_or("–".to_owned(), |happened| escaped(&happened.told))
        });
        line(text, &behaviour.title, told);
    }
}

fn header(text: &mut String, first: &str, names: &[&str]) {
    line(text, first, names.iter().map(|name| escaped(name)));
    line(text, "---", names.iter().map(|_| "---:".to_owned()));
}

fn line(text: &mut String, first: &str, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = [first.to_owned()].into_iter().chain(cells).collect();
    writeln!(text, "| {} |", cells.join(" | ")).ok();
}

/// Text from elsewhere, in which nothing is markup and no line ends.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in common::text::printable(text.as_bytes()).chars() {
        match c {
            '\n' => out.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '#' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    #[test]
    fn headlines_first_then_all() {
        let mut results = sample();
        results.exercises[0].implementations[2].broken = Some("a|b\n<script>".to_owned());
        let text = render(&results);
        let expected = "\
|  | tokio | smol | go |
| --- | ---: | ---: | ---: |
| **clock** memory of a client, bytes | 6 (5–7) | ≈ 2 (1–3) | ≈ 4 (3–9) |
";
        assert!(text.starts_with(expected), "{text}");
        for part in [
            "Measured on 2026-01-02 on a processor (2 cores)",
            "### clock",
            "| checks passed | 0/0 | 0/0 | 0/1 |",
            "go is broken: a\\|b \\<script\\>",
            "| a task's handle is dropped | detached | cancelled |",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
    }
}
