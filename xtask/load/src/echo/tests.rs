//! Echoes on threads of the test, right ones and wrong ones.

use std::thread;

use kit::refused;

use super::*;
use crate::tests::server;

#[test]
fn lines_and_answers() {
    let text = Text::new(7);
    assert!(text.line.starts_with(b"07          Much Ado") && text.line.ends_with(b"\n"));
    assert!(text.answers[0].starts_with(b"\t 07          MUCH ADO"));
    assert!(text.answers[1].starts_with(b"\t 07          Much Ado"));
    assert!(text.answers[2].starts_with(b"\t 07          much ado"));
    let stamps = [0, u32::MAX, 0x1234_abcd].map(digits);
    assert!(stamps.as_flattened().iter().all(u8::is_ascii_digit), "{stamps:?}");
    assert!(stamps[0] != stamps[1] && stamps[1] != stamps[2]);
}

/// A run against a server that sends what `answers` makes of each line.
fn run(patience: Duration, answers: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) -> Result<Span> {
    let address = server(move |_, mut stream| {
        let mut line = [0; LINE];
        while stream.read_exact(&mut line).is_ok() {
            let line = String::from_utf8_lossy(&line);
            if stream.write_all(answers(&line).concat().as_bytes()).is_err() {
                return;
            }
        }
    })?;
    Load::new(address, 5, 3)?.patient(patience).run(Duration::from_millis(50))
}

fn echoes(line: &str) -> Vec<String> {
    [line.to_uppercase(), line.to_owned(), line.to_lowercase()].map(|text| format!("\t {text}")).into()
}

#[test]
fn an_echo_that_is_right() -> Result<()> {
    let span = run(PATIENCE, echoes)?;
    assert!(span.took.len() >= 15, "{}", span.took.len());
    Ok(())
}

#[test]
fn an_echo_that_does_less_is_refused() {
    let short = Duration::from_secs(1);
    refused(run(short, |line| echoes(line)[..2].to_vec()), "15 lines have no answer");
    refused(run(short, |_| Vec::new()), "15 lines have no answer");
    refused(run(PATIENCE, |line| vec![echoes(line)[1].clone(); 3]), "expected \"\\t 0");
    refused(run(PATIENCE, |line| [echoes(line), echoes(line)].concat()), "got \"\\t 0");
    refused(run(PATIENCE, |line| echoes(&line.replace("Ladies!", "Ladies?"))), "got \"\\t 0");
}

#[test]
fn answers_to_what_was_not_read_are_refused() -> Result<()> {
    let address = server(|_, mut stream| {
        let line = String::from_utf8_lossy(&Text::new(0).line).into_owned();
        while stream.write_all(echoes(&line).concat().as_bytes()).is_ok() {
            thread::yield_now();
        }
    })?;
    refused(Load::new(address, 1, 1)?.run(Duration::from_millis(50)), "expected \"\\t 00 ");
    Ok(())
}

#[test]
fn a_server_that_closes_is_refused() -> Result<()> {
    let address = server(|_, stream| drop(stream))?;
    assert!(Load::new(address, 1, 1)?.run(Duration::from_millis(50)).is_err());
    Ok(())
}
