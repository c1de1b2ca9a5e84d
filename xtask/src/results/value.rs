//! The statistics: medians, how sure they are, and when a difference is one.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

/// How often the samples are drawn again for an interval.
const RESAMPLES: usize = 2_000;

/// How much of what was drawn lies outside of an interval, below and above it: it is one of 95 %.
const TAIL: f64 = 0.025;

/// A difference of medians that is smaller than this, in parts of the larger one, is none to choose by.
const NEGLIGIBLE: f64 = 0.01;

/// What came out for one implementation
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Value {
    /// The median of the samples
    pub(crate) median: f64,
    /// The lower end of the median's 95 % bootstrap interval
    pub(crate) low: f64,
    /// The upper end of it
    pub(crate) high: f64,
    /// What each round gave, in the order of the rounds
    pub(crate) samples: Vec<f64>,
}

impl Value {
    /// The value that these samples make, of which there is at least one.
    pub(crate) fn new(samples: Vec<f64>) -> Option<Self> {
        let median = median(&mut samples.clone())?;
        let (low, high) = interval(&samples);
        Some(Self { median, low, high, samples })
    }

    /// Whether the difference to `other` is within their spread, or too small to choose by. What was counted, and
    /// not measured, differs when it differs.
    pub(crate) fn ties(&self, other: &Self) -> bool {
        let counted = self.samples.len() == 1 && other.samples.len() == 1;
        let larger = self.median.abs().max(other.median.abs());
        let negligible = (self.median - other.median).abs() <= NEGLIGIBLE * larger;
        let overlap = self.low <= other.high && other.low <= self.high;
        overlap || (!counted && negligible)
    }

    /// Half of the interval's width, in parts of the median: how far off the median may well be.
    pub(crate) fn spread(&self) -> f64 {
        if self.high == self.low { 0.0 } else { (self.high - self.low) / 2.0 / self.median.abs() }
    }
}

/// The middle of `samples`, which are sorted for it.
fn median(samples: &mut [f64]) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    let middle = samples.len() / 2;
    let upper = *samples.get(middle)?;
    Some(if samples.len() % 2 == 1 { upper } else { (samples[middle - 1] + upper) / 2.0 })
}

/// The percentile bootstrap of the median (Efron, 1979). The same samples give the same interval.
fn interval(samples: &[f64]) -> (f64, f64) {
    let mut random = SmallRng::seed_from_u64(samples.len() as u64);
    let mut drawn = vec![0.0; samples.len()];
    let mut medians = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        drawn.fill_with(|| samples[random.random_range(..samples.len())]);
        medians.extend(median(&mut drawn));
    }
    medians.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short list")]
    let cut = (TAIL * medians.len() as f64) as usize;
    (medians[cut], medians[medians.len() - 1 - cut])
}

/// How a value stands among those of the other implementations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Better than each of the others by more than their spread.
    Best,
    /// The spread is larger than the difference to the best: there is none to be seen.
    Tied,
    Behind,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_with_their_intervals() {
        let value = Value::new(vec![3.0, 1.0, 2.0]).unwrap();
        assert_eq!((value.median, value.low, value.high), (2.0, 1.0, 3.0));
        assert_eq!(value.samples, [3.0, 1.0, 2.0]);
        assert_eq!(Value::new(vec![1.0, 2.0]).unwrap().median, 1.5);
        let one = Value::new(vec![7.0]).unwrap();
        assert_eq!((one.median, one.low, one.high, one.spread()), (7.0, 7.0, 7.0, 0.0));
        assert!(Value::new(vec![]).is_none());
    }

    /// For an odd number of samples the bootstrap's distribution is known: the median of a draw is at most the
    /// k-th sample when more than half of the draws are, which is binomial. For 11 samples the 2.5 % and 97.5 %
    /// quantiles are the 3rd and the 9th sample.
    #[test]
    fn an_interval_is_the_one_that_theory_knows() {
        let value = Value::new((1..=11).map(f64::from).collect()).unwrap();
        assert_eq!((value.median, value.low, value.high), (6.0, 3.0, 9.0));
    }

    #[test]
    fn an_outlier_is_outside_of_the_interval() {
        let value = Value::new(vec![10.0, 10.1, 9.9, 10.0, 10.2, 9.8, 10.0, 10.1, 90.0]).unwrap();
        assert!(value.high < 11.0, "{value:?}");
    }

    #[test]
    fn ties_and_differences() {
        let value = |samples: &[f64]| Value::new(samples.to_vec()).unwrap();
        let (slow, fast) = (value(&[4.0, 4.2, 4.1, 4.3, 4.2]), value(&[2.0, 2.1, 2.2, 2.0, 2.1]));
        assert!(!slow.ties(&fast) && !fast.ties(&slow));
        assert!(slow.ties(&value(&[3.9, 4.05, 4.1, 4.0, 4.02])), "they overlap");
        assert!(value(&[100.0, 100.1, 100.0]).ties(&value(&[100.5, 100.6, 100.5])), "half a percent is none");
        assert!(!value(&[311.0]).ties(&value(&[312.0])), "what is counted is exact");
        assert!(value(&[0.0, 0.0]).ties(&value(&[0.0, 0.0])));
    }
}
