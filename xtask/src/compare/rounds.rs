//! The measured runs: every implementation has its turn in each round, so that what else goes on with the
//! machine meets all alike.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::exercises::Exercise;
use crate::progress::Step;
use crate::results::{Metric, Settings, Value};
use crate::workloads::{Contestant, Measure, Samples};

/// What was measured, in the order in which it was first met.
#[derive(Default)]
pub(crate) struct Collected {
    measures: Vec<(&'static Measure, BTreeMap<String, Vec<f64>>)>,
}

impl Collected {
    pub(crate) fn add(&mut self, name: &str, samples: Samples) {
        for (measure, sample) in samples {
            let known = self.measures.iter().position(|(known, _)| known.name == measure.name);
            let at = known.unwrap_or_else(|| {
                self.measures.push((measure, BTreeMap::new()));
                self.measures.len() - 1
            });
            self.measures[at].1.entry(name.to_owned()).or_default().push(sample);
        }
    }

    pub(crate) fn metrics(self) -> Vec<Metric> {
        let metric = |(measure, samples): (&Measure, BTreeMap<String, Vec<f64>>)| Metric {
            name: measure.name.to_owned(),
            title: measure.title.to_owned(),
            group: measure.group,
            headline: measure.headline,
            unit: measure.unit,
            better: measure.better,
            values: samples.into_iter().filter_map(|(name, s)| Some((name, Value::new(s)?))).collect(),
        };
        self.measures.into_iter().map(metric).collect()
    }
}

/// Measures the contestants of `exercise`. One from outside that fails is told and left out from then on.
pub(crate) fn measure(
    exercise: &Exercise,
    contestants: &[Contestant],
    settings: &Settings,
) -> Result<Collected> {
    let runs = contestants.len() * settings.least_rounds;
    let step = Step::counted(format!("measure {}", exercise.name), runs as u64);
    let mut collected = Collected::default();
    let mut out = Vec::new();
    for round in 0..settings.least_rounds {
        for turn in 0..contestants.len() {
            // Another one begins each round: whoever comes first may meet a colder machine.
            let contestant = &contestants[(turn + round) % contestants.len()];
            let name = contestant.name();
            if out.contains(&name) {
                continue;
            }
            step.at(format!("round {}: {name}, {} clients", round + 1, settings.clients));
            match (exercise.workload.round)(contestant, settings) {
                Ok(samples) => collected.add(name, samples),
                Err(error) if contestant.outside => {
                    step.above(&format!("{name} is measured no further: {error:#}"));
                    out.push(name);
                }
                Err(error) => return Err(error).with_context(|| format!("{} on {name}", exercise.name)),
            }
            step.advance();
        }
    }
    let n = settings.least_rounds;
    step.done(format!("{n} rounds of {}", contestants.len()));
    Ok(collected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Unit;

    #[test]
    fn samples_of_all_rounds_come_together() {
        static A: Measure = Measure::lower("a", "A", Unit::Count);
        static B: Measure = Measure::lower("b", "B", Unit::Count);
        let mut collected = Collected::default();
        collected.add("x", vec![(&A, 1.0), (&B, 2.0)]);
        collected.add("y", vec![(&B, 5.0)]);
        collected.add("x", vec![(&A, 3.0), (&B, 2.0)]);
        let metrics = collected.metrics();
        assert_eq!(metrics.iter().map(|m| &*m.name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(metrics[0].values["x"].samples, [1.0, 3.0]);
        assert_eq!(metrics[1].values["y"].median, 5.0);
        assert!(!metrics[0].values.contains_key("y"));
    }
}
