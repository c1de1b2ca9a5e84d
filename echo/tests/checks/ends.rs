//! 8.3 and exercise 8.4: the end of a client's input, and of the server.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Program, Signal, eventually};

use crate::overload::chatter;
use crate::serve::{BOTH, echoes, expect_echo};

/// Input that ends early does not cost the pending echoes; after them the connection ends, both halves of it.
pub(crate) fn half_close_keeps_pending_echoes(echo: &Program) -> Result<()> {
    for flags in [&["--delay", "200ms"][..], &["--delay", "50ms", "--sequential"], &["--delay", "0s"]] {
        let server = echo.serve(flags)?;
        let before = server.open_files()?;
        let mut client = server.connect()?;
        client.send("Hello\nBye")?;
        client.close_write()?;
        let mut got: Vec<String> = client.rest()?.lines().map(str::to_owned).collect();
        let mut expected: Vec<String> = ["Hello", "Bye"].into_iter().flat_map(echoes).collect();
        got.sort();
        expected.sort();
        ensure!(got == expected, "flags {flags:?}: expected {expected:?}\n     got {got:?}");
        // This end is still open.
        eventually("the socket closed", || server.open_files(), |open| *open <= before)?;
    }
    Ok(())
}

/// What comes after the last newline is a line as well.
pub(crate) fn the_last_line_needs_no_newline(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        client.send_bytes(b"Hello")?;
        client.close_write()?;
        expect_echo(&mut client, "Hello").with_context(|| format!("flags {flags:?}"))?;
        client.expect_end()?;
    }
    Ok(())
}

/// Ctrl-C and SIGTERM: no more is read, pending shouts are answered, and the server ends with 0.
pub(crate) fn pending_is_answered(echo: &Program) -> Result<()> {
    for signal in [Signal::INT, Signal::TERM] {
        let mut server = echo.serve(["--delay", "500ms"])?;
        let mut client = server.connect()?;
        client.send("Hello")?;
        client.expect_line("\t HELLO")?;
        server.signal(signal)?;
        client.expect_line("\t Hello")?;
        client.expect_line("\t hello")?;
        client.expect_end()?;
        drop(client);
        server.expect_exit(0).with_context(|| format!("after {signal:?}"))?;
        ensure!(server.stderr().is_empty(), "expected no complaint\n     got {}", server.stderr());
    }
    Ok(())
}

/// Clients that have nothing pending are let go at once.
pub(crate) fn waits_for_nobody_idle(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let flags = flags.into_iter().chain(["--idle-timeout", "1h", "--grace", "1h"]);
        let mut server = echo.serve(flags)?;
        let mut clients = (0..10).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
        for client in &mut clients {
            client.send("Hello")?;
            expect_echo(client, "Hello")?;
        }
        server.signal(Signal::INT)?;
        for client in &mut clients {
            client.expect_end()?;
        }
        server.expect_exit(0)?;
        ensure!(server.stderr().is_empty(), "expected no complaint\n     got {}", server.stderr());
    }
    Ok(())
}

/// Clients that go on sending do not keep the server from ending.
pub(crate) fn stops_reading(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let mut server = echo.serve(flags.into_iter().chain(["--grace", "1h"]))?;
        let chatter = chatter(&server, 4)?;
        server.signal(Signal::INT)?;
        server.expect_exit(0).with_context(|| format!("flags {flags:?}"))?;
        drop(chatter);
    }
    Ok(())
}

/// Shouts that take longer than `--grace` are given up, with 0.
pub(crate) fn the_grace_at_most(echo: &Program) -> Result<()> {
    let mut server = echo.serve(["--delay", "1h", "--grace", "300ms"])?;
    let mut client = server.connect()?;
    client.send("Hello")?;
    client.expect_line("\t HELLO")?;
    let start = Instant::now();
    server.signal(Signal::INT)?;
    server.expect_exit(0)?;
    let (elapsed, grace) = (start.elapsed(), Duration::from_millis(300));
    ensure!(elapsed >= grace, "expected it to wait for {grace:?}\n     got its end after {elapsed:?}");
    server.expect_stderr("still busy")
}
