use std::fs;
use std::path::PathBuf;

use super::result::{Check, Exercise, Graded, Isolation, SCHEMA};
use super::store;

/// A result with a bit of everything.
pub(super) fn sample(student: &str) -> Graded {
    let check = |name: &str, failure: Option<&str>| Check {
        name: name.to_owned(),
        passed: failure.is_none(),
        given: false,
        seconds: 0.25,
        failure: failure.map(str::to_owned),
    };
    let exercise = |id: &str, runtime: &str, points, earned, checks| Exercise {
        id: id.to_owned(),
        title: if id == "8.2" { "A clock server" } else { "A wall of clocks" }.to_owned(),
        of: "clock".to_owned(),
        runtime: runtime.to_owned(),
        points,
        earned,
        not_built: None,
        checks,
    };
    let mut broken = exercise("8.2", "tokio", 10, 0.0, Vec::new());
    broken.not_built = Some("error[E0308]: mismatched types\n  --> clock/src/serve.rs:1".to_owned());
    let wall = "expected \"12:00\"\n     got \"<none>\"";
    Graded {
        schema: SCHEMA,
        student: student.to_owned(),
        template: "sha256:0123".to_owned(),
        isolation: Isolation::Namespaces,
        started: "2026-01-02T03:04:05Z".to_owned(),
        seconds: 12.5,
        exercises: vec![
            exercise("8.2", "smol", 10, 10.0, vec![check("8.2/line_at_once", None), check("8.2/ends", None)]),
            broken,
            exercise(
                "ex8.1",
                "smol",
                5,
                3.33,
                vec![
                    check("ex8.1/wall", Some(wall)),
                    check("ex8.1/order", None),
                    check("ex8.1/names", Some("no output")),
                ],
            ),
        ],
        notes: vec!["clock/Cargo.toml differs from the template: not taken".to_owned()],
        infra: None,
    }
}

/// Words that want to be more than words, wherever a student can put them.
pub(super) const HOSTILE: &str = "`` <script>alert(1)</script> @team #1 [x](http:y) | a || b ` c \\| **d** end`\n\
    ::set-output name=grade::100\n##[error]no\n##vso[task.complete]\n\x1b]0;mine\x07\x1b[2J]]> <!-- & \u{202e}\u{0}";

/// A result full of [`HOSTILE`] words, of a student with a name like that.
pub(super) fn hostile() -> Graded {
    let mut graded = sample("=HYPERLINK(\"http:x\",\"a|b\")");
    graded.notes = vec![HOSTILE.to_owned()];
    graded.exercises[1].not_built = Some(HOSTILE.repeat(1_000));
    graded.exercises[2].checks[0].failure = Some(HOSTILE.to_owned());
    graded.exercises[2].checks[2].failure = Some(HOSTILE.repeat(1_000));
    graded
}

#[test]
fn the_committed_schema_is_the_one_of_these_types() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema/grade-1.json");
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Graded)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&file, &schema).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(committed, schema, "run `UPDATE_SCHEMA=1 cargo test -p xtask schema` and commit the file");
    let value: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&value).unwrap();
    for graded in [sample("alice"), hostile()] {
        assert!(validator.is_valid(&serde_json::to_value(&graded).unwrap()));
    }
}

#[test]
fn what_is_saved_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["bob", "alice.smith"] {
        sample(name).save(dir.path()).unwrap();
    }
    let found = store::all(&[dir.path().to_owned()]).unwrap();
    let names: Vec<&str> = found.iter().map(|found| &*found.graded.student).collect();
    assert_eq!(names, ["alice.smith", "bob"]);
    assert_eq!(found[1].graded, sample("bob"));
    assert_eq!(store::all(&[dir.path().join("results/bob.json")]).unwrap().len(), 1);
    assert_eq!((found[0].graded.earned(), found[0].graded.points()), (13.33, 25));
}

#[test]
fn what_is_no_result_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = |place: PathBuf| format!("{:#}", store::all(&[place]).unwrap_err());
    assert!(error(dir.path().to_owned()).contains("no results"));
    assert!(error(dir.path().join("none.json")).contains("none.json"));
    let json = serde_json::to_string(&sample("alice")).unwrap();
    for (wrong, told) in [
        (json.replace("\"schema\":1", "\"schema\":2"), "got 2"),
        (json.replace("\"schema\":1,", ""), "got none"),
        (json.replace("\"points\"", "\"point\""), "point"),
        (json.replace("\"alice\"", "\"../alice\""), "no name of a folder"),
        (json.replace("\"alice\"", "\"\""), "no name of a folder"),
        (json.replace("\"alice\"", "\"a\\u001b[2J\""), "no name of a folder"),
        ("{".to_owned(), "wrong.json"),
    ] {
        let file = dir.path().join("wrong.json");
        fs::write(&file, wrong).unwrap();
        let error = error(file);
        assert!(error.contains(told) && error.contains("wrong.json"), "{told:?} is not in {error}");
    }
}

#[test]
fn points_read_well() {
    assert_eq!([0.0, 10.0, 7.5, 3.333, 100.0].map(store::shown), ["0", "10", "7.5", "3.33", "100"]);
}
