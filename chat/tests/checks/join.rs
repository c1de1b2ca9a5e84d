//! 8.10: `chat join` elsewhere than on a terminal.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Result, ensure};
use kit::{Program, ReservedPort, Running, Server, Signal, accepted};
use socket2::SockRef;

use crate::guest::{NO_FLAGS, enter, expect_arrival};

fn join(chat: &Program, server: &Server, name: &str) -> Result<Running> {
    chat.start(["join", &server.address().to_string(), "--name", name])
}

/// `printf 'one\ntwo' | chat join`: all of it is said, and what the room says to it is shown to the end.
pub(crate) fn talks_in_a_pipe(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(NO_FLAGS)?;
    let mut witness = enter(&server, "witness")?;
    let mut ann = join(client, &server, "ann")?;
    ann.stdin(b"one\ntwo")?;
    ann.close_stdin();
    expect_arrival(&mut witness, "ann")?;
    for line in ["ann: one", "ann: two", "ann has left"] {
        witness.expect_line(line)?;
    }
    let shown = ann.rest()?;
    let expected = "You are ann\nHere: witness\nann: one\nann: two\n";
    ensure!(shown == expected, "expected {expected:?}\n     got {shown:?}");
    ann.expect_exit(0)
}

/// Both directions at the same time, a line at once.
pub(crate) fn talks_and_hears(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(NO_FLAGS)?;
    let mut ann = join(client, &server, "ann")?;
    ann.expect_line("You are ann")?;
    ann.expect_line("Nobody else is here")?;
    let mut bob = join(client, &server, "bob")?;
    ann.expect_line("bob has arrived")?;
    bob.expect_line("You are bob")?;
    bob.expect_line("Here: ann")?;
    for n in 0..3 {
        ann.stdin(format!("{n}\n").as_bytes())?;
        for heard in [&mut ann, &mut bob] {
            heard.expect_line(&format!("ann: {n}"))?;
        }
    }
    ann.signal(Signal::INT)?;
    ann.expect_exit(130)?;
    bob.expect_line("ann has left")
}

/// Without a name all of stdin is text, and the name is the address.
pub(crate) fn without_a_name_it_is_the_address(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut witness = enter(&server, "witness")?;
    let mut guest = chat.start(["join", &server.address().to_string()])?;
    guest.stdin(b"hi\n")?;
    let arrival = witness.line()?;
    let name = arrival.strip_suffix(" has arrived").unwrap_or_default();
    ensure!(name.starts_with("127.0.0.1:"), "expected an address to arrive\n     got {arrival:?}");
    witness.expect_line(&format!("{name}: hi"))?;
    guest.expect_line(&format!("You are {name}"))
}

/// The end of the server is the end, also while stdin is open.
pub(crate) fn ends_when_the_server_does(server: &Program, client: &Program) -> Result<()> {
    let mut server = server.serve(NO_FLAGS)?;
    let mut ann = join(client, &server, "ann")?;
    ann.expect_line("You are ann")?;
    server.signal(Signal::TERM)?;
    server.expect_exit(0)?;
    ann.expect_line("Nobody else is here")?;
    ann.expect_end()?;
    ann.expect_exit(0)
}

/// A name in use: an error that says so, and nothing of stdin becomes a name.
pub(crate) fn a_name_in_use_is_an_error(server: &Program, client: &Program) -> Result<()> {
    let server = server.serve(NO_FLAGS)?;
    let mut ann = enter(&server, "ann")?;
    let mut second = join(client, &server, "ANN")?;
    // It may have ended by now.
    second.stdin(b"mallory\nhi\n").ok();
    second.expect_exit(1)?;
    second.expect_stderr("in use")?;
    second.expect_stderr(&server.address().to_string())?;
    ensure!(ann.is_quiet_for(Duration::from_millis(200))?, "expected nobody to come in");
    Ok(())
}

/// Nobody there, or gone in the middle: an error that names the address, and 1.
pub(crate) fn names_who_refused_and_who_was_lost(chat: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    let address = nobody.address()?.to_string();
    let mut refused = chat.start(["join", &address])?;
    refused.expect_exit(1)?;
    refused.expect_stderr(&address)?;
    refused.expect_stderr("refused")?;

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let mut lost = chat.start(["join", &address])?;
    let mut connection = accepted(&listener)?;
    std::io::Write::write_all(&mut connection, b"You are nobody\n")?;
    lost.expect_line("You are nobody")?;
    // Closed without waiting for anything: a reset.
    SockRef::from(&connection).set_linger(Some(Duration::ZERO))?;
    drop(connection);
    lost.expect_exit(1)?;
    lost.expect_stderr("lost the connection")?;
    lost.expect_stderr(&address)
}

/// `chat join | head -1`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut ann = join(chat, &server, "ann")?;
    ann.expect_line("You are ann")?;
    ann.close_stdout();
    // More than one: a process that is just being started may hold the pipe open for a moment.
    for _ in 0..50 {
        ann.stdin(b"hello\n").ok();
        if ann.wait_for(std::time::Duration::from_millis(100))?.is_some() {
            break;
        }
    }
    ann.expect_exit(0)?;
    ensure!(ann.stderr().is_empty(), "expected no complaint\n     got {}", ann.stderr());
    Ok(())
}
