//! `pipeline`: numbers through two channels, whose sum is compared; a picture that one worker draws, two, and a
//! plain loop, whose points are compared with those that are computed here; and thumbnails.
//!
//! A program from elsewhere gets the same flags, and is measured in what it has: `squares`, `mandelbrot` and
//! `thumbs`, or some of them.

mod picture;
mod thumbs;

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::footprint::{self, Run, Seen};
use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Scale, Settings};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// How long a program may take: with a message handed over at a time, ten million numbers take ten seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// Numbers through channels: so many on each scale, and the flags for how they travel.
struct Numbers {
    counts: [u64; 3],
    flags: &'static [&'static str],
    rate: Measure,
    cpu: Option<Measure>,
}

impl Numbers {
    fn count(&self, scale: Scale) -> u64 {
        let [quick, standard, full] = self.counts;
        scale.pick(quick, standard, full)
    }
}

/// Enough of each that the start of a program is a small part of its time.
static NUMBERS: [Numbers; 4] = [
    Numbers {
        counts: [30_000, 200_000, 2_000_000],
        flags: &["--batch", "1", "--capacity", "1"],
        rate: Measure::rate("squares_1", "squares, a number a message, capacity 1"),
        cpu: None,
    },
    Numbers {
        counts: [250_000, 1_000_000, 10_000_000],
        flags: &["--batch", "1", "--capacity", "64"],
        rate: Measure::rate("squares_64", "squares, a number a message, capacity 64").headline(),
        cpu: Some(Measure::time("squares_64_cpu", "CPU of a square, a number a message, capacity 64")),
    },
    Numbers {
        counts: [250_000, 1_000_000, 10_000_000],
        flags: &["--batch", "1", "--capacity", "1024"],
        rate: Measure::rate("squares_1024", "squares, a number a message, capacity 1024"),
        cpu: None,
    },
    Numbers {
        counts: [20_000_000, 60_000_000, 100_000_000],
        flags: &[],
        rate: Measure::rate("squares", "squares, in batches"),
        cpu: None,
    },
];

/// Who draws, and how many points in a second.
static DRAWN: [(&[&str], Measure); 3] = [
    (&["--plain"], Measure::rate("mandelbrot_plain", "points of a Mandelbrot set, a plain loop")),
    (&["--workers", "1"], Measure::rate("mandelbrot_1", "points of a Mandelbrot set, 1 worker")),
    (&["--workers", "2"], Measure::rate("mandelbrot_2", "points of a Mandelbrot set, 2 workers").headline()),
];

/// The programs that are measured.
const PROGRAMS: [&str; 3] = ["squares", "mandelbrot", "thumbs"];

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let has = contestant.has(&PROGRAMS)?;
    let (mut samples, mut seen) = (Samples::new(), Seen::default());
    if has.contains(&"squares") {
        samples.extend(smallest(contestant, settings)?);
        for numbers in &NUMBERS {
            seen = seen.most(squares(contestant, settings, numbers, &mut samples)?);
        }
    }
    if has.contains(&"mandelbrot") {
        seen = seen.most(mandelbrot(contestant, settings, &mut samples)?);
    }
    if has.contains(&"thumbs") {
        seen = seen.most(thumbs::measure(contestant, settings, &mut samples)?);
    }
    samples.extend(seen.samples());
    Ok(samples)
}

/// What it takes to be there: one number.
fn smallest(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    footprint::of_program(contestant, settings, &["squares", "--sum", "--count", "1"], |text| {
        expect_sum(text, 1)
    })
}

