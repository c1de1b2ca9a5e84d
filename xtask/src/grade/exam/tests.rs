use super::*;

const STARTED: &str = r#"{"type":"suite","event":"started","test_count":1}"#;

fn read(lines: &[&str]) -> Verdict {
    Verdict::read(lines.join("\n").as_bytes(), "8.2/a/smol")
}

#[test]
fn a_verdict_is_what_the_check_itself_says() {
    let passed = r#"{"type":"test","name":"8.2/a/smol","event":"ok"}"#;
    let failed = r#"{"type":"test","name":"8.2/a/smol","event":"failed","stdout":"Error: \"expected\"\n"}"#;
    assert_eq!(read(&[STARTED, passed]), Verdict::Passed);
    assert_eq!(read(&[STARTED, failed]), Verdict::Failed("expected".into()));
    assert_eq!(read(&[STARTED]), Verdict::Begun);
    assert_eq!(read(&[STARTED, r#"{"type":"test","name":"8.2/b/smol","event":"ok"}"#]), Verdict::Begun);
    assert_eq!(read(&[STARTED, failed, passed]), Verdict::Failed("expected".into()));
}

#[test]
fn what_did_not_begin_is_no_verdict_about_a_program() {
    assert_eq!(read(&[]), Verdict::NotBegun);
    assert_eq!(read(&["bwrap: no"]), Verdict::NotBegun);
    let none = r#"{"type":"suite","event":"started","test_count":0}"#;
    assert_eq!(read(&[none, r#"{"type":"suite","event":"ok"}"#]), Verdict::NotBegun);
}

#[test]
fn what_confines_a_program_is_not_what_failed() {
    let command =
        ["/x/launcher", "confine", "/x/policy.json", "/x/clock", "--runtime", "smol"].map(str::to_owned);
    let failure = "stderr of `/x/launcher confine /x/policy.json /x/clock --runtime smol serve`";
    assert_eq!(said(failure, &command, "clock"), "stderr of `clock --runtime smol serve`");
}

#[test]
fn what_is_kept_is_bounded_and_harmless() {
    assert_eq!(bounded("a\u{1b}[31mb\n"), "a\u{fffd}[31mb\n");
    assert!(bounded(&"ä".repeat(10_000)).chars().count() < TOLD + 20);
}
