//! 8.10: what is said in the room.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, ensure};
use kit::{DEADLINE, Program};

use crate::guest::{NO_FLAGS, PROMPT, enter, enter_all, expect_arrival};

/// `NAME: text`, to all, the one who said it too.
pub(crate) fn all_hear_what_is_said(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut clients = enter_all(&server, ["ann", "bob", "carl"])?;
    for (speaker, name) in [(0, "ann"), (2, "carl"), (1, "bob")] {
        for text in ["hello, all", "  spaces stay ", "", "Grüße 🦀"] {
            clients[speaker].send(text)?;
            for client in &mut clients {
                client.expect_line(&format!("{name}: {text}"))?;
            }
        }
    }
    Ok(())
}

/// Several talk at the same time; all get the same lines in the same order.
pub(crate) fn all_hear_the_same_order(chat: &Program) -> Result<()> {
    const EACH: usize = 50;
    let server = chat.serve(["--queue", "1000"])?;
    let mut clients = enter_all(&server, ["a", "b", "c", "d"])?;
    for n in 0..EACH {
        for client in &mut clients {
            client.send(&n.to_string())?;
        }
    }
    let mut heard = Vec::new();
    for client in &mut clients {
        heard.push((0..4 * EACH).map(|_| client.line()).collect::<Result<Vec<_>>>()?);
    }
    for name in ["a", "b", "c", "d"] {
        let of_one = heard[0].iter().filter(|line| line.starts_with(name));
        let expected = (0..EACH).map(|n| format!("{name}: {n}"));
        ensure!(of_one.eq(expected.collect::<Vec<_>>().iter()), "expected all of {name} in order");
    }
    ensure!(heard.iter().all(|lines| *lines == heard[0]), "expected one order for all");
    Ok(())
}

/// `nc -N` gets what a client gets: the prompt, which has no newline, and all that is said to it, to the end.
pub(crate) fn nc_is_a_client(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut witness = enter(&server, "witness")?;
    let shown = chat.netcat(server.address(), b"ann\nhello\nbye")?;
    let expected = format!("{PROMPT}You are ann\nHere: witness\nann: hello\nann: bye\n");
    ensure!(shown == expected, "expected {expected:?}\n     got {shown:?}");
    for line in ["ann has arrived", "ann: hello", "ann: bye", "ann has left"] {
        witness.expect_line(line)?;
    }
    Ok(())
}

/// The others are told who comes and who goes.
pub(crate) fn arrivals_and_departures_are_told(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let [mut ann, bob] = enter_all(&server, ["ann", "bob"])?;
    let mut carl = enter(&server, "carl")?;
    expect_arrival(&mut ann, "carl")?;
    drop(bob);
    for client in [&mut ann, &mut carl] {
        client.expect_line("bob has left")?;
    }
    Ok(())
}

/// Half closed: it has left at once, and still gets what was said before, then the end.
pub(crate) fn the_end_of_input_is_a_departure(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let [mut ann, mut bob] = enter_all(&server, ["ann", "bob"])?;
    bob.send("bye")?;
    bob.close_write()?;
    ann.expect_line("bob: bye")?;
    ann.expect_line("bob has left")?;
    bob.expect_line("bob: bye")?;
    bob.expect_end()
}

/// The end of input ends a line as well.
pub(crate) fn the_last_line_needs_no_newline(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let [mut ann, mut bob] = enter_all(&server, ["ann", "bob"])?;
    bob.send_bytes(b"one\ntwo")?;
    bob.close_write()?;
    for line in ["bob: one", "bob: two", "bob has left"] {
        ann.expect_line(line)?;
    }
    Ok(())
}

/// No terminal sequence of one client reaches another.
pub(crate) fn control_characters_are_stripped(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let [mut ann, mut bob] = enter_all(&server, ["ann", "bob"])?;
    ann.send_bytes("\x1b]0;mine\x07\x1b[31mred\x00\x08\x7f \u{9b}1mbold\r\n".as_bytes())?;
    bob.expect_line("ann: ]0;mine[31mred 1mbold")?;
    ann.send_bytes(b"a\rb\n")?;
    bob.expect_line("ann: ab")?;
    // With nothing but what takes two bytes: U+009B is the beginning of a sequence too.
    ann.send("gr\u{fc}n \u{9b}1mbold")?;
    bob.expect_line("ann: gr\u{fc}n 1mbold")
}

/// What is not UTF-8 becomes U+FFFD.
pub(crate) fn malformed_text_is_replaced(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut ann = enter(&server, "ann")?;
    // Its bytes as they come: the kit's clients would replace what is malformed themselves.
    let stream = TcpStream::connect_timeout(&server.address(), DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    (&stream).write_all(b"bob\n")?;
    expect_arrival(&mut ann, "bob")?;
    ann.send_bytes(b"a\xffb\xf0\x9f\xa6\n")?;
    let mut bob = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let n = bob.read_until(b'\n', &mut line).context("expected a line")?;
        ensure!(n > 0, "expected a line of ann\n     got the end");
        if line.starts_with(b"ann: ") {
            let expected = "ann: a\u{fffd}b\u{fffd}\n";
            ensure!(line == expected.as_bytes(), "expected {expected:?}\n     got {}", line.escape_ascii());
            return Ok(());
        }
    }
}
