//! 8.3: the echo server when there is too much of something.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Client, DEADLINE, Program, Server, eventually};

use crate::serve::{BOTH, echoes, expect_echo};

/// `--max-clients`: the one too many gets a line that says so; when one leaves there is room again.
pub(crate) fn one_client_too_many_is_told(echo: &Program) -> Result<()> {
    let server = echo.serve(["--max-clients", "2", "--delay", "0s", "--idle-timeout", "1h"])?;
    let (mut first, mut second) = (server.connect()?, server.connect()?);
    for client in [&mut first, &mut second] {
        client.send("Hello")?;
        expect_echo(client, "Hello")?;
    }
    for _ in 0..20 {
        let mut third = server.connect()?;
        // What it has sent meanwhile must not make a reset of the end.
        third.send("Hello").ok();
        let told = third.rest_in_order()?;
        ensure!(told.contains("too many clients"), "expected to be turned away\n     got {told:?}");
    }
    drop(first);
    let turned_away = || Ok(!server.connect()?.is_quiet_for(Duration::from_millis(100))?);
    eventually("room again", turned_away, |away| !away)?;
    second.send("Hello")?;
    expect_echo(&mut second, "Hello")
}

/// `--max-line` counts the text without its newline.
pub(crate) fn the_longest_line_is_answered(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        let line = "Long".repeat(16 << 10);
        for newline in ["\n", "\r\n"] {
            client.send_bytes(format!("{line}{newline}").as_bytes())?;
            expect_echo(&mut client, &line)?;
        }
        client.send(&format!("{line}!"))?;
        expect_too_long(&mut client).with_context(|| format!("flags {flags:?}"))?;
    }
    Ok(())
}

/// 1 MB without a newline: a line that says so, what is pending, and the end.
pub(crate) fn a_line_without_end(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let before = server.open_files()?;
        // What the first client makes a server touch is not what the second costs.
        let mut first = server.connect()?;
        first.send("first")?;
        first.close_write()?;
        first.rest()?;
        let memory = server.resident()?;
        let mut client = server.connect()?;
        client.send_bytes(&[&b"Hello\n"[..], &vec![b'x'; 1_000_000]].concat())?;
        let mut got: Vec<String> = client.rest()?.lines().map(str::to_owned).collect();
        let told = got.iter().position(|line| line.contains("too long"));
        let told = told.with_context(|| format!("expected to be told\n     got {got:?}"))?;
        got.remove(told);
        ensure!(got == echoes("Hello"), "flags {flags:?}: expected the pending echoes\n     got {got:?}");
        let grown = server.resident()?.saturating_sub(memory);
        ensure!(grown < 800_000, "expected no room for it all\n     got {grown} bytes more");
        eventually("the socket closed", || server.open_files(), |open| *open <= before)?;
    }
    Ok(())
}

/// A client that is let go while it still sends, and has not read yet: all answers and the farewell come after the
/// server has closed its socket. One that is closed with something unread would be reset, and they would be lost.
pub(crate) fn let_go_loses_no_answers(echo: &Program) -> Result<()> {
    const LINES: usize = 100;
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--max-line", "1000"]))?;
        let before = server.open_files()?;
        let mut client = server.connect_narrow(16 << 10)?;
        // It is in: what is closed later is its socket.
        client.send("Hello")?;
        expect_echo(&mut client, "Hello")?;
        for _ in 0..LINES {
            client.send(&"x".repeat(999))?;
        }
        client.send_bytes(&[b'y'; 200_000])?;
        eventually("the socket closed", || server.open_files(), |open| *open <= before)?;
        let got = client.rest_in_order().with_context(|| format!("flags {flags:?}"))?;
        let (told, answers): (Vec<&str>, Vec<&str>) = got.lines().partition(|line| line.contains("too long"));
        ensure!(
            told.len() == 1 && answers.len() == 3 * LINES,
            "flags {flags:?}: expected {} answers, and to be told\n     got {}, and {told:?}",
            3 * LINES,
            answers.len()
        );
    }
    Ok(())
}

