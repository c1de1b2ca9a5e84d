//! The rows of the tables: what was measured, and how each implementation stands.

use serde::Serialize;

use crate::formats::units::{interval, number, scale};
use crate::results::{Better, Compared, Group, Metric, Standing};

/// How an implementation stands in one metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    Best,
    Tied,
    Behind,
    /// There is nothing to win: all are equal, or one is alone
    Equal,
}

impl Mark {
    /// As the end of a clause
    pub(super) fn said(self) -> &'static str {
        match self {
            Self::Best => ", the best",
            Self::Tied => ", a tie for the best",
            Self::Behind | Self::Equal => "",
        }
    }
}

/// How the implementation `name` stands.
pub(super) fn mark(metric: &Metric, name: &str) -> Mark {
    let mut medians = metric.values.values().map(|value| value.median);
    let first = medians.next();
    match metric.standing(name) {
        _ if medians.all(|median| Some(median) == first) => Mark::Equal,
        Standing::Best => Mark::Best,
        Standing::Tied => Mark::Tied,
        Standing::Behind => Mark::Behind,
    }
}

/// Which values are the better ones.
pub(super) fn better(metric: &Metric) -> &'static str {
    if metric.better == Better::Lower { "lower is better" } else { "higher is better" }
}

/// Metrics of one kind
#[derive(Serialize)]
pub(super) struct Rows {
    title: &'static str,
    rows: Vec<Row>,
}

/// One metric
#[derive(Serialize)]
pub(super) struct Row {
    /// The exercise, where rows of several are together
    exercise: String,
    title: String,
    unit: &'static str,
    better: &'static str,
    headline: bool,
    cells: Vec<Option<Cell>>,
}

/// What came out for one implementation
#[derive(Serialize)]
struct Cell {
    median: String,
    interval: Option<String>,
    mark: Mark,
    /// How much worse than the best, if it is behind: `1.40`
    factor: Option<String>,
    /// What a sorted column goes by: the factor, which a tie does not have
    sort: f64,
}

/// The metrics of an exercise in the order of their kinds; kinds that have none are left out.
pub(super) fn groups(compared: &Compared) -> Vec<Rows> {
    let names: Vec<&str> = compared.implementations.iter().map(|i| &*i.name).collect();
    let kinds = [(Group::Workload, "Workload"), (Group::Footprint, "Footprint"), (Group::Program, "Program")];
    let rows = |group| {
        let metrics = compared.metrics.iter().filter(move |metric| metric.group == group);
        metrics.map(|metric| row(compared, metric, &names)).collect::<Vec<_>>()
    };
    let all = kinds.map(|(group, title)| Rows { title, rows: rows(group) });
    all.into_iter().filter(|rows| !rows.rows.is_empty()).collect()
}

/// One metric, with a cell for each of `names`.
pub(super) fn row(compared: &Compared, metric: &Metric, names: &[&str]) -> Row {
    let most = metric.values.values().map(|value| value.median).fold(0.0, f64::max);
    let (divisor, unit) = scale(metric.unit, most);
    let cell = |name: &&str| {
        let value = metric.values.get(*name)?;
        let (mark, factor) = (mark(metric, name), factor(metric, name));
        Some(Cell {
            median: number(value.median / divisor),
            interval: interval(value, divisor),
            mark,
            factor: factor.filter(|_| mark == Mark::Behind).map(number),
            sort: factor.filter(|_| mark == Mark::Behind).unwrap_or(1.0),
        })
    };
    Row {
        exercise: compared.exercise.clone(),
        title: metric.title.clone(),
        unit,
        better: better(metric),
        headline: metric.headline,
        cells: names.iter().map(cell).collect(),
    }
}

/// How much worse than the best one. None where that is no number: beside nothing.
fn factor(metric: &Metric, name: &str) -> Option<f64> {
    let (_, best) = metric.best()?;
    let value = metric.values.get(name)?;
    let (small, large) = match metric.better {
        Better::Lower => (best.median, value.median),
        Better::Higher => (value.median, best.median),
    };
    (small > 0.0 && large > 0.0).then(|| large / small)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Value;
    use crate::results::tests::sample;

    #[test]
    fn a_tie_has_no_factor() {
        let results = sample();
        let row = &groups(&results.exercises[0])[0].rows[0];
        let cells: Vec<_> = row.cells.iter().flatten().map(|c| (c.mark, c.factor.as_deref())).collect();
        assert_eq!(cells, [(Mark::Behind, Some("3")), (Mark::Tied, None), (Mark::Tied, None)]);
    }

    #[test]
    fn beside_nothing_there_is_no_factor() {
        let mut results = sample();
        let metric = &mut results.exercises[0].metrics[0];
        metric.values.insert("smol".to_owned(), Value::new(vec![0.0, 0.0, 0.0]).unwrap());
        assert_eq!(factor(metric, "tokio"), None);
        metric.better = Better::Higher;
        assert_eq!(factor(metric, "smol"), None);
        assert_eq!(factor(metric, "go").map(number).as_deref(), Some("1.50"));
    }
}
