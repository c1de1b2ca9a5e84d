use std::fs;

use runner::exercises::RUNTIMES;

use super::*;
use crate::student::record::Score;
use crate::student::{diff, hint, reset};

const TOML: &str = r#"
[[exercise]]
id = "8.1"
title = "first"
task = "t"
points = 1
hints = ["a", "b", "c"]
holes = ["8.1-one", "8.1-two"]
checks = ["8.1"]
builds_on = ["8.2"]
todo = { "8.1-one" = "write one", "8.1-two" = "write two" }

[[exercise]]
id = "8.2"
title = "second"
task = "t"
points = 2
hints = ["a", "b", "c"]
holes = ["8.2-stub"]
checks = ["8.2"]
stubs = { "8.2-stub" = 'Err("8.2: not that")' }
"#;

const FILE: &str = "clock/src/runtime/smol/serve.rs";

const TEXT: &str = "\
//! Given.
fn one() {
    // ANCHOR: 8.1-one
    todo!(\"8.1: write one\");
    // ANCHOR_END: 8.1-one
    more()
}

fn two() {
    // ANCHOR: 8.1-two
    todo!(\"8.1: write two\")
    // ANCHOR_END: 8.1-two
}

fn stub() {
    // ANCHOR: 8.2-stub
    Err(\"8.2: not that\")
    // ANCHOR_END: 8.2-stub
}
";

/// A workspace as it is handed out on smol.
pub(crate) struct Handout {
    dir: tempfile::TempDir,
    cargo: Cargo,
}

impl Handout {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for exercise in EXERCISES {
            let of = dir.path().join(exercise.name);
            fs::create_dir_all(of.join("src/runtime/smol")).unwrap();
            let toml = if exercise.name == "clock" { TOML } else { "exercise = []" };
            fs::write(of.join("exercises.toml"), toml).unwrap();
        }
        let handout = Self { dir, cargo: Cargo::load().unwrap() };
        handout.write(TEXT);
        handout
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk::read(&self.cargo, self.root(), crate::runtimes(self.root())).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(self.root().join(FILE)).unwrap()
    }

    pub(crate) fn write(&self, text: &str) {
        fs::write(self.root().join(FILE), text).unwrap();
    }

    /// Writes a solution of `what`, which is one of the `todo!`s or the stub.
    pub(crate) fn solve(&self, what: &str) {
        let text = self.text();
        assert!(text.contains(what), "{text}");
        self.write(&text.replace(what, "solution()"));
    }

    /// Remembers that all checks of `id` have passed, or that one has failed.
    fn score(&self, id: &str, failed: usize) {
        let desk = self.desk();
        let of = desk.fingerprint(piece(&desk, id));
        Record::update(self.root(), |record| record.put(id, "smol", Score { passed: 2, failed, of }))
            .unwrap();
    }
}

pub(crate) fn piece<'d>(desk: &'d Desk<'_>, id: &str) -> Piece<'d> {
    desk.find(id, &desk.runtimes).unwrap()[0]
}

fn standing(handout: &Handout, id: &str) -> (Standing, bool) {
    let desk = handout.desk();
    (desk.standing(piece(&desk, id)), desk.is_stale(piece(&desk, id)))
}

#[test]
fn an_exercise_stands_as_its_files_and_its_last_result_say() {
    let handout = Handout::new();
    assert_eq!(handout.desk().runtimes.iter().map(|runtime| runtime.name).collect::<Vec<_>>(), ["smol"]);
    assert_eq!(standing(&handout, "8.1"), (Standing::Untouched, false));
    handout.solve("todo!(\"8.1: write one\");");
    assert_eq!(standing(&handout, "8.1"), (Standing::Begun, false));
    assert_eq!(standing(&handout, "8.2"), (Standing::Untouched, false));
    handout.score("8.1", 1);
    assert_eq!(standing(&handout, "8.1"), (Standing::Failing { failed: 1, of: 3 }, false));
    handout.score("8.1", 0);
    assert_eq!(standing(&handout, "8.1"), (Standing::Solved, false));
    handout.solve("todo!(\"8.1: write two\")");
    assert_eq!(standing(&handout, "8.1"), (Standing::Solved, true));
    // What is in the hole counts before what is remembered of it.
    handout.write(TEXT);
    assert_eq!(standing(&handout, "8.1"), (Standing::Untouched, true));
}

#[test]
fn a_hole_is_empty_however_it_is_indented() {
    let handout = Handout::new();
    handout.write(&TEXT.replace("    todo!(\"8.1: write one\");", "  todo!( \"8.1: write one\" )"));
    assert_eq!(standing(&handout, "8.1"), (Standing::Untouched, false));
    let desk = handout.desk();
    let piece = piece(&desk, "8.2");
    let place = desk.places(piece)[0];
    assert_eq!((place.at(), piece.asks(place)), (format!("{FILE}:17"), "not that".to_owned()));
}

#[test]
fn next_is_what_builds_on_nothing_unsolved() {
    let handout = Handout::new();
    let next = |after: Option<&str>| {
        let desk = handout.desk();
        let after = after.map(|id| piece(&desk, id));
        desk.next(&desk.runtimes, after).map(|piece| piece.one.id.clone())
    };
    assert_eq!(next(None).as_deref(), Some("8.2"), "8.1 builds on it");
    assert_eq!(next(Some("8.2")).as_deref(), Some("8.2"), "there is no other");
    handout.solve("Err(\"8.2: not that\")");
    handout.score("8.2", 1);
    assert_eq!(next(None).as_deref(), Some("8.2"));
    handout.score("8.2", 0);
    assert_eq!(next(None).as_deref(), Some("8.1"));
    handout.solve("todo!(\"8.1: write one\");");
    assert_eq!(next(Some("8.1")).as_deref(), Some("8.1"), "a stale result is one");
    handout.score("8.1", 0);
    assert_eq!(next(None), None);
}

#[test]
fn an_unknown_exercise_names_those_near_it() {
    let handout = Handout::new();
    let desk = handout.desk();
    let error = |id| format!("{:#}", desk.find(id, &desk.runtimes).err().unwrap());
    assert_eq!(error("8,2"), "there is no exercise \"8,2\" here. Near it: 8.2, 8.1. There are: 8.1, 8.2");
    assert_eq!(error("clock"), "there is no exercise \"clock\" here. There are: 8.1, 8.2");
    let error = format!("{:#}", desk.on(Some("tokio")).err().unwrap());
    assert_eq!(error, "this workspace is without \"tokio\": it has smol");
    assert_eq!(RUNTIMES.len(), 3);
}

#[test]
fn hints_come_one_by_one() {
    let handout = Handout::new();
    let hint = || {
        let desk = handout.desk();
        console::strip_ansi_codes(&hint::one_more(&desk, piece(&desk, "8.2").one).unwrap()).into_owned()
    };
    assert_eq!(hint(), "8.2: hint 1 of 3\n  a");
    assert_eq!(hint(), "8.2: hint 2 of 3\n  b");
    assert_eq!(hint(), "8.2: hint 3 of 3\n  c");
    assert!(hint().starts_with("There are no more hints for 8.2"), "{}", hint());
}

fn reset(handout: &Handout, id: &str) {
    let desk = handout.desk();
    let reset = reset::put_back(&desk, &[piece(&desk, id)]).unwrap();
    assert!(reset.is_some());
}

#[test]
fn a_reset_takes_out_one_exercise_and_keeps_what_was_there() {
    let handout = Handout::new();
    handout.write(&TEXT.replace("Given.", "Changed."));
    handout.solve("todo!(\"8.1: write one\");");
    handout.solve("Err(\"8.2: not that\")");
    let before = handout.text();
    let desk = handout.desk();
    let diffs = diff::diffs(&desk, piece(&desk, "8.1"));
    let diff = console::strip_ansi_codes(&diffs[0]).into_owned();
    assert!(diff.contains("\n-    todo!(\"8.1: write one\");\n+    solution()\n"), "{diff}");
    assert!(!diff.contains("8.2"), "{diff}");

    reset(&handout, "8.1");
    assert_eq!(handout.text(), before.replacen("solution()", "todo!(\"8.1: write one\");", 1));
    let backups: Vec<_> = fs::read_dir(handout.root().join(".homework/backup")).unwrap().collect();
    let kept = backups[0].as_ref().unwrap().path().join(FILE);
    assert_eq!((backups.len(), fs::read_to_string(kept).unwrap()), (1, before));
    assert_eq!(standing(&handout, "8.2"), (Standing::Begun, false));
}

#[test]
fn a_reset_brings_markers_back() {
    let handout = Handout::new();
    handout.desk();
    handout.solve("Err(\"8.2: not that\")");
    let solved = handout.text();
    // One of two, both of one, and one of a hole of somebody else.
    for lost in ["    // ANCHOR_END: 8.1-one\n", "    // ANCHOR: 8.1-two\n"] {
        handout.write(&solved.replace(lost, ""));
        let desk = handout.desk();
        let faults = desk.faults(piece(&desk, "8.1"));
        assert!(faults.len() == 1 && faults[0].starts_with(&format!("{FILE}:")), "{faults:?}");
        reset(&handout, "8.1");
        assert_eq!(handout.text(), solved, "without {lost}");
    }
    let gone = ["    // ANCHOR: 8.1-two\n", "    // ANCHOR_END: 8.1-two\n"];
    handout.write(&gone.iter().fold(solved.clone(), |text, line| text.replace(line, "")));
    let desk = handout.desk();
    assert_eq!(desk.faults(piece(&desk, "8.1")), ["clock: the markers of `8.1-two` are gone"]);
    assert_eq!(desk.faults(piece(&desk, "8.2")), Vec::<String>::new());
    reset(&handout, "8.1");
    assert_eq!(handout.text(), solved);
}

#[test]
fn markers_that_never_were_in_order_are_an_error() {
    let handout = Handout::new();
    handout.write(&TEXT.replace("    // ANCHOR_END: 8.1-one\n", ""));
    let desk = handout.desk();
    let error = format!("{:#}", reset::put_back(&desk, &[piece(&desk, "8.1")]).err().unwrap());
    assert!(error.starts_with(&format!("{FILE}:9: `8.1-two` begins within `8.1-one`")), "{error}");
    assert!(error.contains("mend them by hand"), "{error}");
}