/// The end follows the farewell, and does not wait for a client that has not ended itself.
pub(crate) fn let_go_sees_the_end_at_once(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--max-line", "5"]))?;
        let mut took = Vec::new();
        for _ in 0..5 {
            let mut client = server.connect()?;
            client.send("too long for it")?;
            ensure!(client.line()?.contains("too long"), "expected to be told");
            let told = Instant::now();
            client.expect_end()?;
            took.push(told.elapsed());
        }
        // The fastest: the others may have waited for the machine.
        let fastest = took.iter().min().copied().unwrap_or_default();
        ensure!(
            fastest < Duration::from_millis(250),
            "flags {flags:?}: expected the end at once\n     got it after {fastest:?}"
        );
    }
    Ok(())
}

fn expect_too_long(client: &mut Client) -> Result<()> {
    let line = client.line()?;
    ensure!(line.contains("too long"), "expected to be told\n     got {line:?}");
    client.expect_end()
}

/// `--max-shouts`: the next line waits until one is done.
pub(crate) fn max_shouts_stops_reading(echo: &Program) -> Result<()> {
    let server = echo.serve(["--max-shouts", "2", "--delay", "700ms"])?;
    let mut client = server.connect()?;
    client.send("One\nTwo\nThree")?;
    let mut got = (0..9).map(|_| client.line()).collect::<Result<Vec<_>>>()?;
    let third = got.iter().position(|line| line == "\t THREE");
    let done = got.iter().position(|line| line == "\t one" || line == "\t two");
    ensure!(done < third, "expected the third to wait\n     got {got:?}");
    got.sort();
    let mut expected: Vec<String> = ["One", "Two", "Three"].into_iter().flat_map(echoes).collect();
    expected.sort();
    ensure!(got == expected, "expected {expected:?}\n     got {got:?}");
    Ok(())
}

/// A flood of 100,000 lines from a client that never reads: the server stops reading it, so that the memory is
/// bounded, and serves the others.
pub(crate) fn who_never_reads(echo: &Program) -> Result<()> {
    for flags in [&["--delay", "1ms"][..], &["--delay", "0s"], &["--delay", "1ms", "--max-shouts", "10000"]] {
        let server = echo.serve(flags.iter().chain(&["--idle-timeout", "0s"]))?;
        let before = server.resident()?;
        let (flood, sent) = flood(&server, 100_000)?;
        let grown = server.resident()?.saturating_sub(before);
        ensure!(
            sent < 100_000,
            "flags {flags:?}: expected the client to be stopped\n     got all lines read"
        );
        // 10,000 shouts of such lines are 10 MB.
        ensure!(grown < 40_000_000, "flags {flags:?}: expected bounded memory\n     got {grown} bytes more");
        let mut other = server.connect()?;
        other.send("Hello")?;
        expect_echo(&mut other, "Hello")?;
        drop(flood);
    }
    Ok(())
}

/// Who takes nothing for the idle timeout is dropped, also while it sends.
pub(crate) fn who_never_reads_is_dropped(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--idle-timeout", "500ms"]))?;
        let before = server.open_files()?;
        let (flood, _) = flood(&server, 1_000_000)?;
        eventually("the client dropped", || server.open_files(), |open| *open <= before)?;
        drop(flood);
    }
    Ok(())
}

/// Sends lines of 1 KB, `most` of them or until nothing is taken for a second; returns how many were.
fn flood(server: &Server, most: usize) -> Result<(TcpStream, usize)> {
    let mut stream = TcpStream::connect_timeout(&server.address(), DEADLINE)?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    let line = format!("{}\n", "x".repeat(999));
    for sent in 0..most {
        match stream.write_all(line.as_bytes()) {
            Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => {
                return Ok((stream, sent));
            }
            // Dropped.
            Err(_) => return Ok((stream, sent)),
            Ok(()) => {}
        }
    }
    Ok((stream, most))
}

