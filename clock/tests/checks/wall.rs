//! Exercise 8.1: `clock wall`.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use expectrl::session::OsSession;
use expectrl::{ControlCode, Expect, Regex, Session};
use kit::{DEADLINE, Program, ReservedPort, Running, shown};

/// Two zones beside each other, a dead clock that stops nobody, and its return.
pub(crate) fn zones_and_a_return(server: &Program, client: &Program) -> Result<()> {
    let kolkata = server.serve(["--tz", "Asia/Kolkata"])?;
    let utc = server.serve(["--tz", "UTC"])?;
    let port = ReservedPort::new()?;
    let mut wall = client.start([
        "wall".to_owned(),
        format!("Kolkata={}", kolkata.address()),
        format!("UTC={}", utc.address()),
        format!("Later={}", port.address()?),
    ])?;
    let line = line_where(&mut wall, |shown| {
        shown[2] == "offline" && shown[0].contains(':') && shown[1].contains(':')
    })?;
    let minutes = |shown: &str| -> Option<i32> {
        let (hours, rest) = shown.split_once(':')?;
        let (minutes, _) = rest.split_once(':')?;
        Some(hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?)
    };
    let both = minutes(&line[0]).zip(minutes(&line[1]));
    let (kolkata_shows, utc_shows) = both.with_context(|| format!("expected times\n     got {line:?}"))?;
    // One of the two may have been shown a minute before the other.
    let ahead = (kolkata_shows - utc_shows).rem_euclid(24 * 60);
    ensure!((329..=331).contains(&ahead), "expected 330 minutes between the zones\n     got {ahead}");
    let _later = server.serve(["--listen", &port.address()?.to_string(), "--tz", "UTC"])?;
    line_where(&mut wall, |shown| shown[2].contains(':'))?;
    drop(utc);
    line_where(&mut wall, |shown| shown[1] == "offline" && shown[0].contains(':') && shown[2].contains(':'))?;
    wall.signal(kit::Signal::INT)?;
    wall.rest()?;
    wall.expect_exit(130)
}

/// Reads lines until one shows what is waited for: what stands after each name.
fn line_where(wall: &mut Running, holds: impl Fn(&[String; 3]) -> bool) -> Result<[String; 3]> {
    let deadline = Instant::now() + 2 * DEADLINE;
    loop {
        let line = wall.line()?;
        let shown: Vec<String> =
            line.split_whitespace().filter_map(|part| Some(part.split_once('=')?.1.to_owned())).collect();
        let shown = shown.try_into().ok().with_context(|| format!("expected 3 clocks\n     got {line:?}"))?;
        if holds(&shown) {
            return Ok(shown);
        }
        ensure!(Instant::now() < deadline, "expected another line\n     got {line:?} in the end");
    }
}

/// On a terminal a table that is redrawn in place; Ctrl-C leaves the cursor below it and the terminal as it
/// was, with 130.
pub(crate) fn on_a_terminal_is_a_table(clock: &Program) -> Result<()> {
    let server = clock.serve(["--tz", "UTC"])?;
    let nobody = ReservedPort::new()?;
    let [here, there] = [format!("Here={}", server.address()), format!("There={}", nobody.address()?)];
    let wall = clock.command(["wall", &here, &there]).into_command()?;
    // A shell around it, to see what it leaves behind.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap : INT; stty echo; \"$@\"; echo code $?; stty -a; echo end", "sh"]);
    shell.arg(wall.get_program()).args(wall.get_args());
    let mut terminal = Session::spawn(shell)?;
    // The panic of a `todo!` comes to the terminal too.
    let shows = |terminal: &mut OsSession, needle: &str| -> Result<()> {
        let found = shown(terminal, Regex(format!("{needle}|not yet implemented: [^\r]*\r\n")))?;
        clock.unfinished().look(found.get(0).unwrap_or_default());
        Ok(())
    };
    shows(&mut terminal, "STATE")?;
    shows(&mut terminal, "telling")?;
    shows(&mut terminal, "refused")?;
    // Drawn again, a second later, over the first: the cursor goes up.
    shown(&mut terminal, Regex("\x1b\\[[0-9]A"))?;
    shown(&mut terminal, "telling")?;
    ensure!(!terminal.get_process().get_echo()?, "expected no echo, which would move the cursor");
    terminal.send(ControlCode::EndOfText)?;
    shown(&mut terminal, "\r\ncode 130\r\n").context("expected 130 on a line of its own")?;
    let settings = shown(&mut terminal, "end\r\n")?;
    let settings = String::from_utf8_lossy(settings.before()).into_owned();
    ensure!(settings.contains(" echo "), "expected the terminal as it was\n     got {settings}");
    Ok(())
}

/// A name that is missing or comes twice is a usage error.
pub(crate) fn needs_names(clock: &Program) -> Result<()> {
    for (args, named) in [
        (&["wall"][..], "NAME=HOST:PORT"),
        (&["wall", "127.0.0.1:8000"], "NAME=HOST:PORT"),
        (&["wall", "=127.0.0.1:8000"], "name"),
        (&["wall", "Rome=127.0.0.1"], "127.0.0.1"),
        (&["wall", "Rome=127.0.0.1:1", "Rome=127.0.0.1:2"], "Rome"),
    ] {
        let mut run = clock.start(args)?;
        run.expect_exit(2).with_context(|| format!("{args:?}"))?;
        run.expect_stderr(named)?;
    }
    Ok(())
}
