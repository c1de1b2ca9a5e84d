//! The student's commands, as somebody would use them: on a small workspace, in a pipe and on a terminal.

#[path = "student/workspace.rs"]
mod workspace;

use std::fs;
use std::process::Command;
use std::time::Duration;

use expectrl::session::OsSession;
use expectrl::{ControlCode, Expect, Session};
use kit::shown_within;
use workspace::{PROGRAM, Workspace, expect};

/// Rust has to be compiled meanwhile, on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn from_the_first_try_to_the_last_exercise() {
    let here = Workspace::new();
    here.expect(&[], 0, &["0 of 2 solved, 0 of 7 points", "· 8.1", "Next: 8.1", "cargo xtask next"]);
    here.expect(
        &["next"],
        0,
        &["Write what the answer is.", "both.rs:4", "the answer", "check 8.1", "(3 hints)"],
    );
    here.expect(&["check"], 1, &["still to be written", "both.rs:4"]);
    assert!(!here.path("target/debug").exists(), "nothing was built for that");

    here.save(Some("todo!(\"later\")"), None);
    here.expect(&["check"], 1, &["2 of 2 checks met what is still to be written", "both.rs:4:5", "later"]);

    here.save(Some("41"), None);
    here.expect(&["list"], 0, &["8.1", "✗ 2/2 *", "8.2", "·"]);
    let first =
        ["✗ 8.1/answers\n", "expected 42", "got 41", "-- --exact 8.1/answers/smol", "check 8.1", "Also"];
    here.expect(&["check"], 1, &first);
    here.expect(&["list"], 0, &["✗ 2/2"]);
    here.expect(&["hint"], 0, &["8.1: hint 1 of 3", "Think of a number."]);

    here.save(Some("40 + 2"), None);
    here.expect(&["list"], 0, &["✗ 2/2 *", "changed since"]);
    let solved = ["✓ solved: 2 checks passed, 3 points", "1 of 2", "what the book says", "Next: 8.2"];
    here.expect(&["check"], 0, &solved);
    here.expect(&["diff", "8.1"], 0, &["-    todo!(\"8.1: the answer\")", "+    40 + 2"]);

    // What was solved before is looked at again.
    here.save(Some("43"), Some("6"));
    here.expect(&["check", "8.2"], 0, &["✓ solved", "✗ 8.1 was solved, and 2 of its checks failed now"]);
    here.save(Some("42"), Some("6"));
    here.expect(&["check", "--all"], 0, &["✓ 8.1", "✓ 8.2", "2 of 2 solved, 7 of 7 points"]);
    here.expect(&["next"], 0, &["All is solved."]);
    here.expect(&["reset", "8.1"], 0, &["both.rs", "cp -r .homework/backup/"]);
    here.expect(&["diff", "8.1"], 0, &["8.1 is as it was handed out."]);
}

#[test]
fn what_does_not_compile_is_told_by_the_compiler() {
    let here = Workspace::new();
    here.save(Some("\"no number\""), None);
    let output = here.command(&["check"]).output().unwrap();
    expect(&output, 1, &["clock does not compile"], "check");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("mismatched types") && stderr.contains("both.rs:4:5"), "{stderr}");
}

#[test]
fn in_ci_all_that_was_begun_is_checked_and_summed_up() {
    let here = Workspace::new();
    here.save(Some("42"), Some("7"));
    let summary = here.path("summary.md");
    let mut command = here.command(&["check"]);
    let output = command.env("CI", "true").env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    expect(&output, 1, &["✓ 8.1", "✗ 8.2", "1 of 1 failed", "│ expected 6", "1 of 2 solved"], "check");
    let summary = fs::read_to_string(summary).unwrap();
    for part in
        ["**3 of 7 points**", "| 8.1 | The answer | 3 | solved |", "1 of 1 fail", "```text\nexpected 6\n"]
    {
        assert!(summary.contains(part), "{part:?} in\n{summary}");
    }
    let output = here.command(&["watch"]).env("CI", "true").output().unwrap();
    expect(&output, 1, &[], "watch");
    assert!(String::from_utf8_lossy(&output.stderr).contains("use `cargo xtask check`"));
}

#[test]
fn what_there_is_not_is_named() {
    let here = Workspace::new();
    for args in
        [&["next", "8.3"][..], &["check", "8.3"], &["hint", "8.3"], &["reset", "8.3"], &["diff", "8.3"]]
    {
        let output = here.command(args).output().unwrap();
        expect(&output, 1, &[], &format!("{args:?}"));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("no exercise \"8.3\" here. Near it: "), "{stderr}");
    }
}

/// Waits until `needle` is written to the `terminal`.
fn shown(terminal: &mut OsSession, needle: &str) {
    shown_within(PATIENCE, terminal, needle).unwrap();
}

/// `watch` on a terminal. Its shell says how it ended, and stays, so that all that it wrote can be read.
fn watch(here: &Workspace) -> OsSession {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap : INT; \"$0\" watch; echo \"code $?\"; read end", PROGRAM]);
    here.surround(&mut shell);
    Session::spawn(shell).unwrap()
}

#[test]
fn keys_and_saves_while_one_watches() {
    let here = Workspace::new();
    let mut terminal = watch(&here);
    shown(&mut terminal, "Write what the answer is.");
    terminal.send("h").unwrap();
    shown(&mut terminal, "Think of a number.");
    terminal.send("l").unwrap();
    shown(&mut terminal, "The question");
    here.save(Some("41"), None);
    shown(&mut terminal, "expected 42");
    shown(&mut terminal, "waiting for a save");
    here.save(Some("42"), None);
    shown(&mut terminal, "✓ solved");
    terminal.send("n").unwrap();
    shown(&mut terminal, "Write what the question is.");
    terminal.send("q").unwrap();
    // The screen of before, and where one is.
    shown(&mut terminal, "\x1b[?1049l");
    shown(&mut terminal, "Next: 8.2");
    shown(&mut terminal, "code 0");
}

#[test]
fn a_save_stops_what_runs() {
    let here = Workspace::new();
    let mut terminal = watch(&here);
    shown(&mut terminal, "Write what the answer is.");
    here.save(Some("{ std::fs::write(\"runs\", \"\").unwrap(); loop { std::thread::park() } }"), None);
    while !here.path("clock/runs").exists() {
        shown(&mut terminal, "running");
    }
    here.save(Some("42"), None);
    shown(&mut terminal, "✓ solved");
    terminal.send(ControlCode::EndOfText).unwrap();
    shown(&mut terminal, "\x1b[?1049l");
    shown(&mut terminal, "code 130");
}
