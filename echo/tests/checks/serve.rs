//! 8.3: the echo server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Client, DEADLINE, Program};

/// With shouts, and without: what a client gets of a single line is the same.
pub(crate) const BOTH: [[&str; 2]; 2] = [["--delay", "20ms"], ["--delay", "0s"]];

/// TAB SPACE text newline: louder, as it is, and softer.
pub(crate) fn answers_each_line_three_times(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        for line in ["Hello", "", "  Is there\tanybody? "] {
            client.send(line)?;
            expect_echo(&mut client, line).with_context(|| format!("flags {flags:?}"))?;
        }
    }
    Ok(())
}

/// CR LF ends a line as LF does; a CR elsewhere is text.
pub(crate) fn carriage_return(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        for (sent, line) in [("Hello\r\n", "Hello"), ("\r\n", ""), ("a\rB\r\r\n", "a\rB\r")] {
            client.send_bytes(sent.as_bytes())?;
            expect_echo(&mut client, line).with_context(|| format!("flags {flags:?}"))?;
        }
    }
    Ok(())
}

/// As Unicode has it: one letter may become two.
pub(crate) fn letters_beyond_ascii_change_case(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        for line in ["Grüße aus Köln", "Ёлка", "ΑΒΓ αβγ", "时 🦀 Ab"] {
            client.send(line)?;
            expect_echo(&mut client, line).with_context(|| format!("flags {flags:?}"))?;
        }
    }
    Ok(())
}

/// Byte for byte, and the letters around them change case.
pub(crate) fn not_utf_8_passes_unchanged(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = TcpStream::connect_timeout(&server.address(), DEADLINE)?;
        client.set_read_timeout(Some(DEADLINE))?;
        client.write_all(b"a\xffB\xc3\n")?;
        client.shutdown(Shutdown::Write)?;
        let mut got = Vec::new();
        client.read_to_end(&mut got)?;
        let expected = b"\t A\xffB\xc3\n\t a\xffB\xc3\n\t a\xffb\xc3\n";
        let (got, expected) = (got.escape_ascii(), expected.escape_ascii());
        ensure!(got.to_string() == expected.to_string(), "expected {expected}\n     got {got}");
    }
    Ok(())
}

/// A line is what is between two newlines, not what comes at a time.
pub(crate) fn a_line_may_come_in_parts(echo: &Program) -> Result<()> {
    for flags in BOTH {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        client.send_bytes(b"One\nTw")?;
        expect_echo(&mut client, "One")?;
        client.send_bytes(b"o")?;
        ensure!(client.is_quiet_for(Duration::from_millis(100))?, "half a line was answered");
        client.send_bytes(b"\n")?;
        expect_echo(&mut client, "Two")?;
    }
    Ok(())
}

/// The first answer at once; each other one not before its time.
pub(crate) fn the_delay_is_between_the_answers(echo: &Program) -> Result<()> {
    let server = echo.serve(["--delay", "300ms"])?;
    let mut client = server.connect()?;
    let start = Instant::now();
    client.send("Hello")?;
    for (n, answer) in ["\t HELLO", "\t Hello", "\t hello"].into_iter().enumerate() {
        client.expect_line(answer)?;
        let (elapsed, least) = (start.elapsed(), Duration::from_millis(300) * u32::try_from(n)?);
        ensure!(elapsed >= least, "expected {answer:?} not before {least:?}\n     got it after {elapsed:?}");
    }
    let server = echo.serve(["--delay", "1h"])?;
    let mut client = server.connect()?;
    client.send("Hello")?;
    client.expect_line("\t HELLO")
}

