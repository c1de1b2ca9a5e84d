//! Exercise 8.8: clients that do nothing.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Program, Signal, eventually};

use crate::serve::{BOTH, expect_echo};

/// Not before its time, with a line that says why, and then the connection is closed.
pub(crate) fn told_and_dropped(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--idle-timeout", "400ms"]))?;
        let before = server.open_files()?;
        let mut silent = server.connect()?;
        expect_farewell(&mut silent, Instant::now())?;
        let mut client = server.connect()?;
        client.send("Hello")?;
        let start = Instant::now();
        expect_echo(&mut client, "Hello")?;
        expect_farewell(&mut client, start).with_context(|| format!("flags {flags:?}"))?;
        // These ends are still open.
        eventually("the sockets closed", || server.open_files(), |open| *open <= before)?;
    }
    Ok(())
}

fn expect_farewell(client: &mut kit::Client, start: Instant) -> Result<()> {
    let line = client.line()?;
    let elapsed = start.elapsed();
    ensure!(line.contains("idle"), "expected to be told\n     got {line:?}");
    ensure!(elapsed >= Duration::from_millis(390), "expected 400 ms of patience\n     got {elapsed:?}");
    client.expect_end()
}

/// A client that waits for its echoes is not idle, however long they take.
pub(crate) fn who_waits_is_not_idle(echo: &Program) -> Result<()> {
    for flags in [&["--delay", "1s"][..], &["--delay", "1s", "--sequential"]] {
        let server = echo.serve(flags.iter().chain(&["--idle-timeout", "200ms"]))?;
        let mut client = server.connect()?;
        client.send("Hello")?;
        expect_echo(&mut client, "Hello").with_context(|| format!("flags {flags:?}"))?;
        let line = client.line()?;
        ensure!(line.contains("idle"), "expected to be told afterwards\n     got {line:?}");
        client.expect_end()?;
    }
    Ok(())
}

/// The time begins anew with each line, for longer than the timeout.
pub(crate) fn who_sends_is_not_idle(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--idle-timeout", "4s"]))?;
        let mut client = server.connect()?;
        for _ in 0..5 {
            client.send("Hello")?;
            expect_echo(&mut client, "Hello").with_context(|| format!("flags {flags:?}"))?;
            ensure!(client.is_quiet_for(Duration::from_millis(900))?, "flags {flags:?}: dropped early");
        }
    }
    Ok(())
}

/// What came while the server was stopped (Ctrl-Z) for longer than the timeout came in time.
pub(crate) fn a_stop_is_no_silence(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--idle-timeout", "4s"]))?;
        let mut clients = (0..20).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
        for client in &mut clients {
            client.send("Hello")?;
        }
        for client in &mut clients {
            expect_echo(client, "Hello")?;
        }
        server.stop()?;
        for client in &mut clients {
            client.send("World")?;
        }
        ensure!(
            clients[0].is_quiet_for(Duration::from_millis(4500))?,
            "flags {flags:?}: expected it to be stopped"
        );
        server.signal(Signal::CONT)?;
        for client in &mut clients {
            expect_echo(client, "World").with_context(|| format!("flags {flags:?}"))?;
        }
        // The time begins anew with it.
        for client in &mut clients {
            client.send("Again")?;
            expect_echo(client, "Again").with_context(|| format!("flags {flags:?}: after a stop"))?;
        }
    }
    Ok(())
}

/// `--idle-timeout 0s` is for ever.
pub(crate) fn no_timeout_is_for_ever(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--idle-timeout", "0s"]))?;
        let mut client = server.connect()?;
        ensure!(client.is_quiet_for(Duration::from_millis(500))?, "flags {flags:?}: dropped");
        client.send("Hello")?;
        expect_echo(&mut client, "Hello").with_context(|| format!("flags {flags:?}"))?;
    }
    Ok(())
}

/// Not only at the timeout.
pub(crate) fn the_end_is_seen_at_once(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--idle-timeout", "1h"]))?;
        let before = server.open_files()?;
        let mut client = server.connect()?;
        client.send("Hello")?;
        expect_echo(&mut client, "Hello")?;
        client.close_write()?;
        client.expect_end().with_context(|| format!("flags {flags:?}"))?;
        // One that goes away without a word.
        drop(server.connect()?);
        eventually("the sockets closed", || server.open_files(), |open| *open <= before)?;
    }
    Ok(())
}
