//! 8.10: many clients, and the end of the server.

use anyhow::{Result, ensure};
use kit::{Program, Signal, eventually};

use crate::guest::{NO_FLAGS, asked, enter, entered};

/// 500 clients come, talk and go, and then smaller crowds: descriptors and memory are back.
pub(crate) fn five_hundred_come_talk_and_go(chat: &Program) -> Result<()> {
    const CROWDS: u64 = 20;
    const CROWD: u64 = 50;
    // Each hears of all before it reads: nothing is to be skipped.
    let server = chat.serve(["--queue", "2000"])?;
    let before = server.open_files()?;
    let crowd = |clients: u64| -> Result<u64> {
        // All at once: what is said together is sent together. Each hears of each: the cost is the square.
        let mut clients = (0..clients).map(|_| asked(&server)).collect::<Result<Vec<_>>>()?;
        for (n, client) in clients.iter_mut().enumerate() {
            client.send(&format!("client{n}"))?;
        }
        for (n, client) in clients.iter_mut().enumerate() {
            client.until(&format!("You are client{n}\n"))?;
        }
        for client in &mut clients {
            client.send("hello")?;
        }
        for (n, client) in clients.iter_mut().enumerate() {
            client.until(&format!("client{n}: hello\n"))?;
        }
        drop(clients);
        eventually("the descriptors back", || server.open_files(), |open| *open <= before)?;
        server.resident()
    };
    // What the first crowd needed stays for the next ones.
    let first = crowd(500)?;
    let mut last = first;
    for _ in 0..CROWDS {
        last = crowd(CROWD)?;
    }
    let leak = last.saturating_sub(first) / (CROWD * CROWDS);
    ensure!(leak < 600, "expected the memory back\n     got {leak} bytes lost with each client");
    let mut late = enter(&server, "late")?;
    late.send("alone")?;
    late.expect_line("late: alone")
}

/// Ctrl-C and SIGTERM: 100 clients that were not reading get what was said, more than the kernel keeps for
/// them, then the end; the server ends with 0.
pub(crate) fn interrupt_delivers_what_was_said(chat: &Program) -> Result<()> {
    const MESSAGES: usize = 40;
    for (signal, clients) in [(Signal::INT, 100), (Signal::TERM, 5)] {
        let mut server = chat.serve(["--max-line", "16KiB", "--grace", "50s", "--queue", "200"])?;
        let mut clients =
            (0..clients).map(|n| enter(&server, &format!("client{n}"))).collect::<Result<Vec<_>>>()?;
        let mut talker = enter(&server, "talker")?;
        let text = "x".repeat(16_000);
        for n in 0..MESSAGES {
            talker.send(&format!("{n} {text}"))?;
            talker.expect_line(&format!("talker: {n} {text}"))?;
        }
        server.signal(signal)?;
        talker.expect_end()?;
        drop(talker);
        for client in &mut clients {
            let all = client.rest()?;
            let said = all.lines().filter(|line| line.starts_with("talker: "));
            let numbers: Vec<&str> = said.filter_map(|line| line.split(' ').nth(1)).collect();
            let expected: Vec<String> = (0..MESSAGES).map(|n| n.to_string()).collect();
            ensure!(numbers == expected, "expected messages 0 to 39\n     got {numbers:?}");
        }
        drop(clients);
        server.expect_exit(0)?;
        ensure!(server.stderr().is_empty(), "expected no complaint\n     got {}", server.stderr());
    }
    Ok(())
}

/// A client that never reads holds up the end for the grace and no longer.
pub(crate) fn a_stalled_client_ends_with_the_grace(chat: &Program) -> Result<()> {
    let mut server = chat.serve(["--rate", "0", "--grace", "300ms"])?;
    let _stalled = entered(server.connect_narrow(1)?, "stalled")?;
    let mut talker = enter(&server, "talker")?;
    let text = "x".repeat(1000);
    for _ in 0..1000 {
        talker.send(&text)?;
        talker.expect_line(&format!("talker: {text}"))?;
    }
    server.signal(Signal::INT)?;
    server.expect_exit(0)
}

/// A port in use: an error that names it, and 1.
pub(crate) fn a_port_in_use_is_named(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let address = server.address().to_string();
    let mut second = chat.start(["serve", "--listen", &address])?;
    second.expect_exit(1)?;
    second.expect_stderr(&address)?;
    second.expect_stderr("in use")
}