/// Numbers through channels, whose sum has to be right.
fn squares(
    contestant: &Contestant,
    settings: &Settings,
    numbers: &'static Numbers,
    samples: &mut Samples,
) -> Result<Seen> {
    let count = numbers.count(settings.scale);
    let text = count.to_string();
    let args = [&["squares", "--sum", "--count", &text], numbers.flags].concat();
    let Run { text, took, cpu, seen } = footprint::run(contestant, settings, &args, LIMIT)?;
    expect_sum(&text, count).with_context(|| contestant.asked(&args))?;
    samples.push((&numbers.rate, count as f64 / took.as_secs_f64()));
    samples.extend(numbers.cpu.as_ref().map(|measure| (measure, cpu.as_secs_f64() / count as f64)));
    Ok(seen)
}

fn expect_sum(text: &str, count: u64) -> Result<()> {
    let expected = sum_of_squares(count);
    ensure!(text.trim() == expected.to_string(), "expected the sum {expected}\n     got {text:?}");
    Ok(())
}

/// A picture so large that neither the start nor the PNG, which is written by one alone, is much of it.
fn mandelbrot(contestant: &Contestant, settings: &Settings, samples: &mut Samples) -> Result<Seen> {
    let size: u32 = settings.scale.pick(640, 1024, 4096);
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("mandelbrot.png");
    let output = file.to_str().context("the folder for temporary files is no UTF-8")?;
    let text = size.to_string();
    let (mut first, mut seen) = (None, Seen::default());
    for (flags, measure) in &DRAWN {
        let args = [&["mandelbrot", "--size", &text, "-o", output], *flags].concat();
        let run = footprint::run(contestant, settings, &args, LIMIT)?;
        picture::check(&file, size, &mut first).with_context(|| contestant.asked(&args))?;
        samples.push((measure, f64::from(size) * f64::from(size) / run.took.as_secs_f64()));
        seen = seen.most(run.seen);
    }
    Ok(seen)
}

/// 0² + 1² + … for the first `count` numbers.
fn sum_of_squares(count: u64) -> u128 {
    let n = u128::from(count);
    n.saturating_sub(1) * n * (2 * n).saturating_sub(1) / 6
}

#[cfg(test)]
mod tests {
    use kit::refused;

    use super::super::tests::{quick, script};
    use super::*;

    #[test]
    fn sums() {
        assert_eq!(sum_of_squares(0), 0);
        assert_eq!(sum_of_squares(4), 14);
        assert_eq!(sum_of_squares(1000), (0..1000_u128).map(|n| n * n).sum::<u128>());
    }

    #[test]
    fn a_sum_that_is_not_that_of_all_is_refused() -> Result<()> {
        for (says, told) in
            [("0", "expected the sum"), ("", "got \"\\n\""), ("8999550004999", "`fake squares --sum")]
        {
            let fake = script(&format!("echo {says}"))?;
            refused(squares(&fake.contestant, &quick(), &NUMBERS[0], &mut Samples::new()), told);
        }
        let right = script("echo 8999550005000; true")?;
        assert_eq!(sum_of_squares(30_000), 8_999_550_005_000);
        let mut samples = Samples::new();
        squares(&right.contestant, &quick(), &NUMBERS[0], &mut samples)?;
        assert_eq!(samples.len(), 1);
        Ok(())
    }

    /// The same file each time: what was drawn once, or nothing.
    #[test]
    fn a_picture_that_is_not_drawn_is_refused() -> Result<()> {
        let nothing = script("true")?;
        refused(mandelbrot(&nothing.contestant, &quick(), &mut Samples::new()), "cannot read");
        // Its arguments: mandelbrot --size N -o FILE.
        let empty = script(": >\"$5\"")?;
        refused(mandelbrot(&empty.contestant, &quick(), &mut Samples::new()), "no PNG");
        let dir = tempfile::tempdir()?;
        let small = dir.path().join("small.png");
        std::fs::write(&small, picture::tests::png(100, |x, y| picture::grey(x, y, 100)))?;
        let another = script(&format!("cp {} \"$5\"", small.display()))?;
        refused(mandelbrot(&another.contestant, &quick(), &mut Samples::new()), "expected 640 by 640 points");
        Ok(())
    }
}
