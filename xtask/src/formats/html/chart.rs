//! Where the dots and intervals of a chart are. The template draws them.

use serde::Serialize;

use super::Names;
use super::measured::{self, Mark};
use crate::formats::units::{interval, number, scale};
use crate::results::{Compared, Metric, Value};

/// The part of the width that is left free at each side for half a dot, in percent.
const MARGIN: f64 = 1.5;

/// How far beyond all intervals a sample may lie to be drawn, in parts of the largest.
const BEYOND: f64 = 1.25;

/// A name that is longer would reach into the value beside it.
const NAME: usize = 16;

/// One metric: a track for each implementation, on one scale that begins at zero.
#[derive(Serialize)]
pub(super) struct Chart {
    title: String,
    headline: bool,
    /// `ms, lower is better`
    reads: String,
    tracks: Vec<Track>,
    ticks: Vec<Tick>,
    /// What it shows, in words
    alt: String,
}

/// An implementation's values. All places are in percent of the width.
#[derive(Serialize)]
struct Track {
    name: String,
    /// The number of its colour
    colour: usize,
    mark: Mark,
    /// `58.1 (54.5–76.5)`
    value: String,
    median: f64,
    low: f64,
    high: f64,
    samples: Vec<f64>,
    /// How many samples are too far off to be drawn
    beyond: usize,
}

impl Track {
    /// It in words
    fn said(&self) -> String {
        let beyond = match self.beyond {
            0 => String::new(),
            1 => ", 1 round beyond the scale".to_owned(),
            n => format!(", {n} rounds beyond the scale"),
        };
        format!("{}: {}{}{beyond}", self.name, self.value, self.mark.said())
    }
}

#[derive(Serialize)]
struct Tick {
    at: f64,
    label: String,
}

impl Chart {
    /// The chart of `metric`, if it shows anything: not where all have counted the same.
    pub(super) fn new(compared: &Compared, metric: &Metric, names: &Names) -> Option<Self> {
        let values: Vec<(&str, &Value)> = compared
            .implementations
            .iter()
            .filter_map(|implementation| {
                Some((&*implementation.name, metric.values.get(&implementation.name)?))
            })
            .collect();
        let (_, first) = *values.first()?;
        if values.iter().all(|(_, value)| value.low == value.high && value.median == first.median) {
            return None;
        }
        let most = values.iter().map(|(_, value)| value.high).fold(0.0, f64::max);
        let sample = |limit: f64| {
            let samples = values.iter().flat_map(|(_, value)| value.samples.iter().copied());
            samples.filter(|&sample| sample <= limit).fold(most, f64::max)
        };
        let (step, end) = ticks(sample(most * BEYOND));
        let (divisor, unit) = scale(metric.unit, most);
        let at = |value: f64| MARGIN + (100.0 - 2.0 * MARGIN) * (value / end).clamp(0.0, 1.0);
        let track = |(name, value): &(&str, &Value)| Track {
            name: short(name),
            colour: names.colour(name),
            mark: measured::mark(metric, name),
            value: shown(value, divisor),
            median: at(value.median),
            low: at(value.low),
            high: at(value.high),
            samples: value
                .samples
                .iter()
                .filter(|&&sample| sample <= end)
                .map(|&sample| at(sample))
                .collect(),
            beyond: value.samples.iter().filter(|&&sample| sample > end).count(),
        };
        let tracks: Vec<Track> = values.iter().map(track).collect();
        let unit = if unit.is_empty() { String::new() } else { format!("{unit}, ") };
        let reads = format!("{unit}{}", measured::better(metric));
        let said: Vec<String> = tracks.iter().map(Track::said).collect();
        let count = (end / step).round();
        Some(Self {
            title: metric.title.clone(),
            headline: metric.headline,
            alt: format!("{}; {reads}. {}.", metric.title, said.join("; ")),
            reads,
            tracks,
            ticks: (0..=4)
                .map(f64::from)
                .filter(|&n| n <= count)
                .map(|n| Tick { at: at(n * step), label: number(n * step / divisor) })
                .collect(),
        })
    }
}

/// A median and its interval, divided by `divisor`.
fn shown(value: &Value, divisor: f64) -> String {
    let median = number(value.median / divisor);
    interval(value, divisor).map_or(median.clone(), |interval| format!("{median} ({interval})"))
}

/// The step between the ticks of a scale that reaches from 0 to at least `most`, and where the scale ends: 1, 2, 2.5 or
/// 5 times a power of ten, with at most 4 steps.
fn ticks(most: f64) -> (f64, f64) {
    let most = if most > 0.0 { most } else { 1.0 };
    let power = 10_f64.powf((most / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|n| n * power).into_iter().find(|step| step * 4.0 >= most);
    let step = step.unwrap_or(most);
    (step, step * (most / step).ceil())
}

/// A name that fits beside its value.
fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        name.to_owned()
    } else {
        name.chars().take(NAME - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::sample;

    #[test]
    fn a_scale_begins_at_zero_and_holds_the_largest() {
        assert_eq!(ticks(4.0), (1.0, 4.0));
        assert_eq!(ticks(4.1), (2.0, 6.0));
        assert_eq!(ticks(1151.0), (500.0, 1500.0));
        assert_eq!(ticks(0.0).1, 1.0);
        for most in [1e-9, 0.3, 9.99, 1e12] {
            let (step, end) = ticks(most);
            assert!(end >= most && end / step <= 4.0 + 1e-9, "{most}: {step} {end}");
        }
    }

    #[test]
    fn dots_lie_on_a_common_scale() {
        let results = sample();
        let compared = &results.exercises[0];
        let chart = Chart::new(compared, &compared.metrics[0], &Names::new(&results)).unwrap();
        let of = |name: &str| chart.tracks.iter().find(|track| track.name == name).unwrap();
        assert!(of("tokio").median > of("go").median && of("go").median > of("smol").median);
        assert!(of("go").low <= of("go").median && of("go").median <= of("go").high);
        assert_eq!(of("go").samples.len(), 5);
        assert!(chart.alt.contains("smol: 2 (1–3), a tie"), "{}", chart.alt);
    }

    #[test]
    fn a_sample_that_is_far_off_does_not_squeeze_the_others() {
        let mut results = sample();
        let metric = &mut results.exercises[0].metrics[0];
        let mut samples = vec![2.0; 40];
        samples.push(900.0);
        metric.values.insert("smol".to_owned(), Value::new(samples).unwrap());
        let compared = &results.exercises[0];
        let chart = Chart::new(compared, &compared.metrics[0], &Names::new(&results)).unwrap();
        let track = chart.tracks.iter().find(|track| track.name == "smol").unwrap();
        assert_eq!((track.beyond, track.samples.len()), (1, 40));
        assert!(track.median > 5.0);
    }

    #[test]
    fn nothing_is_drawn_where_all_count_the_same() {
        let mut results = sample();
        for value in results.exercises[0].metrics[0].values.values_mut() {
            *value = Value::new(vec![0.0, 0.0]).unwrap();
        }
        let compared = &results.exercises[0];
        assert!(Chart::new(compared, &compared.metrics[0], &Names::new(&results)).is_none());
    }
}
