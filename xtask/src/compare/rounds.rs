//! The measured runs. In each round every implementation has its turn, in an order that is drawn anew, so that
//! what else goes on with the machine meets all alike; a run that others disturbed is done again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use runner::interrupt::Interrupt;
use runner::progress::{Step, whole};

use super::noise::Watch;
use crate::results::{Metric, Settings, Value};
use crate::workloads::{Contestant, Measure, Samples, Workload};

/// The part of all cores that others may use during a run. The system's ticks are no finer.
const QUIET: f64 = 0.1;

/// How often one run is done again, at most.
const AGAIN: usize = 2;

/// When the medians of what an exercise is about are known as well as this, no more rounds are needed.
const SETTLED: f64 = 0.02;

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

    /// The same as metrics, those of a kind together.
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
        let mut metrics: Vec<Metric> = self.measures.into_iter().map(metric).collect();
        metrics.sort_by_key(|metric| metric.group);
        metrics
    }

    /// Whether more rounds would tell little more.
    fn is_settled(&self) -> bool {
        let headlines = self.measures.iter().filter(|(measure, _)| measure.headline);
        let mut values = headlines.flat_map(|(_, of_each)| of_each.values());
        values.all(|samples| Value::new(samples.clone()).is_none_or(|value| value.spread() <= SETTLED))
    }
}

/// What came of an exercise.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) collected: Collected,
    pub(crate) rounds: usize,
    /// Why an implementation was measured no further.
    pub(crate) broken: BTreeMap<String, String>,
    /// The part of all cores that others used, for each run that counts.
    pub(crate) others: Vec<f64>,
    /// Runs that were done again.
    pub(crate) repeated: usize,
}

/// Measures one exercise.
pub(crate) struct Rounds<'a> {
    /// The exercise's name.
    pub(crate) exercise: &'a str,
    pub(crate) workload: &'a Workload,
    pub(crate) contestants: &'a [Contestant],
    pub(crate) settings: &'a Settings,
    pub(crate) cores: usize,
    pub(crate) interrupt: &'a Interrupt,
    /// How long it takes after this exercise until all is done.
    pub(crate) later: Duration,
}

impl Rounds<'_> {
    /// Runs a round that is not counted, then at least as many as the settings say, and more while the spread is
    /// large and time is left. Whoever fails is told of, and left out from then on; an interrupt ends it with what
    /// there is.
    pub(crate) fn measure(&self) -> Measured {
        let settings = self.settings;
        let least = (settings.least_rounds + 1) * self.contestants.len();
        let step = Step::counted(format!("measure {}", self.exercise), least as u64);
        let mut random = SmallRng::seed_from_u64(u64::from(std::process::id()));
        let mut order: Vec<&Contestant> = self.contestants.iter().collect();
        let mut measured = Measured::default();
        let start = Instant::now();
        for round in 0..=settings.most_rounds {
            let over = start.elapsed() > settings.scale.pick(Duration::ZERO, MORE, 10 * MORE);
            if round > settings.least_rounds && (over || measured.collected.is_settled()) {
                break;
            }
            order.shuffle(&mut random);
            for (turn, contestant) in order.iter().enumerate() {
                if self.interrupt.came() {
                    step.end(false, format!("interrupted in round {round}"));
                    return measured;
                }
                let done = round * order.len() + turn;
                step.at(self.told(round, contestant.name(), start.elapsed(), done, least));
                self.turn(contestant, round == 0, &mut measured, &step);
                step.advance();
            }
            measured.rounds = round;
        }
        step.end(measured.broken.is_empty(), told(&measured, self.contestants.len()));
        measured
    }

    /// One run of one implementation, again if others disturbed it: the quietest counts.
    fn turn(&self, contestant: &Contestant, warm_up: bool, measured: &mut Measured, step: &Step) {
        let name = contestant.name();
        if measured.broken.contains_key(name) {
            return;
        }
        let mut quietest: Option<(f64, Samples)> = None;
        for again in 0..=AGAIN {
            let watch = Watch::start();
            let samples = match (self.workload.round)(contestant, self.settings) {
                Ok(samples) => samples,
                // What ended it was not its own fault.
                Err(_) if self.interrupt.came() => return,
                Err(error) => {
                    step.above(&format!("{name} is measured no further: {error:#}"));
                    measured.broken.insert(name.to_owned(), format!("{error:#}"));
                    return;
                }
            };
            let others = watch.others(self.cores).unwrap_or(0.0);
            if quietest.as_ref().is_none_or(|(least, _)| others < *least) {
                quietest = Some((others, samples));
            }
            // On a machine that is never quiet, no more than half of the runs are done again.
            let spent = measured.repeated > self.contestants.len() * self.settings.least_rounds / 2;
            if others <= QUIET || again == AGAIN || spent || warm_up || self.interrupt.came() {
                break;
            }
            measured.repeated += 1;
        }
        if let Some((others, samples)) = quietest.filter(|_| !warm_up) {
            measured.others.push(others);
            measured.collected.add(name, samples);
        }
    }

    /// What is at its turn, and how long the rest takes.
    fn told(&self, round: usize, name: &str, elapsed: Duration, done: usize, least: usize) -> String {
        let round = if round == 0 { "warm-up".to_owned() } else { format!("round {round}") };
        let (Ok(turns), Ok(left)) = (u32::try_from(done), u32::try_from(least.saturating_sub(done))) else {
            return round;
        };
        if turns == 0 {
            return format!("{round}, {name}");
        }
        let left = elapsed / turns * left + self.later;
        format!("{round}, {name}; about {} left", whole(left))
    }
}

/// How long rounds go on beyond the least number while the spread is large.
const MORE: Duration = Duration::from_secs(25);

fn told(measured: &Measured, contestants: usize) -> String {
    let mut text = format!("{} rounds of {contestants}", measured.rounds);
    if measured.repeated > 0 {
        text += &format!(", {} runs again since others used the cores", measured.repeated);
    }
    if !measured.broken.is_empty() {
        let names: Vec<&str> = measured.broken.keys().map(String::as_str).collect();
        text += &format!(", without {}", names.join(", "));
    }
    text
}

#[cfg(test)]
mod tests;
