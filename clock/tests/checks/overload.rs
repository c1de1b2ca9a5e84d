//! 8.2: the clock server when there is too much of something.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::{Client, DEADLINE, Program, eventually};

/// `--max-clients`: the one too many gets a line that says so; when one leaves there is room again.
pub(crate) fn one_client_too_many_is_told(clock: &Program) -> Result<()> {
    let server = clock.serve(["--max-clients", "2", "--every", "50ms"])?;
    let (mut first, mut second) = (server.connect()?, server.connect()?);
    first.line()?;
    second.line()?;
    let mut third = server.connect()?;
    let line = third.line()?;
    ensure!(line.contains("too many clients"), "expected to be turned away\n     got {line:?}");
    third.expect_end()?;
    drop(first);
    let welcome = |line: &String| line.len() == "HH:MM:SS".len();
    eventually("room again", || server.connect()?.line(), welcome)?;
    second.line()?;
    Ok(())
}

/// Clients that do not read are let go once their lines pile up, and until then another one gets each line in
/// its time: 200 lines for each second, with a tick every 5 ms. They are many, so that waiting for one after
/// the other would cost the other client more lines than are kept for it.
pub(crate) fn a_stalled_reader_delays_nobody(clock: &Program) -> Result<()> {
    const STALLED: usize = 40;
    let server = clock.serve(["--every", "5ms"])?;
    let before = server.open_files()?;
    let mut reader = server.connect()?;
    let stalled = (0..STALLED).map(|_| server.connect_narrow(1)).collect::<Result<Vec<_>>>()?;
    eventually("all clients taken in", || server.open_files(), |open| *open == before + 1 + STALLED)?;
    let deadline = Instant::now() + 3 * DEADLINE;
    // The seconds at the beginning and the end are cut short.
    let mut last = skip_second(&mut reader)?;
    for second in 0.. {
        if second >= 2 && server.open_files()? <= before + 1 {
            break;
        }
        ensure!(Instant::now() < deadline, "expected the stalled readers to be let go");
        for _ in 1..200 {
            let line = reader.line()?;
            ensure!(line == last, "expected 200 lines of {last}\n     got {line} early");
        }
        let line = reader.line()?;
        ensure!(line != last, "expected 200 lines of {last}\n     got more");
        last = line;
    }
    reader.line()?;
    drop(stalled);
    Ok(())
}

/// Reads up to the first line of the next second, and returns it.
fn skip_second(reader: &mut Client) -> Result<String> {
    let first = reader.line()?;
    loop {
        let line = reader.line()?;
        if line != first {
            return Ok(line);
        }
    }
}

/// More clients than descriptors: those that are in are served on, the server neither spins nor dies, and
/// takes in the others as soon as it can.
pub(crate) fn no_descriptors_left_is_survived(clock: &Program) -> Result<()> {
    let server = clock.command(["--every", "100ms"]).open_files(32).serve()?;
    let mut first = server.connect()?;
    first.line()?;
    let mut crowd = (0..64).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
    server.expect_stderr("cannot accept")?;
    let (start, cpu) = (Instant::now(), server.cpu_time()?);
    while start.elapsed() < Duration::from_secs(2) {
        first.line()?;
    }
    let (elapsed, cpu) = (start.elapsed(), server.cpu_time()? - cpu);
    ensure!(cpu < elapsed / 4, "expected it to wait\n     got {cpu:?} of CPU time in {elapsed:?}");
    let told = server.stderr().matches("cannot accept").count();
    ensure!(told < 50, "expected growing pauses\n     got {told} warnings in {elapsed:?}");
    let mut last = crowd.pop().unwrap_or(first);
    drop(crowd);
    last.line()?;
    Ok(())
}
