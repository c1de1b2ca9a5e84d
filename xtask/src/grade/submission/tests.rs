use std::os::unix::fs::symlink;

use rustix::fs::mkfifoat;
use tempfile::TempDir;

use super::*;

pub(in crate::grade) const ANSWER: &str = "clock/src/runtime/smol/serve.rs";
pub(in crate::grade) const GIVEN: &str = "// ANCHOR: 8.2-a\ntodo!(\"a\");\n// ANCHOR_END: 8.2-a\n";

/// A template with one hole, in clock on smol.
pub(in crate::grade) fn template() -> (TempDir, Template) {
    let dir = tempfile::tempdir().unwrap();
    for name in runner::exercises::EXERCISES.iter().map(|exercise| exercise.name) {
        fs::create_dir_all(dir.path().join(name).join("src/runtime/smol")).unwrap();
        fs::write(dir.path().join(name).join("exercises.toml"), "exercise = []\n").unwrap();
    }
    let exercise = "[[exercise]]\nid = '8.2'\ntitle = 't'\ntask = 't'\npoints = 1\nhints = []\nholes = ['8.2-a']\n\
                    checks = ['8.2']\n";
    fs::write(dir.path().join("clock/exercises.toml"), exercise).unwrap();
    fs::write(dir.path().join(ANSWER), GIVEN).unwrap();
    fs::write(dir.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    let template = Template::read(dir.path()).unwrap();
    (dir, template)
}

/// What is read of a submission that `make` has made, whose answer's folder is there.
fn read(make: impl FnOnce(&Path)) -> Submission {
    let (_dir, template) = template();
    let submission = tempfile::tempdir().unwrap();
    fs::create_dir_all(submission.path().join(ANSWER).parent().unwrap()).unwrap();
    fs::write(submission.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    make(submission.path());
    Submission::read(submission.path(), &template).unwrap()
}

fn text(submission: &Submission) -> &str {
    &submission.answers[Path::new(ANSWER)]
}

#[test]
fn the_files_with_holes_are_taken() {
    let handed_in = read(|dir| fs::write(dir.join(ANSWER), "mine\n").unwrap());
    assert_eq!(text(&handed_in), "mine\n");
    assert_eq!(handed_in.notes, [""; 0]);
}

#[test]
fn what_is_missing_or_no_text_is_the_templates() {
    let told = |make: &dyn Fn(&Path)| {
        let handed_in = read(make);
        assert_eq!(text(&handed_in), GIVEN);
        let [note] = &handed_in.notes[..] else { panic!("{:?}", handed_in.notes) };
        note.replace(ANSWER, "it")
    };
    assert_eq!(told(&|_| ()), "it: it is missing; the template's was taken");
    assert!(told(&|dir| fs::write(dir.join(ANSWER), [0xff]).unwrap()).contains("it is no UTF-8"));
    let large = vec![b'x'; 1 << 20];
    assert!(told(&|dir| fs::write(dir.join(ANSWER), &large).unwrap()).contains("it has 1024 KiB or more"));
    assert!(told(&|dir| fs::create_dir(dir.join(ANSWER)).unwrap()).contains("no regular file"));
    let fifo = |dir: &Path| mkfifoat(CWD, dir.join(ANSWER), Mode::RWXU).unwrap();
    assert!(told(&fifo).contains("no regular file"));
}

#[test]
fn no_link_is_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("serve.rs"), "somebody else's\n").unwrap();
    let file = read(|dir| symlink(outside.path().join("serve.rs"), dir.join(ANSWER)).unwrap());
    let folder = read(|dir| {
        let smol = dir.join(ANSWER).parent().unwrap().to_owned();
        fs::remove_dir(&smol).unwrap();
        symlink(outside.path(), smol).unwrap();
    });
    for handed_in in [&file, &folder] {
        assert_eq!(text(handed_in), GIVEN);
        assert!(handed_in.notes[0].contains("a link is on the way"), "{:?}", handed_in.notes);
    }
}

#[test]
fn what_is_of_no_effect_is_told_up_to_a_bound() {
    let handed_in = read(|dir| {
        fs::write(dir.join(ANSWER), "mine\n").unwrap();
        fs::write(dir.join("Cargo.toml"), "[workspace]\nmembers = []\n").unwrap();
        fs::create_dir_all(dir.join("target/debug")).unwrap();
        fs::write(dir.join("target/debug/x"), "").unwrap();
        for n in 0..50 {
            fs::write(dir.join(format!("more-{n:02}\u{1b}[2J")), "").unwrap();
        }
    });
    let notes = &handed_in.notes;
    assert_eq!(notes.len(), NOTES + 1);
    assert_eq!(notes[0], "Cargo.toml was changed; the template's was taken");
    assert_eq!(notes[1], "more-00\u{fffd}[2J is not in the template; it was not taken");
    assert_eq!(notes[NOTES], "31 more of this kind");
}
