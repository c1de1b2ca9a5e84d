//! The results as one page: `report.html`, with its style and its script, is a template for what is put together here.
//!
//! The page needs nothing else: no network (its content security policy forbids it), and no script to be read.

mod chart;
mod code;
mod measured;
mod method;
mod view;

use anyhow::{Context, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, context};

use self::view::{Names, Page};
use crate::answer;
use crate::results::Results;

/// The templates. Those that end in `.html` escape what they are given.
const TEMPLATES: [(&str, &str); 11] = [
    ("report.html", include_str!("report.html")),
    ("exercise.html", include_str!("exercise.html")),
    ("headlines.html", include_str!("headlines.html")),
    ("metrics.html", include_str!("metrics.html")),
    ("cell.html", include_str!("cell.html")),
    ("columns.html", include_str!("columns.html")),
    ("inline.html", include_str!("inline.html")),
    ("chart.html", include_str!("chart.html")),
    ("code.html", include_str!("code.html")),
    ("behaviours.html", include_str!("behaviours.html")),
    ("columns.css", include_str!("columns.css")),
];

/// The page.
///
/// # Errors
/// When a template does not fit what it is given.
pub(crate) fn render(results: &Results) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).with_context(|| format!("template {name}"))?;
    }
    let page = Page::new(results);
    let columns = environment.get_template("columns.css")?.render(context! { columns => page.columns() })?;
    let report = environment.get_template("report.html")?;
    let html = report.render(context! {
        page => Serde(page),
        answer => answer::sentences(results),
        method => method::html(),
        style => [include_str!("style.css"), &*columns].concat(),
        script => include_str!("report.js"),
        version => env!("CARGO_PKG_VERSION"),
    });
    html.context("template report.html")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    #[test]
    fn the_page_has_all_parts() {
        let html = render(&sample()).unwrap();
        for part in [
            "<title>",
            "id=\"answer\"",
            "id=\"clock\"",
            "id=\"code\"",
            "id=\"behaviours\"",
            "id=\"method\"",
            "expected a line",
            "cancelled",
        ] {
            assert!(html.contains(part), "{part:?} is not there");
        }
    }

    #[test]
    fn texts_are_no_markup() {
        let mut results = sample();
        let hostile = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>";
        let compared = &mut results.exercises[0];
        for name in ["go", "smol"] {
            for metric in &mut compared.metrics {
                let value = metric.values.remove(name).unwrap();
                metric.values.insert(format!("{name}{hostile}"), value);
            }
        }
        for implementation in &mut compared.implementations[1..] {
            implementation.name += hostile;
            implementation.broken = Some(hostile.to_owned());
        }
        compared.title += hostile;
        compared.exercise += hostile;
        compared.metrics[0].title += hostile;
        compared.verdicts[0].check += hostile;
        compared.verdicts[0].failure = Some(hostile.to_owned());
        compared.sources[0].file += hostile;
        compared.sources[0].texts.insert(hostile.to_owned(), hostile.to_owned());
        results.behaviours[0].why += hostile;
        results.behaviours[0].title += hostile;
        results.machine.cpu += hostile;
        results.date = hostile.to_owned();
        let clean = render(&sample()).unwrap();
        let html = render(&results).unwrap();
        for part in ["<script", "</script", "<img", "onerror=alert(1)>"] {
            assert_eq!(html.matches(part).count(), clean.matches(part).count(), "{part:?}");
        }
    }
}
