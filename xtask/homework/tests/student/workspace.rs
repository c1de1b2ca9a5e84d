//! A workspace that is built in a moment: one crate without dependencies, with two exercises, whose checks only look at
//! what the program prints.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const EXERCISES: &str = r#"
[[exercise]]
id = "8.1"
title = "The answer"
task = "Write what the answer is."
points = 3
hints = ["Think of a number.", "It is even.", "It is between 41 and 43."]
compare = "With what the book says."
holes = ["8.1-answer"]
checks = ["8.1"]
todo = { "8.1-answer" = "the answer" }

[[exercise]]
id = "8.2"
title = "The question"
task = "Write what the question is."
points = 4
hints = ["a", "b", "c"]
holes = ["8.2-question"]
checks = ["8.2"]
todo = { "8.2-question" = "the question" }
"#;

const MAIN: &str = r#"
#[path = "runtime/smol/both.rs"]
mod both;

fn main() {
    println!("{}", if std::env::args().any(|arg| arg == "question") { both::question() } else { both::answer() });
}
"#;

const BOTH: &str = r#"//! Both.
pub fn answer() -> u32 {
    // ANCHOR: 8.1-answer
    todo!("8.1: the answer")
    // ANCHOR_END: 8.1-answer
}

pub fn question() -> u32 {
    // ANCHOR: 8.2-question
    todo!("8.2: the question")
    // ANCHOR_END: 8.2-question
}
"#;

/// Speaks libtest's JSON as libtest-mimic does.
const CHECKS: &str = r##"
use std::process::Command;

const CHECKS: [(&str, &str, &str); 3] =
    [("8.1/answers", "", "42"), ("8.1/answers_again", "", "42"), ("8.2/asks", "question", "6")];

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        CHECKS.iter().for_each(|(name, ..)| println!("{name}/smol: test"));
        return;
    }
    let claims = std::fs::read_to_string(std::env::var("CH8_IMPLS").unwrap()).unwrap();
    println!(r#"{{"type":"suite","event":"started","test_count":1}}"#);
    for (name, arg, expected) in CHECKS.iter().filter(|(name, ..)| claims.contains(&format!("{name:?}"))) {
        let output = Command::new(env!("CARGO_BIN_EXE_clock")).arg(arg).output().unwrap();
        let got = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if got == *expected {
            println!(r#"{{"type":"test","event":"ok","name":"{name}/smol"}}"#);
            continue;
        }
        let text = format!("expected {expected}\n     got {got}\n{}", String::from_utf8_lossy(&output.stderr));
        let text = format!("Error: \"{text}\"\n");
        println!(r#"{{"type":"test","event":"failed","name":"{name}/smol","stdout":{text:?}}}"#);
    }
    println!(r#"{{"type":"suite","event":"ok"}}"#);
}
"##;

/// `cargo xtask` in a handout.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_homework");

/// The workspace, in a folder of its own.
pub(crate) struct Workspace {
    dir: TempDir,
}

impl Workspace {
    pub(crate) fn new() -> Self {
        let workspace = Self { dir: tempfile::tempdir().unwrap() };
        for name in ["clock", "echo", "pipeline", "crawler", "du", "chat"] {
            workspace.write(&format!("{name}/src/runtime/smol/mod.rs"), "");
            let exercises = if name == "clock" { EXERCISES } else { "exercise = []" };
            workspace.write(&format!("{name}/exercises.toml"), exercises);
        }
        workspace.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"clock\"]\n");
        let manifest = "[package]\nname = \"clock\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                        [[test]]\nname = \"checks\"\nharness = false\n";
        workspace.write("clock/Cargo.toml", manifest);
        workspace.write("clock/src/main.rs", MAIN);
        workspace.write("clock/tests/checks.rs", CHECKS);
        workspace.write("clock/src/runtime/smol/both.rs", BOTH);
        workspace
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Saves the file of both exercises with `answer` and `question` in their holes, where they are given.
    pub(crate) fn save(&self, answer: Option<&str>, question: Option<&str>) {
        let mut text = BOTH.to_owned();
        for (todo, code) in
            [("todo!(\"8.1: the answer\")", answer), ("todo!(\"8.2: the question\")", question)]
        {
            text = text.replace(todo, code.unwrap_or(todo));
        }
        self.write("clock/src/runtime/smol/both.rs", &text);
    }

    /// `cargo xtask` with `args`, as it is in a handout and on nobody's terminal.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        self.surround(command.args(args).stdin(Stdio::null()));
        command
    }

    /// Lets `command` run here, and not as the test itself does.
    pub(crate) fn surround(&self, command: &mut Command) {
        command.current_dir(self.dir.path());
        command.env("CARGO_TARGET_DIR", self.path("target")).env("CARGO_NET_OFFLINE", "true");
        command.env("NO_COLOR", "1").env("TERM", "xterm");
        for name in ["CI", "GITHUB_STEP_SUMMARY", "CLICOLOR_FORCE", "COLUMNS"] {
            command.env_remove(name);
        }
    }

    /// Runs it, and expects this exit code and these parts on stdout, in this order.
    pub(crate) fn expect(&self, args: &[&str], code: i32, parts: &[&str]) {
        let output = self.command(args).output().unwrap();
        expect(&output, code, parts, &format!("{args:?}"));
    }
}

/// Expects this exit code and these parts on stdout, in this order.
pub(crate) fn expect(output: &Output, code: i32, parts: &[&str], what: &str) {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let told = || format!("{what}\n{stdout}\nstderr:\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{}", told());
    let mut rest = &*stdout;
    for part in parts {
        let at = rest.find(part);
        let at = at.unwrap_or_else(|| panic!("{part:?} is missing, or not in its place\n{}", told()));
        rest = &rest[at + part.len()..];
    }
}
