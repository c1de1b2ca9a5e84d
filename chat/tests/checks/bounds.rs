//! 8.10 and ex8.13: what a client may do, and for how long it may do nothing.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::{Client, DEADLINE, Program, Signal, eventually};

use crate::guest::{NO_FLAGS, PROMPT, asked, enter, enter_all, entered};

/// What came before the long line is said, the line is not; its sender is told, and the others see it leave.
pub(crate) fn a_line_too_long_ends_the_visit(chat: &Program) -> Result<()> {
    let server = chat.serve(["--max-line", "100"])?;
    let [mut ann, mut bob] = enter_all(&server, ["ann", "bob"])?;
    let longest = "x".repeat(100);
    ann.send_bytes(format!("{longest}\r\n{longest}y\nlost\n").as_bytes())?;
    for client in [&mut ann, &mut bob] {
        client.expect_line(&format!("ann: {longest}"))?;
    }
    let told = ann.line()?;
    ensure!(told.contains("at most 100 bytes"), "expected to be told the longest line\n     got {told:?}");
    ann.expect_end()?;
    bob.expect_line("ann has left")
}

/// A client that is let go while it still sends, and has not read yet: all messages and the farewell come after the
/// server has closed its socket. One that is closed with something unread would be reset, and they would be lost.
pub(crate) fn let_go_loses_no_messages(chat: &Program) -> Result<()> {
    const LINES: usize = 100;
    let server = chat.serve(["--max-line", "1000", "--rate", "0", "--queue", "1000"])?;
    let before = server.open_files()?;
    let mut ann = entered(server.connect_narrow(16 << 10)?, "ann")?;
    for _ in 0..LINES {
        ann.send(&"x".repeat(999))?;
    }
    ann.send_bytes(&[b'y'; 200_000])?;
    eventually("the socket closed", || server.open_files(), |open| *open <= before)?;
    let got = ann.rest_in_order()?;
    let (said, told): (Vec<&str>, Vec<&str>) = got.lines().partition(|line| line.starts_with("ann: x"));
    ensure!(
        said.len() == LINES && told.len() == 1 && told[0].contains("at most 1000 bytes"),
        "expected {LINES} messages, and to be told\n     got {}, and {told:?}",
        said.len()
    );
    Ok(())
}

/// A client that never ends its line neither fills the memory nor stops the others; as a name as well.
pub(crate) fn a_megabyte_without_a_newline(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut ann = enter(&server, "ann")?;
    let before = server.resident()?;
    for _ in 0..20 {
        let mut client = asked(&server)?;
        // The server may have closed before the end of it.
        client.send_bytes(&vec![b'x'; 1 << 20]).ok();
        let told = client.rest()?;
        ensure!(!told.contains("You are"), "expected no name of a megabyte\n     got {told:?}");
    }
    let grown = server.resident()?.saturating_sub(before);
    ensure!(grown < 8 << 20, "expected bounded memory\n     got {grown} bytes more");
    ann.send("still here")?;
    ann.expect_line("ann: still here")
}

/// `--rate` lines a second after twice as many at once: the others wait and none is lost.
pub(crate) fn above_the_rate_reading_pauses(chat: &Program) -> Result<()> {
    let server = chat.serve(["--rate", "10"])?;
    let [mut ann, mut bob] = enter_all(&server, ["ann", "bob"])?;
    let start = Instant::now();
    let lines: String = (0..45).map(|n| format!("{n}\n")).collect();
    ann.send_bytes(lines.as_bytes())?;
    for n in 0..45 {
        bob.expect_line(&format!("ann: {n}"))?;
    }
    // 20 of them at once; the name was one more, and a second may have passed since.
    let took = start.elapsed();
    ensure!(
        took >= Duration::from_millis(2400),
        "expected 25 lines at 10 a second\n     got them in {took:?}"
    );
    Ok(())
}

/// `--max-clients`: the one too many gets a line that says so; when one leaves there is room again.
pub(crate) fn one_client_too_many_is_told(chat: &Program) -> Result<()> {
    let server = chat.serve(["--max-clients", "2"])?;
    let [first, _second] = enter_all(&server, ["ann", "bob"])?;
    for _ in 0..20 {
        let mut third = server.connect()?;
        // What it has sent meanwhile must not make a reset of the end.
        third.send("carl").ok();
        let told = third.rest_in_order()?;
        ensure!(told.contains("too many clients"), "expected to be turned away\n     got {told:?}");
    }
    drop(first);
    eventually("room again", || Ok(entered(server.connect()?, "carl").is_ok()), |entered| *entered)?;
    Ok(())
}

