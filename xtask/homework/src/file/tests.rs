use std::collections::BTreeMap;

use super::*;
use crate::assignment::Stub;

const RUNTIMES: [&str; 3] = ["tokio", "async-std", "smol"];

/// An assignment of this id, to which nothing is to be said.
fn assignment(id: &str) -> Assignment {
    let hole = format!("{id}-hole");
    Assignment {
        id: id.to_owned(),
        title: "title".to_owned(),
        task: "task".to_owned(),
        points: 1,
        hints: ["a", "b", "c"].map(str::to_owned).to_vec(),
        compare: None,
        holes: vec![hole.clone()],
        checks: vec![id.to_owned()],
        given: Vec::new(),
        proved_by: BTreeMap::new(),
        builds_on: Vec::new(),
        todo: BTreeMap::from([(hole, "what to write".to_owned())]),
        stubs: BTreeMap::new(),
    }
}

fn strings<const N: usize>(all: [&str; N]) -> Vec<String> {
    all.map(str::to_owned).to_vec()
}

/// What is wrong with the whole chapter when `change` is done to its 8.2.
fn chapter_faults(change: impl FnOnce(&mut Assignment)) -> Vec<String> {
    let mut list: Vec<Assignment> = CHAPTER.map(assignment).to_vec();
    change(&mut list[1]);
    faults(&[Assignments { of: "clock", list }], &RUNTIMES)
}

