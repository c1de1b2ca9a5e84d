//! Figures of all exercises, and what they are put together.

use std::cmp::Ordering;

use crate::results::{Better, Group, Metric, Results, Unit};

/// A metric of an exercise, with the values of our own implementations alone.
pub(super) struct Figure {
    pub(super) exercise: String,
    pub(super) metric: Metric,
}

/// What is put together, since a mean of apples and pears says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Headline figures that are times, or things in a time
    Speed,
    /// Whatever takes memory
    Memory,
    /// Whatever takes the processor
    Cpu,
    Size,
    Lines,
}

impl Kind {
    /// Whether `metric` is of this kind.
    pub(super) fn has(self, metric: &Metric) -> bool {
        let measured = metric.group != Group::Program;
        let cpu =
            metric.unit == Unit::CpuSecondsPerSecond || metric.name.split('_').any(|part| part == "cpu");
        match self {
            Self::Speed => {
                metric.headline && measured && !cpu && matches!(metric.unit, Unit::Seconds | Unit::PerSecond)
            }
            Self::Memory => measured && metric.unit == Unit::Bytes,
            Self::Cpu => measured && cpu,
            Self::Size => metric.name == "program_size",
            Self::Lines => metric.name == "runtime_lines",
        }
    }

    /// How a sentence about it begins.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Speed => "Speed",
            Self::Memory => "Memory",
            Self::Cpu => "CPU time",
            Self::Size => "Size of the programs",
            Self::Lines => "Lines",
        }
    }

    /// What it means to be worse by `factor`.
    pub(super) fn behind(self, factor: f64) -> String {
        let equal = (factor - 1.0).abs() <= super::EQUAL;
        let factor = super::number(factor);
        match self {
            _ if equal => "equals it".to_owned(),
            Self::Speed => format!("is slower by a factor of {factor}"),
            _ => format!("takes {factor} times as much"),
        }
    }
}

impl Figure {
    /// Whether the implementation `name` has a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.metric.values.contains_key(name)
    }

    /// Whether `name` is better than `other` (greater), worse, or neither.
    pub(super) fn order(&self, name: &str, other: &str) -> Option<Ordering> {
        let (a, b) = (self.metric.values.get(name)?, self.metric.values.get(other)?);
        let order = a.median.total_cmp(&b.median);
        let order = if self.metric.better == Better::Lower { order.reverse() } else { order };
        Some(if a.ties(b) { Ordering::Equal } else { order })
    }

    /// How much worse `other` is than `name`: 2 if it takes twice the time or does half of the work; 1 when they tie.
    /// None where one of them is nothing.
    pub(super) fn factor(&self, name: &str, other: &str) -> Option<f64> {
        let (a, b) = (self.metric.values.get(name)?, self.metric.values.get(other)?);
        if a.ties(b) {
            return Some(1.0);
        }
        let (a, b) = if self.metric.better == Better::Lower { (a, b) } else { (b, a) };
        (a.median > 0.0 && b.median > 0.0).then(|| b.median / a.median)
    }
}

/// How much worse `other` is than `name` in all of these figures: the geometric mean.
pub(super) fn mean(figures: &[&Figure], name: &str, other: &str) -> Option<f64> {
    let logs: Vec<f64> = figures.iter().filter_map(|figure| Some(figure.factor(name, other)?.ln())).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

/// Our own implementations, in the order in which they are shown.
pub(super) fn ours(results: &Results) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for implementation in results.exercises.iter().flat_map(|compared| &compared.implementations) {
        if !implementation.outside && !names.contains(&&*implementation.name) {
            names.push(&implementation.name);
        }
    }
    names
}

/// The metrics that at least two of `names` have, without what is broken.
pub(super) fn figures(results: &Results, names: &[&str]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for compared in &results.exercises {
        let works =
            |name: &str| compared.implementations.iter().any(|i| i.name == name && i.broken.is_none());
        for metric in &compared.metrics {
            let mut metric = metric.clone();
            metric.values.retain(|name, _| names.contains(&&**name) && works(name));
            if metric.values.len() >= 2 {
                figures.push(Figure { exercise: compared.exercise.clone(), metric });
            }
        }
    }
    figures
}
