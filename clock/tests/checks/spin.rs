//! 8.1: `clock spin`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Program, Signal};

const SECOND: Duration = Duration::from_secs(1);
const TURN: [&str; 4] = ["-", "\\", "|", "/"];

/// The frames in order, over and over, then the result in their place: one worker thread is enough.
pub(crate) fn spinner_turns_until_the_result(clock: &Program) -> Result<()> {
    // A loaded machine may not let it run for most of that.
    let frames = frames(clock, &["--threads", "1"], SECOND * 4 / 10, 2, SECOND * 4)?;
    ensure!(frames.len() >= 2, "expected the spinner to turn\n     got {frames:?}");
    for (frame, expected) in frames.iter().zip(TURN.iter().cycle()) {
        ensure!(frame == expected, "expected {expected:?}\n     got {frame:?} in {frames:?}");
    }
    Ok(())
}

/// With one worker thread and the computation on it, no frame but the one before the result.
pub(crate) fn on_executor_freezes(clock: &Program) -> Result<()> {
    let frames = frames(clock, &["--on-executor", "--threads", "1"], SECOND * 4 / 10, 0, SECOND)?;
    ensure!(frames.len() <= 1, "expected a frozen spinner\n     got {frames:?}");
    Ok(())
}

/// Ctrl-C ends it, at the latest the second one, although no thread may be free to notice the first.
pub(crate) fn ctrl_c_ends_a_computation(clock: &Program) -> Result<()> {
    for flags in [&["spin", "90"][..], &["spin", "90", "--on-executor", "--threads", "1"]] {
        let mut run = clock.start(flags)?;
        eventually_computes(&run)?;
        run.signal(Signal::INT)?;
        if run.wait_for(SECOND / 4)?.is_none() {
            run.signal(Signal::INT)?;
        }
        run.expect_exit(130).with_context(|| format!("{flags:?}"))?;
    }
    Ok(())
}

/// It catches signals before it computes, so what has used some time does.
fn eventually_computes(run: &kit::Running) -> Result<()> {
    let busy = |cpu: &Duration| *cpu >= Duration::from_millis(100);
    kit::eventually("it to compute", || run.cpu_time(), busy).map(drop)
}

/// The frames that were shown before the right result: for the first number that takes `span`, on this machine as it is
/// now, and has `count` frames or takes `most`.
fn frames(
    clock: &Program,
    flags: &[&str],
    span: Duration,
    count: usize,
    most: Duration,
) -> Result<Vec<String>> {
    let (mut last, mut number) = (0_u64, 1_u64);
    let mut next = 28;
    for n in 2_u8..=93 {
        (last, number) = (number, last + number);
        if n < next {
            continue;
        }
        let start = Instant::now();
        let mut run = clock.start([&["spin", &n.to_string()], flags].concat())?;
        let text = run.until("\n")?;
        run.expect_end()?;
        run.expect_exit(0)?;
        let shown = text.strip_suffix(&format!("\rFibonacci({n}) = {number}\n"));
        let shown =
            shown.with_context(|| format!("expected Fibonacci({n}) = {number}\n     got {text:?}"))?;
        ensure!(shown.is_empty() || shown.starts_with('\r'), "expected frames after \\r\n     got {shown:?}");
        let frames: Vec<String> = shown.split('\r').skip(1).map(str::to_owned).collect();
        if start.elapsed() >= span && (frames.len() >= count || start.elapsed() >= most) {
            return Ok(frames);
        }
        // Each takes 1.6 times as long as the one before: the first one that may be long enough.
        let mut guess = start.elapsed().max(Duration::from_millis(1));
        while guess < span {
            (guess, next) = (guess * 8 / 5, next + 1);
        }
        next = next.max(n + 1);
    }
    anyhow::bail!("expected the slow way to take {span:?}")
}
