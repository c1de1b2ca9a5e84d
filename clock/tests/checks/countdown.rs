//! 8.7: `clock countdown`.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::{Program, Running, Signal};

/// The heading, the numbers down to 1, the launch, and 0.
pub(crate) fn counts_down_to_the_launch(clock: &Program) -> Result<()> {
    let mut run = clock.start(["countdown", "--every", "5ms"])?;
    run.expect_line("Commencing countdown.")?;
    for n in (1..=10).rev() {
        run.expect_line(&n.to_string())?;
    }
    run.expect_line("Lift off!")?;
    run.expect_end()?;
    run.expect_exit(0)
}

/// A period passes after each number, the last one too.
pub(crate) fn a_number_each_period(clock: &Program) -> Result<()> {
    // Before it starts: what is read late cannot make it look early.
    let start = Instant::now();
    let mut run = clock.start(["countdown", "--from", "3", "--every", "400ms"])?;
    for (periods, line) in [(0, "Commencing countdown."), (0, "3"), (1, "2"), (2, "1"), (3, "Lift off!")] {
        run.expect_line(line)?;
        let (elapsed, due) = (start.elapsed(), periods * Duration::from_millis(400));
        ensure!(elapsed >= due, "expected {line:?} after {due:?}\n     got it after {elapsed:?}");
    }
    Ok(())
}

/// Return, or any byte.
pub(crate) fn a_byte_aborts(clock: &Program) -> Result<()> {
    let mut run = clock.start(["countdown", "--every", "1h"])?;
    run.until("10\n")?;
    run.stdin(b"\n")?;
    aborted(run)
}

/// Ctrl-C, although stdin has ended.
pub(crate) fn ctrl_c_aborts(clock: &Program) -> Result<()> {
    let mut run = clock.start(["countdown", "--every", "1h"])?;
    run.close_stdin();
    run.until("10\n")?;
    run.signal(Signal::INT)?;
    aborted(run)
}

/// `clock countdown < /dev/null` flies.
pub(crate) fn the_end_of_stdin_is_no_abort(clock: &Program) -> Result<()> {
    let mut run = clock.start(["countdown", "--from", "3", "--every", "50ms"])?;
    run.close_stdin();
    run.until("1\nLift off!\n")?;
    run.expect_exit(0)
}

/// `clock countdown | head -1`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(clock: &Program) -> Result<()> {
    let mut run = clock.start(["countdown", "--from", "100000", "--every", "1ms"])?;
    run.line()?;
    run.close_stdout();
    run.expect_exit(0)?;
    ensure!(run.stderr().is_empty(), "expected no complaint\n     got {}", run.stderr());
    Ok(())
}

/// The message, the end, and the code of an interrupt; a read of stdin that still waits holds nothing up.
fn aborted(mut run: Running) -> Result<()> {
    run.expect_line("Launch aborted!")?;
    run.expect_end()?;
    run.expect_exit(130)
}
