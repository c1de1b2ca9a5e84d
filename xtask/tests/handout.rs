//! A handout, made by the command as a teacher makes it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn handout(args: &[&str], out: &Path) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir(root).arg("handout").args(args).arg("--out").arg(out);
    command.output().unwrap()
}

fn git(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("git").current_dir(dir).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn read(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join(path)).unwrap()
}

#[test]
fn a_handout_for_one_runtime() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("course");
    let output = handout(&["--runtime", "smol", "--zip"], &out);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "a folder and an archive, and nothing else");

    let serve = read(&out, "clock/src/runtime/smol/serve.rs");
    assert!(serve.contains("    // ANCHOR: 8.2-accept-loop\n    todo!(\"8.2: "), "{serve}");
    assert!(!serve.contains("backoff::accept()"), "{serve}");
    assert!(!read(&out, "clock/src/runtime/mod.rs").contains("feature = \"tokio\""));
    assert!(!read(&out, "clock/Cargo.toml").contains("async-std"));
    assert!(!read(&out, "Cargo.lock").contains("name = \"async-std\""));
    assert!(read(&out, "README.md").contains("| `clock/src/runtime/smol/serve.rs` | 8.2 |"));
    for absent in
        ["clock/src/runtime/tokio", "xtask/src", "xtask/homework/wrong", "CONTRIBUTING.md", "target"]
    {
        assert!(!out.join(absent).exists(), "{absent} is in it");
    }

    assert_eq!(git(&out, &["log", "--format=%an %P"]), "ch8 \n", "one commit without parents");
    assert_eq!(git(&out, &["remote"]), "");
    assert_eq!(git(&out, &["status", "--porcelain"]), "");
    let archive = fs::File::open(dir.path().join("course.zip")).unwrap();
    let archive = zip::ZipArchive::new(archive).unwrap();
    let packed: BTreeSet<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let tracked = git(&out, &["ls-files"]).lines().map(|name| format!("course/{name}")).collect();
    assert_eq!(packed, tracked);
}

#[test]
fn what_is_there_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let output = handout(&[], dir.path());
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("there is something at"), "{told}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn an_exercise_that_there_is_not_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let output = handout(&["--only", "8.99"], &dir.path().join("course"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("there is no exercise \"8.99\"; there are 8.1, "), "{told}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