/// Told why, let go, and the others see it leave; not before its time.
pub(crate) fn a_silent_client_is_told_and_leaves(chat: &Program) -> Result<()> {
    let server = chat.serve(["--idle-timeout", "2s"])?;
    let mut bob = asked(&server)?;
    let start = Instant::now();
    bob.send("bob")?;
    bob.expect_line("You are bob")?;
    bob.expect_line("Nobody else is here")?;
    let mut ann = enter(&server, "ann")?;
    bob.expect_line("ann has arrived")?;
    // Who talks meanwhile stays, and sees it.
    let mut said = 0;
    ann.send(&said.to_string())?;
    loop {
        let line = ann.line()?;
        if line == "bob has left" {
            break;
        }
        ensure!(line == format!("ann: {said}"), "expected \"bob has left\"\n     got {line:?}");
        ensure!(start.elapsed() < DEADLINE, "expected bob to leave");
        ann.is_quiet_for(Duration::from_millis(100))?;
        said += 1;
        ann.send(&said.to_string())?;
    }
    let stayed = start.elapsed();
    ensure!(stayed >= Duration::from_secs(2), "expected 2 s of patience\n     got {stayed:?}");
    let all = bob.rest()?;
    let told = all.lines().last().unwrap_or_default();
    ensure!(told.contains("silent"), "expected to be told why\n     got {told:?}");
    Ok(())
}

/// The prompt is no place to stay either.
pub(crate) fn silent_at_the_prompt_leaves(chat: &Program) -> Result<()> {
    let server = chat.serve(["--idle-timeout", "300ms"])?;
    let before = server.open_files()?;
    let mut guest = server.connect()?;
    let told = guest.rest()?;
    let why = told.strip_prefix(PROMPT).unwrap_or_default();
    ensure!(why.contains("silent"), "expected the prompt and to be told why\n     got {told:?}");
    eventually("its descriptor back", || server.open_files(), |open| *open <= before)?;
    Ok(())
}

/// A client that says something now and then is not silent, and 0 is for ever.
pub(crate) fn who_talks_stays(chat: &Program) -> Result<()> {
    let patient = chat.serve(["--idle-timeout", "0s"])?;
    let mut silent = enter(&patient, "silent")?;
    let server = chat.serve(["--idle-timeout", "2s"])?;
    let mut ann = enter(&server, "ann")?;
    let say = |client: &mut Client, text: &str, name: &str| {
        client.send(text)?;
        client.expect_line(&format!("{name}: {text}"))
    };
    for n in 0..10 {
        say(&mut ann, &n.to_string(), "ann")?;
        ensure!(ann.is_quiet_for(Duration::from_millis(400))?, "expected to be left in peace");
    }
    say(&mut silent, "hello", "silent")
}

/// What came while the server was stopped (Ctrl-Z) for longer than the timeout came in time.
pub(crate) fn a_stop_is_no_silence(chat: &Program) -> Result<()> {
    let server = chat.serve(["--idle-timeout", "4s"])?;
    let mut clients = enter_all(&server, ["ann", "bob", "carl"])?;
    let names = ["ann", "bob", "carl"];
    server.stop()?;
    for client in &mut clients {
        client.send("hello")?;
    }
    ensure!(clients[0].is_quiet_for(Duration::from_millis(4500))?, "expected it to be stopped");
    server.signal(Signal::CONT)?;
    each_hears_all(&mut clients, names, "hello")?;
    // By the next word each has been listened to with its timer over, also where timers come late.
    ensure!(clients[0].is_quiet_for(Duration::from_millis(300))?, "expected nobody to leave");
    for client in &mut clients {
        client.send("again")?;
    }
    each_hears_all(&mut clients, names, "again")
}

fn each_hears_all(clients: &mut [Client; 3], names: [&str; 3], word: &str) -> Result<()> {
    for client in clients {
        let mut heard = (0..names.len()).map(|_| client.line()).collect::<Result<Vec<_>>>()?;
        heard.sort();
        let expected = names.map(|name| format!("{name}: {word}"));
        ensure!(heard == expected, "expected {expected:?}\n     got {heard:?}");
    }
    Ok(())
}