#[test]
fn each_rule_of_the_file_is_told_when_it_is_broken() {
    type Change = fn(&mut Assignment);
    let cases: [(Change, &[&str]); 16] = [
        (|_| {}, &[]),
        (
            |one| {
                one.id = "8.22".to_owned();
                one.holes = strings(["8.22-hole"]);
                one.todo = BTreeMap::from([("8.22-hole".to_owned(), "x".to_owned())]);
            },
            &[
                "clock/exercises.toml: 8.22: no section or exercise of the chapter has this id",
                "no exercises.toml has the chapter's 8.2",
            ],
        ),
        (|one| one.title = " ".to_owned(), &["clock/exercises.toml: 8.2: `title` is empty"]),
        (|one| one.task = String::new(), &["clock/exercises.toml: 8.2: `task` is empty"]),
        (|one| one.points = 0, &["clock/exercises.toml: 8.2: `points` is 0"]),
        (
            |one| one.hints = strings(["a", "b"]),
            &["clock/exercises.toml: 8.2: `hints` are 3, and none is empty"],
        ),
        (
            |one| one.hints[1] = "\n".to_owned(),
            &["clock/exercises.toml: 8.2: `hints` are 3, and none is empty"],
        ),
        (|one| one.checks.clear(), &["clock/exercises.toml: 8.2: it has at least a hole and a check"]),
        (
            |one| one.todo.clear(),
            &["clock/exercises.toml: 8.2: neither `todo` nor `stubs` has the hole `8.2-hole` on tokio"],
        ),
        (
            |one| {
                one.todo.clear();
                let stub = BTreeMap::from([("tokio".to_owned(), "x".to_owned())]);
                one.stubs.insert("8.2-hole".to_owned(), Stub::Each(stub));
            },
            &["clock/exercises.toml: 8.2: neither `todo` nor `stubs` has the hole `8.2-hole` on async-std"],
        ),
        (
            |one| {
                let stub = BTreeMap::from([("go".to_owned(), "x".to_owned())]);
                one.stubs.insert("8.2-hole".to_owned(), Stub::Each(stub));
            },
            &["clock/exercises.toml: 8.2: `stubs` has `go`, which is no runtime"],
        ),
        (
            |one| _ = one.todo.insert("8.2-other".to_owned(), "x".to_owned()),
            &["clock/exercises.toml: 8.2: `todo` has `8.2-other`, which is not among its `holes`"],
        ),
        (
            |one| _ = one.proved_by.insert("8.2-other".to_owned(), Vec::new()),
            &["clock/exercises.toml: 8.2: `proved_by` has `8.2-other`, which is not among its `holes`"],
        ),
        (
            |one| {
                one.holes = strings(["8.22-hole"]);
                one.todo = BTreeMap::from([("8.22-hole".to_owned(), "x".to_owned())]);
            },
            &["clock/exercises.toml: 8.2: the name of the hole `8.22-hole` does not begin with `8.2-`"],
        ),
        (
            |one| one.builds_on = strings(["8.22"]),
            &["clock/exercises.toml: 8.2: it builds on `8.22`, which there is not"],
        ),
        (
            |one| one.builds_on = strings(["8.2"]),
            &["clock/exercises.toml: 8.2: it builds on itself, in a circle of `builds_on`"],
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(chapter_faults(change), expected);
    }
}

#[test]
fn a_wide_circle_is_told_by_each_that_is_in_it() {
    let mut list: Vec<Assignment> = CHAPTER.map(assignment).to_vec();
    list[0].builds_on = strings(["8.2"]);
    list[1].builds_on = strings(["8.3"]);
    list[2].builds_on = strings(["8.2"]);
    let told = ["8.2", "8.3"]
        .map(|id| format!("clock/exercises.toml: {id}: it builds on itself, in a circle of `builds_on`"));
    assert_eq!(faults(&[Assignments { of: "clock", list }], &RUNTIMES), told);
}

#[test]
fn an_id_is_in_one_crate() {
    let list: Vec<Assignment> = CHAPTER.map(assignment).to_vec();
    let all =
        [Assignments { of: "clock", list }, Assignments { of: "echo", list: vec![assignment("ex8.3")] }];
    let told =
        ["ex8.3 is there 2 times: in clock, echo", "echo/exercises.toml: ex8.3: a second hole `ex8.3-hole`"];
    assert_eq!(faults(&all, &RUNTIMES), told);
}

#[test]
fn a_field_that_nobody_knows_is_an_error() {
    let error = Assignments::parse("[[exercise]]\nid = \"8.2\"\npoint = 3\n", "clock").err().unwrap();
    let error = format!("{error:#}");
    assert!(error.starts_with("clock/exercises.toml: ") && error.contains("point"), "{error}");
}

/// What is wrong with the claims of 8.2 and ex8.1 when these are the checks.
fn claim_faults(change: impl FnOnce(&mut Assignment)) -> Vec<String> {
    let mut list = vec![assignment("8.2"), assignment("ex8.1")];
    change(&mut list[0]);
    let all = strings(["8.2/line", "8.2/port", "ex8.1/wall"]).into_iter().collect();
    Assignments { of: "clock", list }.claim_faults(&all)
}

#[test]
fn each_check_belongs_to_one_assignment() {
    assert_eq!(claim_faults(|_| {}), Vec::<String>::new());
    assert_eq!(claim_faults(|one| one.given = strings(["8.2/port"])), Vec::<String>::new());
    // By its name, from the section of another.
    let named = |one: &mut Assignment| one.checks.push("ex8.1/wall".to_owned());
    assert_eq!(claim_faults(named), ["clock/exercises.toml: ex8.1: no check is left to prove it"]);
    assert_eq!(
        claim_faults(|one| one.checks = strings(["8.2/line"])),
        ["clock/exercises.toml: the check `8.2/port` belongs to no exercise"]
    );
    assert_eq!(
        claim_faults(|one| one.checks.push("ex8.1".to_owned())),
        ["clock/exercises.toml: the check `ex8.1/wall` belongs to 8.2 and ex8.1: only one may have it"]
    );
    let mut list = vec![assignment("8.2"), assignment("ex8.1")];
    list.iter_mut().for_each(|one| one.checks.push("8.2/line".to_owned()));
    let all = strings(["8.2/line", "ex8.1/wall"]).into_iter().collect();
    assert_eq!(
        Assignments { of: "clock", list }.claim_faults(&all),
        ["clock/exercises.toml: the check `8.2/line` belongs to 8.2 and ex8.1: only one may have it"]
    );
    assert_eq!(
        claim_faults(|one| one.checks.push("8.2/lime".to_owned())),
        ["clock/exercises.toml: 8.2: it claims `8.2/lime`, and there is no such check"]
    );
    assert_eq!(
        claim_faults(|one| one.given = strings(["8.2"])),
        ["clock/exercises.toml: 8.2: no check is left to prove it"]
    );
}

#[test]
fn a_hole_is_proved_by_checks_of_its_assignment() {
    let prove = |by: &[&str]| {
        let by: Vec<String> = by.iter().map(|&check| check.to_owned()).collect();
        claim_faults(|one| _ = one.proved_by.insert("8.2-hole".to_owned(), by))
    };
    assert_eq!(prove(&["8.2"]), Vec::<String>::new());
    assert_eq!(prove(&["8.2/line"]), ["clock/exercises.toml: 8.2: `8.2/port` proves none of its holes"]);
    assert_eq!(
        prove(&["8.2", "ex8.1/wall"]),
        ["clock/exercises.toml: 8.2: `8.2-hole` is proved by `ex8.1/wall`, which is not among its `checks`"]
    );
}

#[test]
fn checks_of_an_assignment_are_its_proofs_and_what_is_given() {
    let mut list = vec![assignment("8.2"), assignment("ex8.1")];
    list[0].given = strings(["8.2/port"]);
    list[1].checks.push("8.2/wall".to_owned());
    let all = strings(["8.2/line", "8.2/port", "8.2/wall", "ex8.1/wall"]).into_iter().collect();
    let of = Assignments { of: "clock", list };
    assert_eq!(of.checks_of("8.2", &all), [("8.2/line", false), ("8.2/port", true)]);
    assert_eq!(of.checks_of("ex8.1", &all), [("8.2/wall", false), ("ex8.1/wall", false)]);
    assert_eq!(of.checks_of("8.3", &all), []);
}

#[test]
fn an_empty_hole_says_what_to_write() {
    let mut one = assignment("8.2");
    let replacement = |one: &Assignment, runtime| one.replacement("8.2-hole", runtime);
    assert_eq!(replacement(&one, "smol").as_deref(), Some("todo!(\"8.2: what to write\")"));
    let stub = BTreeMap::from([("smol".to_owned(), "pending().await\n".to_owned())]);
    one.stubs.insert("8.2-hole".to_owned(), Stub::Each(stub));
    assert_eq!(replacement(&one, "smol").as_deref(), Some("pending().await"));
    assert_eq!(replacement(&one, "tokio").as_deref(), Some("todo!(\"8.2: what to write\")"));
    assert_eq!(one.replacement("8.2-other", "tokio"), None);
}
