//! 8.4: `pipeline squares`.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::{Program, Signal, eventually};

const NO_FLAGS: [&str; 0] = [];

fn squares<'a>(flags: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    ["squares"].into_iter().chain(flags)
}

fn lines(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|n| format!("{}\n", n * n)).collect()
}

/// The book's second version: 0 to 9801, a line each, and the end.
pub(crate) fn a_hundred_squares(pipeline: &Program) -> Result<()> {
    let mut run = pipeline.start(squares(NO_FLAGS))?;
    let (got, expected) = (run.rest()?, lines(0..100));
    ensure!(got == expected, "expected 0 to 9801\n     got {got:?}");
    run.expect_exit(0)
}

/// Neither what a channel holds nor what a message does changes anything.
pub(crate) fn in_order_at_any_capacity_and_batch(pipeline: &Program) -> Result<()> {
    for count in ["0", "1", "1000"] {
        let expected = lines(0..count.parse()?);
        for capacity in ["1", "3", "1024"] {
            for batch in ["1", "2", "7", "256", "100000"] {
                let flags = ["--count", count, "--capacity", capacity, "--batch", batch];
                let mut run = pipeline.start(squares(flags))?;
                let got = run.rest()?;
                ensure!(got == expected, "{flags:?}: expected all in order\n     got {} bytes", got.len());
                run.expect_exit(0)?;
            }
        }
    }
    Ok(())
}

/// `squares --forever | head -3`: no error, and 0.
pub(crate) fn forever_ends_quietly_without_a_reader(pipeline: &Program) -> Result<()> {
    for flags in [&["--forever"][..], &["--forever", "--batch", "1"], &["--forever", "--every", "20ms"]] {
        let mut run = pipeline.start(squares(flags.iter().copied()))?;
        for expected in ["0", "1", "4"] {
            run.expect_line(expected)?;
        }
        run.close_stdout();
        run.expect_exit(0)?;
        ensure!(run.stderr().is_empty(), "{flags:?}: expected no complaint\n     got {}", run.stderr());
    }
    Ok(())
}

/// Nobody reads: the printer waits, then the squarer, then the counter, and nothing grows.
pub(crate) fn a_stalled_reader_stops_all(pipeline: &Program) -> Result<()> {
    let mut run = pipeline.start(squares(["--forever", "--capacity", "64"]))?;
    run.expect_line("0")?;
    let idle = || {
        let before = run.cpu_time()?;
        ensure!(run.wait_for(Duration::from_millis(200))?.is_none(), "expected it to wait\n     got its end");
        Ok(run.cpu_time()?.saturating_sub(before))
    };
    eventually("everything to wait", idle, |used| *used < Duration::from_millis(20))?;
    let peak = run.peak_resident()?;
    ensure!(peak < 64 << 20, "expected bounded memory\n     got {peak} bytes");
    Ok(())
}

/// A slow counter's lines come as they are counted and not at the end.
pub(crate) fn a_slow_counter_shows_each_line(pipeline: &Program) -> Result<()> {
    let flags = ["--count", "3", "--every", "1s", "--capacity", "64", "--batch", "256"];
    let mut run = pipeline.start(squares(flags))?;
    run.expect_line("0")?;
    let first = Instant::now();
    run.expect_line("1")?;
    run.expect_line("4")?;
    let later = first.elapsed();
    ensure!(
        later > Duration::from_secs(1),
        "expected the first line before the last\n     got both in {later:?}"
    );
    run.expect_exit(0)
}

/// What fits is printed, what does not is an error that names the number; nothing wraps.
pub(crate) fn a_square_beyond_64_bits_is_an_error(pipeline: &Program) -> Result<()> {
    let last = u64::from(u32::MAX);
    let expected = lines(last - 3..last + 1);
    for batch in ["1", "3", "256"] {
        let mut run = pipeline.start(squares(["--from", "4294967292", "--forever", "--batch", batch]))?;
        let got = run.rest()?;
        ensure!(got == expected, "batch {batch}: expected {expected:?}\n     got {got:?}");
        run.expect_exit(1)?;
        run.expect_stderr("4294967296")?;
    }
    Ok(())
}

/// `--sum` prints the sum alone, which may have more than 64 bits.
pub(crate) fn the_sum_of_all(pipeline: &Program) -> Result<()> {
    for (flags, sum) in [
        (&["--from", "4000000", "--count", "2000000"][..], "50666656666667000000"),
        (&["--count", "1000", "--batch", "1"], "332833500"),
    ] {
        let mut run = pipeline.start(squares(["--sum"].into_iter().chain(flags.iter().copied())))?;
        run.expect_line(sum)?;
        run.expect_end()?;
        run.expect_exit(0)?;
    }
    Ok(())
}

/// Ctrl-C: 130, also while nobody reads.
pub(crate) fn ctrl_c_ends_it(pipeline: &Program) -> Result<()> {
    for flags in [&["--forever"][..], &["--forever", "--sum"], &["--every", "1h"]] {
        let mut run = pipeline.start(squares(flags.iter().copied()).chain(["--verbose"]))?;
        match flags {
            ["--forever"] => run.expect_line("0")?,
            ["--forever", ..] => {
                eventually("it to count", || run.cpu_time(), |time| *time > Duration::from_millis(100))?;
            }
            _ => _ = eventually("it to run", || run.threads(), |threads| *threads > 1)?,
        }
        run.signal(Signal::INT)?;
        run.expect_exit(130)?;
    }
    Ok(())
}
