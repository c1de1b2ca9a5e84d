use super::*;
use runner::cargo::Cargo;

#[test]
fn the_homework_is_whole() {
    let cargo = Cargo::load().unwrap();
    if let Err(error) = Homework::load(cargo.root()) {
        panic!("{error:#}");
    }
}

const TOML: &str = r#"
[[exercise]]
id = "8.2"
title = "A server"
task = "Write the accept loop."
points = 3
hints = ["a", "b", "c"]
holes = ["8.2-accept-loop"]
checks = ["8.2"]
todo = { "8.2-accept-loop" = "take clients in" }
"#;

const HOLE: &str = "\
fn accept_loop() {
    // ANCHOR: 8.2-accept-loop
    let accepted = listener.accept();
    // ANCHOR_END: 8.2-accept-loop
}
";

/// A crate of which each runtime has the one file, as it is after `change` of the runtime's.
fn texts(change: impl Fn(&str, &str) -> String) -> Texts {
    let file = |runtime: &Runtime| {
        let path = Path::new("clock/src/runtime").join(runtime.module).join("serve.rs");
        Files::from([(path, change(runtime.name, HOLE))])
    };
    let runtimes = RUNTIMES.iter().map(|runtime| (runtime, file(runtime))).collect();
    Texts { runtimes, shared: Files::new() }
}

fn faults(toml: &str, texts: &Texts) -> Vec<String> {
    hole_faults(&Assignments::parse(toml, "clock").unwrap(), texts)
}

fn same(_: &str, text: &str) -> String {
    text.to_owned()
}

/// `change` on smol alone.
fn on_smol(change: impl Fn(&str) -> String) -> Texts {
    texts(|runtime, text| if runtime == "smol" { change(text) } else { text.to_owned() })
}

#[test]
fn a_hole_is_in_each_runtime() {
    assert_eq!(faults(TOML, &texts(same)), Vec::<String>::new());
    let lacks = ["clock/exercises.toml: 8.2: smol lacks the hole `8.2-accept-loop`"];
    let none = on_smol(|_| String::new());
    assert_eq!(faults(TOML, &none), lacks);
}

#[test]
fn a_hole_may_be_in_what_all_share_instead() {
    let mut shared = texts(|_, _| String::new());
    shared.shared.insert("clock/src/tick.rs".into(), HOLE.to_owned());
    assert_eq!(faults(TOML, &shared), Vec::<String>::new());
    let mut both = on_smol(|_| String::new());
    both.shared.insert("clock/src/tick.rs".into(), HOLE.to_owned());
    let twice = |runtime| {
        format!(
            "clock/exercises.toml: 8.2: the hole `8.2-accept-loop` is in what all share, and on {runtime} too"
        )
    };
    assert_eq!(faults(TOML, &both), [twice("tokio"), twice("async-std")]);
}

#[test]
fn a_hole_that_nobody_names_is_told() {
    let renamed = on_smol(|text| text.replace("8.2-accept-loop", "8.2-other"));
    let told = [
        "clock/src/runtime/smol/serve.rs: no exercise of clock has the hole `8.2-other`",
        "clock/exercises.toml: 8.2: smol lacks the hole `8.2-accept-loop`",
    ];
    assert_eq!(faults(TOML, &renamed), told);
}

#[test]
fn a_wrong_marker_is_told_with_its_place() {
    let open = on_smol(|text| text.replace("    // ANCHOR_END: 8.2-accept-loop\n", ""));
    let told = faults(TOML, &open);
    assert_eq!(told[0], "clock/src/runtime/smol/serve.rs:2: `8.2-accept-loop` has no end");
}

#[test]
fn a_hole_in_two_files_is_told() {
    let mut twice = texts(same);
    twice.runtimes[2].1.insert("clock/src/runtime/smol/watch.rs".into(), HOLE.to_owned());
    assert_eq!(faults(TOML, &twice), ["clock/src/runtime/smol/watch.rs: a second hole `8.2-accept-loop`"]);
}

#[test]
fn a_hint_gives_no_line_away() {
    let told = TOML.replace("\"c\"", "\"try let accepted = listener.accept(); there\"");
    let line = "clock/exercises.toml: 8.2: it gives away `let accepted = listener.accept();` of the hole \
                `8.2-accept-loop`";
    assert_eq!(faults(&told, &texts(same)), [line; 3]);
}

#[test]
fn what_a_todo_says_fits_a_line() {
    let long = TOML.replace("take clients in", &"word ".repeat(20));
    let told = faults(&long, &texts(same));
    assert_eq!(told.len(), 3);
    let begin = "clock/src/runtime/tokio/serve.rs: longer than 110 while its holes are empty: todo!(";
    assert!(told[0].starts_with(begin), "{}", told[0]);
}
