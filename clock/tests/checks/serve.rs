//! 8.2: the clock server.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use kit::{Client, Program, Signal, eventually};

const NO_FLAGS: [&str; 0] = [];
const DAY: i64 = 24 * 3600;

/// The time at once, not at the next tick: which is an hour away.
pub(crate) fn line_at_once(clock: &Program) -> Result<()> {
    let server = clock.serve(["--every", "1h"])?;
    let line = server.connect()?.line()?;
    // 12:00:00, since the tick that it is in began with the hour.
    ensure!(line.ends_with(":00:00"), "expected a whole hour\n     got {line:?}");
    Ok(())
}

/// `HH:MM:SS` and a newline, and it is the time.
pub(crate) fn line_is_the_time(clock: &Program) -> Result<()> {
    let server = clock.command(NO_FLAGS).env("TZ", "UTC").serve()?;
    let mut client = server.connect()?;
    for _ in 0..3 {
        let (told, now) = (second(&mut client)?, second_of_day());
        // It may have waited here for this check's turn.
        let late = (now - told).rem_euclid(DAY);
        ensure!(late <= 5, "expected the time, {}\n     got {}", clock_face(now), clock_face(told));
    }
    Ok(())
}

/// For each of 50 clients each second, once and in order.
pub(crate) fn every_second_once(clock: &Program) -> Result<()> {
    let server = clock.serve(NO_FLAGS)?;
    let mut clients = (0..50).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
    for client in &mut clients {
        let mut last = second(client)?;
        for _ in 0..5 {
            let next = second(client)?;
            ensure!(
                next == (last + 1) % DAY,
                "expected {} after {}\n     got {}",
                clock_face(last + 1),
                clock_face(last),
                clock_face(next)
            );
            last = next;
        }
    }
    Ok(())
}

/// The second client is served while the first is.
pub(crate) fn two_clients_at_a_time(clock: &Program) -> Result<()> {
    let server = clock.serve(NO_FLAGS)?;
    let (mut first, mut second) = (server.connect()?, server.connect()?);
    for _ in 0..2 {
        first.line()?;
        second.line()?;
    }
    Ok(())
}

/// `--sequential`: the second client hears nothing until the first is gone.
pub(crate) fn sequential_makes_the_second_wait(clock: &Program) -> Result<()> {
    let server = clock.serve(["--sequential", "--every", "100ms"])?;
    let mut first = server.connect()?;
    first.line()?;
    let mut second = server.connect()?;
    ensure!(second.is_quiet_for(Duration::from_secs(1))?, "the second client was served beside the first");
    first.line()?;
    drop(first);
    second.line()?;
    Ok(())
}

/// Clients that leave give their descriptors and their memory back.
pub(crate) fn a_client_that_leaves_is_let_go(clock: &Program) -> Result<()> {
    const CLIENTS: usize = 300;
    let server = clock.serve(["--every", "50ms"])?;
    let before = server.open_files()?;
    let crowd = || -> Result<u64> {
        let mut clients = (0..CLIENTS).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
        for client in &mut clients {
            client.line()?;
        }
        drop(clients);
        eventually("the descriptors back", || server.open_files(), |open| *open <= before)?;
        server.resident()
    };
    // What the first crowd needed stays for the next ones.
    let first = crowd()?;
    let mut last = first;
    for _ in 0..5 {
        last = crowd()?;
    }
    let leak = last.saturating_sub(first) / (5 * CLIENTS as u64);
    ensure!(leak < 300, "expected the memory back\n     got {leak} bytes lost with each client");
    Ok(())
}

/// Ctrl-C and SIGTERM let the clients go and end the server with 0.
pub(crate) fn interrupt_and_terminate_end_it(clock: &Program) -> Result<()> {
    for signal in [Signal::INT, Signal::TERM] {
        for flags in [&[][..], &["--sequential"]] {
            let mut server = clock.serve(flags)?;
            let mut client = server.connect()?;
            client.line()?;
            server.signal(signal)?;
            server.expect_exit(0).with_context(|| format!("after {signal:?}, flags {flags:?}"))?;
            client.rest()?;
            ensure!(server.stderr().is_empty(), "expected no complaint\n     got {}", server.stderr());
        }
    }
    Ok(())
}

/// A port in use: an error that names it, and 1.
pub(crate) fn a_port_in_use_is_named(clock: &Program) -> Result<()> {
    let server = clock.serve(NO_FLAGS)?;
    let address = server.address().to_string();
    let mut second = clock.start(["serve", "--listen", &address])?;
    second.expect_exit(1)?;
    second.expect_stderr(&address)?;
    second.expect_stderr("in use")
}

/// `--tz`, else `TZ`: Kolkata is five hours and a half ahead of UTC all year.
pub(crate) fn zone_of_flag_and_environment(clock: &Program) -> Result<()> {
    let ahead = |flags: &[&str], tz: &str| -> Result<i64> {
        let server = clock.command(flags).env("TZ", tz).serve()?;
        let told = second(&mut server.connect()?)?;
        Ok((told - second_of_day()).rem_euclid(DAY))
    };
    let expected = 5 * 3600 + 1800;
    for (flags, tz) in [(&["--tz", "Asia/Kolkata"][..], "America/New_York"), (&[], "Asia/Kolkata")] {
        let got = ahead(flags, tz)?;
        ensure!(
            (expected - 5..=expected).contains(&got),
            "expected {expected} s ahead of UTC\n     got {got} s"
        );
    }
    Ok(())
}

/// An unknown zone: a usage error that says what was probably meant.
pub(crate) fn an_unknown_zone_suggests(clock: &Program) -> Result<()> {
    for start in [clock.command(["serve", "--tz", "newyork"]), clock.command(["serve"]).env("TZ", "newyork")]
    {
        let mut run = start.start()?;
        run.expect_exit(2)?;
        run.expect_stderr("newyork")?;
        run.expect_stderr("America/New_York")?;
    }
    Ok(())
}

/// The next line as the second of the day.
fn second(client: &mut Client) -> Result<i64> {
    let line = client.line()?;
    let parts: Vec<i64> = line.split(':').filter_map(|p| p.parse().ok()).collect();
    match parts[..] {
        [h @ 0..24, m @ 0..60, s @ 0..60] if line.len() == 8 => Ok(h * 3600 + m * 60 + s),
        _ => anyhow::bail!("expected HH:MM:SS\n     got {line:?}"),
    }
}

/// This second of the day, in UTC.
fn second_of_day() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_secs().cast_signed() % DAY
}

fn clock_face(second: i64) -> String {
    format!("{:02}:{:02}:{:02}", second / 3600 % 24, second / 60 % 60, second % 60)
}
