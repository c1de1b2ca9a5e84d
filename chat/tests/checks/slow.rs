//! ex8.15: clients that do not read.

use anyhow::{Context, Result, ensure};
use kit::{Client, Program, eventually};

use crate::guest::{asked, enter, entered};

/// Messages of about a KiB: far more than the kernel keeps for a client.
const MESSAGES: usize = 1500;

fn text(n: usize) -> String {
    format!("{n} {}", "x".repeat(1000))
}

/// Says all messages, one at a time: each is heard by `listener` before the next.
fn say_all(talker: &mut Client, listener: &mut Client) -> Result<()> {
    for n in 0..MESSAGES {
        talker.send(&text(n))?;
        for client in [&mut *talker, &mut *listener] {
            client.expect_line(&format!("talker: {}", text(n)))?;
        }
    }
    Ok(())
}

/// While others do not read, everybody else gets every message at once.
pub(crate) fn a_stalled_client_delays_nobody(chat: &Program) -> Result<()> {
    let server = chat.serve(["--rate", "0"])?;
    let mut stalled = Vec::new();
    for n in 0..8 {
        stalled.push(entered(server.connect_narrow(1)?, &format!("stalled{n}"))?);
    }
    let mut listener = enter(&server, "listener")?;
    let mut talker = enter(&server, "talker")?;
    listener.expect_line("talker has arrived")?;
    say_all(&mut talker, &mut listener)
}

/// Once it reads again, a stalled client gets what was kept for it, then how many it missed, without that
/// anybody says anything; then it hears all again.
pub(crate) fn the_skipped_are_told_in_order(chat: &Program) -> Result<()> {
    let server = chat.serve(["--rate", "0", "--queue", "16"])?;
    let mut stalled = entered(server.connect_narrow(1)?, "stalled")?;
    let mut listener = enter(&server, "listener")?;
    let mut talker = enter(&server, "talker")?;
    listener.expect_line("talker has arrived")?;
    stalled.expect_line("listener has arrived")?;
    stalled.expect_line("talker has arrived")?;
    say_all(&mut talker, &mut listener)?;
    let (mut next, mut skipped) = (0, 0);
    while next < MESSAGES {
        let line = stalled.line()?;
        if let Some(missed) = line.strip_prefix("… ") {
            let missed = missed.split_once(" message").and_then(|(n, _)| n.parse::<usize>().ok());
            let missed =
                missed.with_context(|| format!("expected how many were skipped\n     got {line:?}"))?;
            skipped += missed;
            next += missed;
        } else {
            let expected = format!("talker: {}", text(next));
            ensure!(line == expected, "expected message {next}\n     got {:.40}", line);
            next += 1;
        }
    }
    ensure!(next == MESSAGES, "expected {MESSAGES} messages said or skipped\n     got {next}");
    ensure!(skipped > MESSAGES / 10, "expected many to be skipped\n     got {skipped}");
    talker.send("welcome back")?;
    stalled.expect_line("talker: welcome back")
}

/// A flood of 64 MiB in lines of a KiB from a client that never reads, and nobody reads: the memory stays bounded.
pub(crate) fn a_stalled_flooder_costs_no_memory(chat: &Program) -> Result<()> {
    let server = chat.serve(["--rate", "0"])?;
    let _deaf = enter(&server, "deaf")?;
    let mut flooder = asked(&server)?;
    flooder.send("flooder")?;
    let before = server.resident()?;
    let block = format!("{}\n", "y".repeat(1023)).repeat(1024);
    for _ in 0..64 {
        flooder.send_bytes(block.as_bytes())?;
    }
    flooder.close_write()?;
    let others = || {
        let mut client = asked(&server)?;
        client.send("")?;
        client.line()?;
        client.line()
    };
    eventually("the flood to be over", others, |here| !here.contains("flooder"))?;
    let grown = server.peak_resident()?.saturating_sub(before);
    // What the queues may hold and the allocator keeps is about a dozen MiB, however long the flood is.
    ensure!(grown < 32 << 20, "expected bounded memory\n     got {grown} bytes more");
    Ok(())
}
