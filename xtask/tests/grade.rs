//! `cargo xtask grade`, from outside: who has solved the exercises has the points, and who cheats has none and harms
//! nothing.

#[path = "grade/class.rs"]
mod class;

use std::process::Command;

use class::{Class, Graded};

/// What is quick: an end to end of everything, and a cheat of each kind that would harm others.
#[test]
fn who_solves_it_has_the_points_and_who_cheats_has_none() {
    let mut class = Class::new("quick");
    class.solved("honest");
    class.untouched("idle");
    for cheat in ["kills", "includes_a_submission", "other_files", "reads"] {
        class.cheat(cheat);
    }
    class.linked("linked", "honest");
    let graded = class.grade(&[], 0);
    assert_eq!(graded["honest"]["isolation"], strongest());
    class.has_all_points(&graded, "honest");
    for student in class.others("honest") {
        class.has_no_points(&graded, &student);
    }
    class.unharmed();
    let notes = |student: &str| graded[student]["notes"].to_string();
    for told in
        ["du/Cargo.toml was changed", "du/build.rs is not in the template", ".cargo/config.toml was changed"]
    {
        assert!(notes("other_files").contains(told), "{told:?} is not in {}", notes("other_files"));
    }
    assert!(
        notes("linked").contains("du/src/runtime/smol/mod.rs: a link is on the way to it"),
        "{}",
        notes("linked")
    );
    resumed(&class, &graded);
    landlock_alone();
}

/// The isolation that is possible here: a grader that takes less has found a fault in the strongest.
fn strongest() -> &'static str {
    let mut bubblewrap = Command::new("bwrap");
    bubblewrap.args([
        "--unshare-all",
        "--uid",
        "1000",
        "--gid",
        "1000",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
        "true",
    ]);
    match bubblewrap.output() {
        Ok(ended) if ended.status.success() => "namespaces",
        _ => "landlock",
    }
}

/// What is there already is not graded again.
fn resumed(class: &Class, graded: &Graded) {
    let again = class.grade(&["--resume"], 0);
    for (student, result) in graded {
        assert_eq!(again[student]["started"], result["started"], "{student} was graded again");
    }
}

/// Where there is no bubblewrap. Here, since a test beside this one would build all once more.
fn landlock_alone() {
    let mut class = Class::new("quick-landlock");
    class.solved("honest");
    class.cheat("reads");
    let graded = class.grade(&["--isolation", "landlock"], 0);
    class.has_all_points(&graded, "honest");
    class.has_no_points(&graded, "reads");
    class.unharmed();
}

#[test]
#[ignore = "takes many minutes"]
fn no_cheat_has_a_point_or_harms_anything_in_namespaces() {
    all_cheats("namespaces");
}

#[test]
#[ignore = "takes many minutes"]
fn no_cheat_has_a_point_or_harms_anything_with_landlock() {
    all_cheats("landlock");
}

/// All of the cheats, within this kind of isolation.
fn all_cheats(level: &str) {
    let mut class = Class::new(level);
    class.solved("honest");
    for cheat in Class::cheats() {
        class.cheat(&cheat);
    }
    let graded = class.grade(&["--isolation", level], 0);
    class.has_all_points(&graded, "honest");
    for student in class.others("honest") {
        class.has_no_points(&graded, &student);
    }
    class.unharmed();
}
