//! 8.3 and exercise 8.3: `echo connect`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::{DEADLINE, Program, ReservedPort, Signal, accepted};
use socket2::SockRef;

use crate::serve::echoes;

/// Answers are shown while stdin is still open, and lines are sent while answers come.
pub(crate) fn both_ways(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(["--delay", "50ms"])?;
    let mut connect = client.start(["connect", &server.address().to_string()])?;
    for line in ["Hello", "Is there anybody?"] {
        connect.stdin(format!("{line}\n").as_bytes())?;
        for answer in echoes(line) {
            connect.expect_line(&answer)?;
        }
    }
    Ok(())
}

/// Megabytes in both directions at the same time, byte for byte.
pub(crate) fn loses_nothing(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(["--delay", "0s"])?;
    let mut connect = client.start(["connect", &server.address().to_string()])?;
    let lines: Vec<String> = (0..30_000).map(|n| format!("This is line {n} of many")).collect();
    let expected: String = lines.iter().flat_map(|line| echoes(line)).map(|line| line + "\n").collect();
    let mut stdin = connect.take_stdin().context("stdin is closed")?;
    let writer = std::thread::spawn(move || stdin.write_all((lines.join("\n") + "\n").as_bytes()));
    let got = connect.rest()?;
    ensure!(got == expected, "expected {} bytes\n     got {}, or others", expected.len(), got.len());
    // It is over when the server has answered what it wrote.
    writer.join().ok();
    connect.expect_exit(0)
}

/// The end of stdin closes the write half alone: the rest of the replies still come, and then it ends with 0.
pub(crate) fn half_close(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(["--delay", "200ms"])?;
    let mut connect = client.start(["connect", &server.address().to_string()])?;
    connect.stdin(b"Hello\n")?;
    connect.close_stdin();
    for answer in echoes("Hello") {
        connect.expect_line(&answer)?;
    }
    connect.expect_end()?;
    connect.expect_exit(0)
}

/// Also while stdin is open and idle, and with what the server says last.
pub(crate) fn ends_when_the_server_does(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(["--delay", "0s", "--idle-timeout", "300ms"])?;
    let mut connect = client.start(["connect", &server.address().to_string()])?;
    let line = connect.line()?;
    ensure!(line.contains("idle"), "expected to be told\n     got {line:?}");
    connect.expect_end()?;
    connect.expect_exit(0)
}

/// A plain socket as `nc -l` has it: it gets stdin byte for byte, then its end, and its answer is shown as it is.
pub(crate) fn talks_to_a_plain_socket(echo: &Program) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut connect = echo.start(["connect", &listener.local_addr()?.to_string()])?;
    connect.stdin(b"Hello\r\nno newline")?;
    connect.close_stdin();
    let mut stream = accepted(&listener)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let mut got = String::new();
    stream.read_to_string(&mut got).context("expected the end of stdin")?;
    ensure!(got == "Hello\r\nno newline", "expected stdin as it is\n     got {got:?}");
    stream.write_all(b"\tan answer\r\n\nno newline either")?;
    drop(stream);
    let shown = connect.rest()?;
    ensure!(
        shown == "\tan answer\r\n\nno newline either",
        "expected the answer as it is\n     got {shown:?}"
    );
    connect.expect_exit(0)
}

/// Nobody there: an error that names the address, and 1.
pub(crate) fn names_who_refused(echo: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    let address = nobody.address()?.to_string();
    let mut connect = echo.start(["connect", &address])?;
    connect.expect_exit(1)?;
    connect.expect_stderr(&address)?;
    connect.expect_stderr("refused")
}

/// A connection that is reset: an error that names the address, and 1.
pub(crate) fn names_whom_it_lost(echo: &Program) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let mut connect = echo.start(["connect", &address])?;
    connect.stdin(b"Hello\n")?;
    let mut stream = accepted(&listener)?;
    // It knows by now that it is connected.
    stream.read_exact(&mut [0; 6])?;
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
    drop(stream);
    connect.expect_exit(1)?;
    connect.expect_stderr(&address)?;
    connect.expect_stderr("lost")
}

/// `echo connect | head -1`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(echo: &Program) -> Result<()> {
    let server = echo.serve(["--delay", "50ms"])?;
    let mut connect = echo.start(["connect", &server.address().to_string()])?;
    connect.stdin(b"Hello\n")?;
    connect.expect_line("\t HELLO")?;
    connect.close_stdout();
    connect.expect_exit(0)?;
    ensure!(connect.stderr().is_empty(), "expected no complaint\n     got {}", connect.stderr());
    Ok(())
}

/// Ctrl-C: 130, while both stdin and the server are open and idle.
pub(crate) fn ctrl_c_ends_it(echo: &Program) -> Result<()> {
    let server = echo.serve(["--delay", "0s", "--idle-timeout", "1h"])?;
    let mut connect = echo.start(["connect", &server.address().to_string()])?;
    connect.stdin(b"Hello\n")?;
    connect.expect_line("\t HELLO")?;
    connect.signal(Signal::INT)?;
    ensure!(connect.wait_for(DEADLINE)?.is_some(), "expected its end");
    connect.expect_exit(130)
}
