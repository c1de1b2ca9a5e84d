//! `pipeline`: numbers through two channels, whose sum is compared; and a picture that one worker draws, two, and
//! a plain loop, point by point the same.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{Contestant, Measure, Samples, Workload};
use crate::compare::results::Better::{Higher, Lower};
use crate::compare::results::{Settings, Unit};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Numbers through channels: so many, and the flags for how they travel.
struct Numbers {
    count: u64,
    flags: &'static [&'static str],
    rate: Measure,
}

const fn rate(name: &'static str, title: &'static str) -> Measure {
    Measure { name, title, unit: Unit::PerSecond, better: Higher }
}

const fn time(name: &'static str, title: &'static str) -> Measure {
    Measure { name, title, unit: Unit::Seconds, better: Lower }
}

/// Enough of each that the start of a program is a small part of its time.
static NUMBERS: [Numbers; 4] = [
    Numbers {
        count: 1_000_000,
        flags: &["--batch", "1", "--capacity", "1"],
        rate: rate("squares_1", "squares, a number a message, capacity 1"),
    },
    Numbers {
        count: 4_000_000,
        flags: &["--batch", "1", "--capacity", "64"],
        rate: rate("squares_64", "squares, a number a message, capacity 64"),
    },
    Numbers {
        count: 4_000_000,
        flags: &["--batch", "1", "--capacity", "1024"],
        rate: rate("squares_1024", "squares, a number a message, capacity 1024"),
    },
    Numbers { count: 200_000_000, flags: &[], rate: rate("squares", "squares, in batches") },
];

static ONE: Measure = time("mandelbrot_1", "mandelbrot, 1 worker");
static TWO: Measure = time("mandelbrot_2", "mandelbrot, 2 workers");
static PLAIN: Measure = time("mandelbrot_plain", "mandelbrot, a plain loop");

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let mut samples = Samples::new();
    for numbers in &NUMBERS {
        // A first look is content with a quarter.
        let count = if settings.rounds < 5 { numbers.count / 4 } else { numbers.count };
        let text = count.to_string();
        let args = [&["squares", "--sum", "--count", &text], numbers.flags].concat();
        let (sum, took) = run(contestant, &args)?;
        let expected = sum_of_squares(count);
        ensure!(sum.trim() == expected.to_string(), "{args:?}: expected {expected}\n     got {sum:?}");
        samples.push((&numbers.rate, count as f64 / took.as_secs_f64()));
    }
    let size = if settings.rounds < 5 { "512" } else { "1024" };
    let draw =
        |flags: &[&str]| run(contestant, &[&["mandelbrot", "--size", size, "-o", "-"], flags].concat());
    let (plain, took) = draw(&["--plain"])?;
    samples.push((&PLAIN, took.as_secs_f64()));
    for (measure, workers) in [(&ONE, "1"), (&TWO, "2")] {
        let (picture, took) = draw(&["--workers", workers])?;
        ensure!(!picture.is_empty() && picture == plain, "{workers} workers draw another picture");
        samples.push((measure, took.as_secs_f64()));
    }
    Ok(samples)
}

/// What a program writes to stdout, and how long it takes from its start to its end.
fn run(contestant: &Contestant, args: &[&str]) -> Result<(String, Duration)> {
    let start = Instant::now();
    let mut program = contestant.run(args)?;
    let text = program.rest().with_context(|| format!("{args:?}"))?;
    let status = program.wait()?;
    let took = start.elapsed();
    if !status.success() {
        bail!("{args:?}: {status}");
    }
    Ok((text, took))
}

/// 0² + 1² + … for the first `count` numbers.
fn sum_of_squares(count: u64) -> u128 {
    let n = u128::from(count);
    n.saturating_sub(1) * n * (2 * n).saturating_sub(1) / 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums() {
        assert_eq!(sum_of_squares(0), 0);
        assert_eq!(sum_of_squares(4), 14);
        assert_eq!(sum_of_squares(1000), (0..1000_u128).map(|n| n * n).sum::<u128>());
    }
}
