//! The comparison for spreadsheets and scripts: a line for each figure of each implementation (RFC 4180), in the units
//! of the results.

use anyhow::Result;
use csv::WriterBuilder;
use serde::Serialize;

use crate::results::{Group, Results, Standing, Unit};

/// A line.
#[derive(Serialize)]
struct Line<'a> {
    exercise: &'a str,
    implementation: &'a str,
    metric: &'a str,
    title: &'a str,
    group: Group,
    unit: Unit,
    median: f64,
    low: f64,
    high: f64,
    standing: Standing,
    /// With semicolons between them.
    samples: String,
}

/// The results as CSV, with a header.
///
/// # Errors
/// None that is known of.
pub(crate) fn render(results: &Results) -> Result<String> {
    let mut csv = WriterBuilder::new().from_writer(Vec::new());
    for compared in &results.exercises {
        for metric in &compared.metrics {
            for implementation in &compared.implementations {
                let name = &*implementation.name;
                let Some(value) = metric.values.get(name) else { continue };
                let samples: Vec<String> = value.samples.iter().map(f64::to_string).collect();
                csv.serialize(Line {
                    exercise: &compared.exercise,
                    implementation: name,
                    metric: &metric.name,
                    title: &metric.title,
                    group: metric.group,
                    unit: metric.unit,
                    median: value.median,
                    low: value.low,
                    high: value.high,
                    standing: metric.standing(name),
                    samples: samples.join(";"),
                })?;
            }
        }
    }
    Ok(String::from_utf8(csv.into_inner()?)?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    #[test]
    fn a_line_for_each_figure() -> Result<()> {
        let mut results = sample();
        results.exercises[0].metrics[0].title = "memory, \"all\" of it".to_owned();
        let text = render(&results)?;
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let lines = csv.records().collect::<Result<Vec<_>, _>>()?;
        assert_eq!(
            csv.headers()?.iter().take(3).collect::<Vec<_>>(),
            ["exercise", "implementation", "metric"]
        );
        let first: Vec<&str> = lines[0].iter().collect();
        let expected = [
            "clock",
            "tokio",
            "memory_per_client",
            "memory, \"all\" of it",
            "workload",
            "bytes",
            "6.0",
            "5.0",
            "7.0",
            "behind",
            "5;7;6;6.1;5.9",
        ];
        assert_eq!(first, expected);
        assert_eq!(lines.len(), 3);
        Ok(())
    }
}
