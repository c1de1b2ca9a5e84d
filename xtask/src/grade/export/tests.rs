use std::fs;
use std::path::{Path, PathBuf};

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;

use super::*;
use crate::grade::tests::{HOSTILE, hostile, sample};

/// What Classroom 50's runner sets.
fn runner(name: &str) -> Option<String> {
    let value = match name {
        "CLASSROOM" => "cs-principles",
        "ASSIGNMENT" => "concurrency",
        "ASSIGNMENT_TYPE" => "individual",
        "USERNAME" => "alice",
        "SUBMISSION_TAG" => "submit/2026-01-02T03-04-05Z-a1b2c3d",
        "COMMIT_URL" => "https://example.org/commit/a1b2c3d",
        "RELEASE_URL" => "https://example.org/releases/tag/submit",
        _ => return None,
    };
    Some(value.to_owned())
}

fn found(graded: Graded) -> Found {
    Found { file: PathBuf::from(format!("{}.json", graded.student)), graded }
}

/// The only document of one result.
fn document(graded: Graded, format: Format) -> String {
    documents(&[found(graded)], format, runner).unwrap().remove(0).1
}

/// The faults of `document` by the schema `name` in tests/schemas.
fn faults(name: &str, document: &Value) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
    let schema = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn gradescope_takes_it() {
    let json: Value = serde_json::from_str(&document(sample("alice"), Format::Gradescope)).unwrap();
    assert_eq!(faults("gradescope-results.json", &json), [""; 0]);
    assert_eq!((&json["score"], &json["execution_time"]), (&13.33.into(), &13.into()));
    let tests = json["tests"].as_array().unwrap();
    let brief = |n: usize| {
        ["number", "name", "status"].map(|field| tests[n][field].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(brief(0), ["1", "8.2 on smol: A clock server", "passed"]);
    assert_eq!(brief(1), ["2", "8.2 on tokio: A clock server", "failed"]);
    assert_eq!(tests[0]["output"], "2/2 checks passed");
    assert!(tests[1]["output"].as_str().unwrap().starts_with("clock does not build:\nerror[E0308]"));
    let wall = "1/3 checks passed\n\nex8.1/wall\n    expected \"12:00\"\n         got \"<none>\"\n\nex8.1/names\n    no output";
    assert_eq!((&tests[2]["output"], &tests[2]["score"]), (&wall.into(), &3.33.into()));
}

#[test]
fn classroom50_takes_it() {
    let json: Value = serde_json::from_str(&document(sample("folder"), Format::Classroom50)).unwrap();
    assert_eq!(faults("classroom50-result-v1.json", &json), [""; 0]);
    assert_eq!((&json["owner"], &json["review"]), (&"alice".into(), &json["commit"]));
    assert_eq!((&json["score"], &json["max-score"]), (&13.into(), &25.into()));
    assert_eq!(json["graded_at"], "2026-01-02T03:04:17Z");
    let mut nearly = sample("alice");
    nearly.exercises[0].earned = 9.9;
    let json: Value = serde_json::from_str(&document(nearly, Format::Classroom50)).unwrap();
    assert_eq!(json["tests"][0]["score"], 9, "all points are of whom nothing failed");
    assert_eq!(json["tests"][0]["earned"], 9.9);
}

#[test]
fn classroom50_is_for_its_runner() {
    let one = [found(sample("alice"))];
    let error = documents(&one, Format::Classroom50, |_| None).unwrap_err().to_string();
    assert!(error.contains("COMMIT_URL is not set"), "{error}");
    let two = [found(sample("alice")), found(sample("bob"))];
    let error = documents(&two, Format::Classroom50, runner).unwrap_err().to_string();
    assert!(error.contains("one result at a time"), "{error}");
}

#[test]
fn junit_is_read_again() {
    let mut infra = sample("bob");
    infra.infra = Some("the disk is full".to_owned());
    let class = [sample("alice"), infra, hostile()];
    let xml = junit::render(&class.iter().collect::<Vec<_>>()).unwrap();
    let report = Report::deserialize_from_str(&xml).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (13, 4, 3));
    let suites = &report.test_suites;
    let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["alice", "bob", "=HYPERLINK(\"http:x\",\"a|b\")"]);
    let cases: Vec<(&str, bool)> = suites[0]
        .test_cases
        .iter()
        .map(|case| (case.name.as_str(), matches!(case.status, TestCaseStatus::Success { .. })))
        .collect();
    let expected = [
        ("8.2/line_at_once", true),
        ("8.2/ends", true),
        ("8.2/builds", false),
        ("ex8.1/wall", false),
        ("ex8.1/order", true),
        ("ex8.1/names", false),
    ];
    assert_eq!(cases, expected);
    let TestCaseStatus::NonSuccess { description: Some(said), .. } = &suites[2].test_cases[3].status else {
        panic!("{:?}", suites[2].test_cases[3]);
    };
    assert!(said.as_str().contains("]]> <!-- &") && said.as_str().contains("<script>"), "{said:?}");
}

#[test]
fn no_export_says_what_a_terminal_or_ci_obeys() {
    for format in Format::value_variants() {
        let text = document(hostile(), *format);
        assert!(text.len() < 100_000, "{format:?} has {} bytes", text.len());
        let obeyed = text.lines().find(|line| line.trim_start().starts_with("::"));
        assert_eq!(obeyed, None, "{format:?}");
        for wrong in ["##[", "##vso[", "\x1b", "\u{7}", "\u{202e}", "\\u001b", "\\u0007", "\\u0000", "&#27;"]
        {
            assert!(!text.contains(wrong), "{wrong:?} is in {format:?}:\n{text}");
        }
    }
    assert!(HOSTILE.contains("\n::set-output") && HOSTILE.contains("\x1b]0;"));
}

#[test]
fn a_fault_of_the_grader_is_no_zero() {
    let mut infra = sample("alice");
    infra.infra = Some("the disk is full".to_owned());
    for format in [Format::Gradescope, Format::Classroom50] {
        assert_eq!(documents(&[found(infra.clone())], format, runner).unwrap(), []);
    }
    for format in [Format::Junit, Format::Markdown, Format::Csv] {
        let text = document(infra.clone(), format);
        assert!(!text.contains("13.33") && !text.contains(" 0 "), "{text}");
    }
}

#[test]
fn a_folder_or_a_file() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(place(dir.path(), "grades.csv"), dir.path().join("grades.csv"));
    assert_eq!(place(Path::new("new/"), "grades.csv"), Path::new("new/grades.csv"));
    assert_eq!(place(Path::new("new.csv"), "grades.csv"), Path::new("new.csv"));
}
