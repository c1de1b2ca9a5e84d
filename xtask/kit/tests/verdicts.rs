//! The kit judges programs that misbehave: each gives the right verdict, in bounded time, and leaves nothing
//! running.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::command_line::wrong_flags_are_usage_errors;
use kit::{Children, DEADLINE, Implementation, Program, Signal, verdict};

/// Runs `check` against a shell script, and returns the verdict.
fn judge(
    script: &str,
    limit: Duration,
    check: impl FnOnce(&Program) -> Result<()> + Send + 'static,
) -> Result<(), String> {
    let children = Children::default();
    let program = Program::new(Implementation::new("sh", ["sh", "-c", script, "sh"]), children.clone());
    verdict(limit, &children, move || check(&program))
}

/// What the check fails with.
fn failure(script: &str, check: impl FnOnce(&Program) -> Result<()> + Send + 'static) -> String {
    judge(script, DEADLINE * 3, check).expect_err("the check should fail")
}

#[test]
fn a_check_that_holds_passes() {
    let verdict = judge("read x; echo $x $1; exit 3", DEADLINE, |sh| {
        let mut run = sh.start(["argument"])?;
        run.stdin(b"hello\n")?;
        run.expect_line("hello argument")?;
        run.expect_end()?;
        run.expect_exit(3)
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_check_that_fails_shows_expected_got_and_stderr() {
    let failure = failure("echo one; echo trouble >&2", |sh| {
        let mut run = sh.start([""; 0])?;
        run.expect_stderr("trouble")?;
        run.expect_line("two")
    });
    for part in ["expected the line \"two\"", "got \"one\"", "stderr of `sh -c", "trouble"] {
        assert!(failure.contains(part), "{part:?} is not in: {failure}");
    }
}

#[test]
fn a_check_that_panics_fails() {
    let failure = failure("", |_| panic!("a bug in the check"));
    assert!(failure.contains("a bug in the check"), "{failure}");
}

#[test]
fn a_check_that_hangs_is_ended_with_its_programs() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("pid");
    let script = format!("sleep 1000 & echo $! >{}; echo ready; wait", file.display());
    let start = Instant::now();
    let verdict = judge(&script, Duration::from_secs(2), |sh| {
        let mut run = sh.start([""; 0])?;
        run.expect_line("ready")?;
        loop {
            std::thread::park();
        }
    });
    let failure = verdict.expect_err("a hanging check should fail");
    assert!(failure.contains("got no end in 2s"), "{failure}");
    assert!(start.elapsed() < Duration::from_secs(2) + DEADLINE);
    gone(&std::fs::read_to_string(file)?)
}

#[test]
fn a_program_that_dies_is_noticed_at_once() {
    let start = Instant::now();
    let failure = failure("echo dying >&2; exit 7", |sh| sh.serve([""; 0]).map(drop));
    assert!(failure.contains("expected `listening on ADDR`"), "{failure}");
    assert!(failure.contains("the end") && failure.contains("dying"), "{failure}");
    assert!(start.elapsed() < DEADLINE, "it waited for its deadline");
}

#[test]
fn a_program_that_says_nothing_meets_the_deadline() {
    let start = Instant::now();
    let failure = failure("exec sleep 1000", |sh| sh.start([""; 0])?.line().map(drop));
    assert!(failure.contains("nothing for 10s"), "{failure}");
    assert!(start.elapsed() < DEADLINE * 2);
}

/// What a `todo!` writes, on the stderr of a script.
const TODO: &str =
    "printf \"\\nthread 'main' panicked at src/x.rs:1:2:\\nnot yet implemented: ex8.8: wait\\n\" >&2";

#[test]
fn a_program_that_comes_to_a_todo_is_not_waited_for() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("pid");
    // It lives on, as where only one task has ended.
    let script = format!("echo $$ >{}; {TODO}; exec sleep 1000", file.display());
    let failure = failure(&script, |sh| sh.start([""; 0])?.line().map(drop));
    assert!(failure.starts_with("not yet implemented: ex8.8: wait\n"), "{failure}");
    assert!(failure.contains("panicked at src/x.rs:1:2"), "{failure}");
    gone(&std::fs::read_to_string(file)?)
}

#[test]
fn a_check_of_a_program_that_has_come_to_a_todo_fails_however_it_ends() {
    let todo = format!("{TODO}; exit 101");
    let passing = |sh: &Program| sh.start([""; 0])?.expect_exit(101);
    let wrong = |sh: &Program| sh.start([""; 0])?.expect_exit(0);
    for check in [passing, wrong] {
        let failure = failure(&todo, check);
        assert!(failure.starts_with("not yet implemented: ex8.8: wait\n"), "{failure}");
    }
}

#[test]
fn a_todo_that_is_shown_on_a_terminal_counts_too() {
    let failure = failure("exec sleep 1000", |sh| {
        let _run = sh.start([""; 0])?;
        sh.unfinished().look(b"\x1b[?1049l\r\nnot yet implemented: 8.10: draw\r\n");
        loop {
            std::thread::park();
        }
    });
    assert!(failure.starts_with("not yet implemented: 8.10: draw\n"), "{failure}");
}

#[test]
fn a_program_that_floods_its_stdout_is_bounded() {
    let failure = failure("exec yes", |sh| sh.start([""; 0])?.rest().map(drop));
    assert!(failure.contains("and no end of them"), "{failure}");
    // One that nobody reads waits for its pipe, and can still be ended.
    let verdict = judge("exec yes", DEADLINE * 2, |sh| {
        let mut run = sh.start([""; 0])?;
        run.expect_line("y")?;
        run.signal(Signal::TERM)?;
        run.expect_exit(128 + 15)
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_program_that_floods_its_stderr_goes_on() {
    let verdict = judge("head -c 10000000 /dev/zero >&2; echo last >&2; echo done", DEADLINE * 2, |sh| {
        let mut run = sh.start([""; 0])?;
        run.expect_line("done")?;
        run.expect_stderr("last")?;
        ensure!(run.stderr().len() <= 64 << 10, "kept {} bytes", run.stderr().len());
        run.expect_exit(0)
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_dropped_program_is_killed_with_its_children() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("pid");
    let script = format!("sleep 1000 & echo $! >{}; echo ready; wait", file.display());
    let verdict = judge(&script, DEADLINE, |sh| sh.start([""; 0])?.expect_line("ready"));
    assert_eq!(verdict, Ok(()));
    gone(&std::fs::read_to_string(file)?)
}

#[test]
fn descriptors_can_be_limited() {
    let verdict = judge("ulimit -n", DEADLINE, |sh| {
        let mut run = sh.command([""; 0]).open_files(32).start()?;
        run.expect_line("32")
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn an_interrupted_program_counts_as_the_shell_counts() {
    // Who runs the tests in the background may ignore interrupts, and a shell passes that on.
    let script = "exec env --default-signal=INT sh -c 'echo ready; exec sleep 1000'";
    let verdict = judge(script, DEADLINE, |sh| {
        let mut run = sh.start([""; 0])?;
        run.expect_line("ready")?;
        run.signal(Signal::INT)?;
        run.expect_exit(130)
    });
    assert_eq!(verdict, Ok(()));
}

#[test]
fn a_usage_error_is_told_on_stderr_alone_with_two() {
    let told = |script| {
        judge(script, DEADLINE, |sh| {
            wrong_flags_are_usage_errors(sh, &[(&["--wrong"], "wrong"), (&[], "none")])
        })
    };
    assert_eq!(told("echo ${1:-none} >&2; exit 2"), Ok(()));
    for wrong in ["echo ${1:-none} >&2; exit 1", "exit 2", "echo Usage; echo ${1:-none} >&2; exit 2"] {
        let failure = told(wrong).expect_err("it should fail");
        assert!(failure.contains("--wrong"), "{failure}");
    }
}

/// Waits until the process with this id has ended (a zombie that nobody waits for has).
fn gone(pid: &str) -> Result<()> {
    let stat = format!("/proc/{}/stat", pid.trim());
    let deadline = Instant::now() + DEADLINE;
    while std::fs::read_to_string(&stat).is_ok_and(|s| !s.contains(") Z ")) {
        ensure!(Instant::now() < deadline, "process {pid} still lives");
        std::thread::yield_now();
    }
    Ok(())
}
