//! `pipeline`: numbers through two channels, whose sum is compared; a picture that one worker draws, two, and a
//! plain loop, byte for byte the same; and thumbnails.
//!
//! A program from elsewhere gets the same flags, and is measured in what it has: `squares`, `mandelbrot` and
//! `thumbs`, or some of them.

mod thumbs;

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Scale, Settings};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// How long a program may take: with a message handed over at a time, ten million numbers take ten seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// Numbers through channels: so many, and the flags for how they travel.
struct Numbers {
    count: u64,
    /// For a first look.
    few: u64,
    flags: &'static [&'static str],
    rate: Measure,
}

/// Enough of each that the start of a program is a small part of its time.
static NUMBERS: [Numbers; 4] = [
    Numbers {
        count: 10_000_000,
        few: 1_000_000,
        flags: &["--batch", "1", "--capacity", "1"],
        rate: Measure::rate("squares_1", "squares, a number a message, capacity 1"),
    },
    Numbers {
        count: 10_000_000,
        few: 1_000_000,
        flags: &["--batch", "1", "--capacity", "64"],
        rate: Measure::rate("squares_64", "squares, a number a message, capacity 64"),
    },
    Numbers {
        count: 10_000_000,
        few: 1_000_000,
        flags: &["--batch", "1", "--capacity", "1024"],
        rate: Measure::rate("squares_1024", "squares, a number a message, capacity 1024"),
    },
    Numbers {
        count: 100_000_000,
        few: 50_000_000,
        flags: &[],
        rate: Measure::rate("squares", "squares, in batches"),
    },
];

/// Who draws, and how long it takes.
static DRAWN: [(&[&str], Measure); 3] = [
    (&["--plain"], Measure::time("mandelbrot_plain", "mandelbrot, a plain loop")),
    (&["--workers", "1"], Measure::time("mandelbrot_1", "mandelbrot, 1 worker")),
    (&["--workers", "2"], Measure::time("mandelbrot_2", "mandelbrot, 2 workers")),
];

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    // A first look is content with less.
    let quick = settings.scale == Scale::Quick;
    let has = |program: &str| contestant.implementation.command_line(&[program.to_owned()]).is_ok();
    let mut samples = Samples::new();
    if has("squares") {
        squares(contestant, quick, &mut samples)?;
    }
    if has("mandelbrot") {
        mandelbrot(contestant, if quick { "2048" } else { "4096" }, &mut samples)?;
    }
    if has("thumbs") {
        thumbs::measure(contestant, if quick { 40 } else { 200 }, &mut samples)?;
    }
    Ok(samples)
}

/// Numbers through channels, whose sum has to be right.
fn squares(contestant: &Contestant, quick: bool, samples: &mut Samples) -> Result<()> {
    for numbers in &NUMBERS {
        let count = if quick { numbers.few } else { numbers.count };
        let text = count.to_string();
        let args = [&["squares", "--sum", "--count", &text], numbers.flags].concat();
        let (sum, took) = run(contestant, &args)?;
        let expected = sum_of_squares(count);
        ensure!(sum.trim() == expected.to_string(), "{args:?}: expected {expected}\n     got {sum:?}");
        samples.push((&numbers.rate, count as f64 / took.as_secs_f64()));
    }
    Ok(())
}

/// A picture so large that neither the start nor the PNG, which is written by one alone, is much of it.
fn mandelbrot(contestant: &Contestant, size: &str, samples: &mut Samples) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("mandelbrot.png");
    let output = file.to_str().context("the folder for temporary files is no UTF-8")?;
    let mut first = None;
    for (flags, measure) in &DRAWN {
        let args = [&["mandelbrot", "--size", size, "-o", output], *flags].concat();
        let (_, took) = run(contestant, &args)?;
        let picture = fs::read(&file).with_context(|| format!("{args:?}"))?;
        ensure!(*first.get_or_insert_with(|| picture.clone()) == picture, "{args:?}: another picture");
        samples.push((measure, took.as_secs_f64()));
    }
    Ok(())
}

/// What a program writes to stdout, and how long it takes from its start to its end.
fn run(contestant: &Contestant, args: &[&str]) -> Result<(String, Duration)> {
    let start = Instant::now();
    let mut program = contestant.run(args)?;
    let ended = program.wait_for(LIMIT)?;
    let took = start.elapsed();
    let status = ended.with_context(|| format!("{args:?}: no end in {LIMIT:?}"))?;
    ensure!(status.success(), "{args:?}: {status}");
    Ok((program.rest()?, took))
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