/// Clients that send as fast as they can and read everything: another one has its turn.
pub(crate) fn who_sends_without_end(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags.into_iter().chain(["--threads", "1"]))?;
        let chatter = chatter(&server, 4)?;
        let mut client = server.connect()?;
        for _ in 0..20 {
            client.send("Hello")?;
            expect_echo(&mut client, "Hello").with_context(|| format!("flags {flags:?}"))?;
        }
        drop(chatter);
    }
    Ok(())
}

/// Clients that send lines without end and read what comes, until they are dropped.
pub(crate) struct Chatter {
    streams: Vec<TcpStream>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts `n` of them, and waits until each has answers.
pub(crate) fn chatter(server: &Server, n: usize) -> Result<Chatter> {
    let mut chatter = Chatter { streams: Vec::new(), threads: Vec::new() };
    for _ in 0..n {
        let mut reader = TcpStream::connect_timeout(&server.address(), DEADLINE)?;
        reader.set_read_timeout(Some(DEADLINE))?;
        let mut writer = reader.try_clone()?;
        chatter.streams.push(reader.try_clone()?);
        let lines = "Talk, talk, talk\n".repeat(100);
        let write = move || while writer.write_all(lines.as_bytes()).is_ok() {};
        chatter.threads.push(std::thread::spawn(write));
        let mut answers = vec![0; 64 << 10];
        reader.read_exact(&mut answers[..1]).context("expected answers")?;
        let read = move || while reader.read(&mut answers).is_ok_and(|n| n > 0) {};
        chatter.threads.push(std::thread::spawn(read));
    }
    Ok(chatter)
}

impl Drop for Chatter {
    fn drop(&mut self) {
        for stream in &self.streams {
            // Closed by the server already, as good.
            stream.shutdown(std::net::Shutdown::Both).ok();
        }
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

/// Clients that leave give their descriptors and their memory back.
pub(crate) fn a_client_that_leaves_is_let_go(echo: &Program) -> Result<()> {
    const CLIENTS: usize = 300;
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let before = server.open_files()?;
        let crowd = || -> Result<u64> {
            let mut clients = (0..CLIENTS).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
            for client in &mut clients {
                client.send("Hello")?;
            }
            for client in &mut clients {
                client.expect_line("\t HELLO")?;
            }
            drop(clients);
            eventually("the descriptors back", || server.open_files(), |open| *open <= before)?;
            server.resident()
        };
        // What the first crowds needed stays for the next ones.
        for _ in 0..5 {
            crowd()?;
        }
        let (first, mut last) = (crowd()?, 0);
        for _ in 0..10 {
            last = crowd()?;
        }
        let leak = last.saturating_sub(first) / (10 * CLIENTS as u64);
        ensure!(
            leak < 300,
            "flags {flags:?}: expected the memory back\n     got {leak} bytes lost with each client"
        );
    }
    Ok(())
}

/// More clients than descriptors: those that are in are served on, the server neither spins nor dies, and
/// takes in the others as soon as it can.
pub(crate) fn no_descriptors_left_is_survived(echo: &Program) -> Result<()> {
    let server = echo.command(["--delay", "0s", "--idle-timeout", "0s"]).open_files(32).serve()?;
    let mut first = server.connect()?;
    first.send("Hello")?;
    expect_echo(&mut first, "Hello")?;
    let mut crowd = (0..64).map(|_| server.connect()).collect::<Result<Vec<_>>>()?;
    server.expect_stderr("cannot accept")?;
    let (start, cpu) = (Instant::now(), server.cpu_time()?);
    while start.elapsed() < Duration::from_secs(2) {
        first.send("Hello")?;
        expect_echo(&mut first, "Hello")?;
        first.is_quiet_for(Duration::from_millis(50))?;
    }
    let (elapsed, cpu) = (start.elapsed(), server.cpu_time()? - cpu);
    ensure!(cpu < elapsed / 4, "expected it to wait\n     got {cpu:?} of CPU time in {elapsed:?}");
    let told = server.stderr().matches("cannot accept").count();
    ensure!(told < 50, "expected growing pauses\n     got {told} warnings in {elapsed:?}");
    let mut last = crowd.pop().unwrap_or(first);
    drop(crowd);
    last.send("Hello")?;
    expect_echo(&mut last, "Hello")
}
