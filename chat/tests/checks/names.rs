//! ex8.12 and ex8.14: names, and who has them.

use std::time::Duration;

use anyhow::{Result, ensure};
use kit::Program;

use crate::guest::{NO_FLAGS, PROMPT, asked, enter, enter_all, expect_arrival, expect_prompt};

/// Alone at first, then the others in the order in which they came.
pub(crate) fn a_newcomer_is_told_who_is_here(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut others = Vec::new();
    for (name, here) in [("zoe", "Nobody else is here"), ("bob", "Here: zoe"), ("ann", "Here: zoe, bob")] {
        let mut client = asked(&server)?;
        client.send(name)?;
        client.expect_line(&format!("You are {name}"))?;
        client.expect_line(here)?;
        others.push(client);
    }
    Ok(())
}

/// The prompt at once, without a newline, and the first line is the name, without the spaces around it.
pub(crate) fn the_name_is_asked_for(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut client = asked(&server)?;
    ensure!(client.is_quiet_for(Duration::from_millis(200))?, "expected nothing before a name");
    client.send_bytes(b"  Ann Lee \r\n")?;
    client.expect_line("You are Ann Lee")?;
    client.expect_line("Nobody else is here")
}

/// An empty line gives the address as the name.
pub(crate) fn an_empty_name_is_the_address(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    for line in ["", "  "] {
        let mut client = asked(&server)?;
        client.send(line)?;
        let address = client.local_addr()?;
        client.expect_line(&format!("You are {address}"))?;
    }
    Ok(())
}

/// Too long or with control characters: told so, and asked again.
pub(crate) fn a_bad_name_is_asked_for_again(chat: &Program) -> Result<()> {
    let server = chat.serve(["--max-name", "5"])?;
    let mut client = asked(&server)?;
    for (name, told) in
        [("abcdef", "at most 5"), ("a\x1b[m", "control"), ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", "5")]
    {
        client.send(name)?;
        let line = client.line()?;
        ensure!(line.contains(told), "expected to be told {told:?}\n     got {line:?}");
        ensure!(!line.contains('\x1b'), "expected no control characters\n     got {line:?}");
        expect_prompt(&mut client)?;
    }
    // 5 characters in 10 bytes.
    client.send("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}")?;
    client.expect_line("You are \u{e9}\u{e9}\u{e9}\u{e9}\u{e9}")
}

/// Taken, whatever the case: told so, and asked again.
pub(crate) fn a_name_in_use_is_asked_for_again(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut first = enter(&server, "\u{c4}nne")?;
    let mut second = asked(&server)?;
    for name in ["\u{c4}nne", "\u{e4}NNE"] {
        second.send(name)?;
        let line = second.line()?;
        ensure!(line.contains("in use"), "expected to be told that it is in use\n     got {line:?}");
        expect_prompt(&mut second)?;
    }
    second.send("Anna")?;
    second.expect_line("You are Anna")?;
    expect_arrival(&mut first, "Anna")
}

/// Who left can come again, and another can have the name.
pub(crate) fn a_name_is_free_when_its_owner_left(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let [mut witness, leaver] = enter_all(&server, ["witness", "ann"])?;
    drop(leaver);
    witness.expect_line("ann has left")?;
    enter(&server, "Ann")?;
    expect_arrival(&mut witness, "Ann")
}

/// What comes together with the name is not lost.
pub(crate) fn name_and_text_in_one_packet(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut witness = enter(&server, "witness")?;
    let mut client = server.connect()?;
    client.send_bytes(b"ann\none\ntwo\nthr")?;
    expect_arrival(&mut witness, "ann")?;
    for line in ["ann: one", "ann: two"] {
        witness.expect_line(line)?;
    }
    client.send_bytes(b"ee\n")?;
    witness.expect_line("ann: three")?;
    let all = client.until("ann: three\n")?;
    let expected = format!("{PROMPT}You are ann\nHere: witness\nann: one\nann: two\nann: three\n");
    ensure!(all == expected, "expected {expected:?}\n     got {all:?}");
    Ok(())
}

/// Many pairs that give one name at the same instant: of each exactly one gets it, the other is asked again.
pub(crate) fn of_two_with_one_name_one_gets_it(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    for round in 0..40 {
        let mut pair = [asked(&server)?, asked(&server)?];
        let name = format!("twin{round}\n");
        for client in &mut pair {
            client.send_bytes(name.as_bytes())?;
        }
        let mut got = 0;
        for client in &mut pair {
            let line = client.line()?;
            if line == format!("You are twin{round}") {
                got += 1;
            } else {
                ensure!(line.contains("in use"), "expected the name or that it is in use\n     got {line:?}");
                expect_prompt(client)?;
            }
        }
        ensure!(got == 1, "expected one of two to get the name\n     got {got}");
    }
    Ok(())
}

/// Who has not given a name yet neither hears the room nor is seen in it.
pub(crate) fn a_guest_hears_and_shows_nothing(chat: &Program) -> Result<()> {
    let server = chat.serve(NO_FLAGS)?;
    let mut guest = asked(&server)?;
    let leaver = asked(&server)?;
    let [mut ann, _bob] = enter_all(&server, ["ann", "bob"])?;
    drop(leaver);
    ann.send("secret")?;
    ann.expect_line("ann: secret")?;
    ensure!(ann.is_quiet_for(Duration::from_millis(200))?, "expected nothing of a guest");
    guest.send("carl")?;
    guest.expect_line("You are carl")?;
    guest.expect_line("Here: ann, bob")
}