/// Twenty shouts take the time of one: all have begun before the first is done. One after another, each would
/// be done before the next begins.
pub(crate) fn shouts_overlap(echo: &Program) -> Result<()> {
    const SHOUTS: usize = 20;
    let server = echo.serve(["--delay", "500ms"])?;
    let mut client = server.connect()?;
    let lines: Vec<String> = (0..SHOUTS).map(|n| format!("Line {n}")).collect();
    client.send(&lines.join("\n"))?;
    let mut got = (0..3 * SHOUTS).map(|_| client.line()).collect::<Result<Vec<_>>>()?;
    let begun = got.iter().rposition(|line| line.starts_with("\t LINE"));
    let done = got.iter().position(|line| line.starts_with("\t line"));
    ensure!(begun < done, "expected all to begin before the first is done\n     got {got:#?}");
    got.sort();
    let mut expected: Vec<String> = lines.iter().flat_map(|line| echoes(line)).collect();
    expected.sort();
    ensure!(got == expected, "expected {expected:#?}\n     got {got:#?}");
    Ok(())
}

/// `--sequential`: a line is not begun before the one before it is done.
pub(crate) fn sequential_is_one_after_another(echo: &Program) -> Result<()> {
    let server = echo.serve(["--sequential", "--delay", "30ms"])?;
    let mut client = server.connect()?;
    let lines: Vec<String> = (0..10).map(|n| format!("Line {n}")).collect();
    client.send(&lines.join("\n"))?;
    lines.iter().try_for_each(|line| expect_echo(&mut client, line))
}

/// `--delay 0s`: many lines in one packet are answered one after another.
pub(crate) fn without_a_delay_in_order(echo: &Program) -> Result<()> {
    for flags in [&["--delay", "0s"][..], &["--delay", "0s", "--sequential"]] {
        let server = echo.serve(flags)?;
        let mut client = server.connect()?;
        let lines: Vec<String> = (0..2000).map(|n| format!("Line {n}")).collect();
        client.send(&lines.join("\n"))?;
        lines.iter().try_for_each(|line| expect_echo(&mut client, line))?;
    }
    Ok(())
}

/// The second client is served while the first waits for its answers.
pub(crate) fn two_clients_at_a_time(echo: &Program) -> Result<()> {
    for flags in [&["--delay", "1h"][..], &["--delay", "1h", "--sequential"], &["--delay", "0s"]] {
        let server = echo.serve(flags)?;
        let (mut first, mut second) = (server.connect()?, server.connect()?);
        first.send("One")?;
        first.expect_line("\t ONE")?;
        second.send("Two")?;
        second.expect_line("\t TWO")?;
    }
    Ok(())
}

/// `nc -N` gets what a client gets: all echoes of its stdin, the last line without a newline too, and the end.
pub(crate) fn nc_is_a_client(echo: &Program) -> Result<()> {
    for flags in [&["--delay", "0s"][..], &["--delay", "20ms", "--sequential"]] {
        let server = echo.serve(flags)?;
        let shown = echo.netcat(server.address(), b"Hello\nIs there anybody there?\nBye")?;
        let lines = ["Hello", "Is there anybody there?", "Bye"].into_iter().flat_map(echoes);
        let expected: String = lines.map(|line| line + "\n").collect();
        ensure!(shown == expected, "flags {flags:?}: expected {expected:?}\n     got {shown:?}");
    }
    Ok(())
}

/// A port in use: an error that names it, and 1.
pub(crate) fn a_port_in_use_is_named(echo: &Program) -> Result<()> {
    let server = echo.serve(["--delay", "0s"])?;
    let address = server.address().to_string();
    let mut second = echo.start(["serve", "--listen", &address])?;
    second.expect_exit(1)?;
    second.expect_stderr(&address)?;
    second.expect_stderr("in use")
}

/// The answers to `line`.
pub(crate) fn echoes(line: &str) -> [String; 3] {
    [line.to_uppercase(), line.to_owned(), line.to_lowercase()].map(|text| format!("\t {text}"))
}

/// Expects the answers to `line`, in their order.
pub(crate) fn expect_echo(client: &mut Client, line: &str) -> Result<()> {
    echoes(line).iter().try_for_each(|answer| client.expect_line(answer))
}
