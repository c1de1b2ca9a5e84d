//! A class whose homework is `du` on smol, and what came of it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use homework::Homework;
use homework::markers::Source;
use serde_json::Value;

/// The crate that is the homework.
const OF: &str = "du";

const SECRET: &str = "a secret that nobody may read";

/// What somebody's process looks like that is still there afterwards.
const LEFT: &str = "987654";

/// Results by student.
pub(crate) type Graded = BTreeMap<String, Value>;

pub(crate) struct Class {
    dir: PathBuf,
    students: Vec<String>,
}

impl Class {
    /// A class without students; its folder is one of the target folder and begins anew.
    pub(crate) fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade").join(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).unwrap();
        }
        fs::create_dir_all(dir.join("class")).unwrap();
        fs::write(dir.join("canary"), SECRET).unwrap();
        let class = Self { dir, students: Vec::new() };
        class.make_template();
        class
    }

    /// A student whose solution is the workspace's own.
    pub(crate) fn solved(&mut self, student: &str) {
        let to = self.untouched(student);
        for file in answers() {
            let text = fs::read_to_string(workspace().join(&file)).unwrap();
            // Other than what is in the template, where that is no hole too.
            fs::write(to.join(&file), text).unwrap();
        }
    }

    /// A student who has done nothing.
    pub(crate) fn untouched(&mut self, student: &str) -> PathBuf {
        let to = self.dir.join("class").join(student);
        copy(&self.dir.join("template"), &to);
        self.students.push(student.to_owned());
        to
    }

    /// A student whose files are links to those of another one.
    pub(crate) fn linked(&mut self, student: &str, other: &str) {
        let to = self.untouched(student);
        for file in answers() {
            fs::remove_file(to.join(&file)).unwrap();
            symlink(self.dir.join("class").join(other).join(&file), to.join(&file)).unwrap();
        }
    }

    /// A student who has handed in the cheat of that name.
    pub(crate) fn cheat(&mut self, name: &str) {
        let to = self.untouched(name);
        let cheat = cheats_folder().join(name);
        if cheat.is_dir() {
            copy(&cheat, &to);
            for file in files(&cheat) {
                let text = fs::read_to_string(to.join(&file)).unwrap();
                fs::write(to.join(&file), self.filled_in(&text)).unwrap();
            }
            return;
        }
        let statements = self.filled_in(&fs::read_to_string(cheat.with_extension("rs")).unwrap());
        for file in answers() {
            let text = fs::read_to_string(to.join(&file)).unwrap();
            let source = Source::parse(&text).unwrap();
            let bodies: BTreeMap<&str, &str> = source.holes().map(|hole| (hole.name, hole.body)).collect();
            let cheating = source.emptied(|name| bodies.get(name).map(|body| format!("{statements}{body}")));
            fs::write(to.join(&file), cheating).unwrap();
        }
    }

    /// The names of all cheats.
    pub(crate) fn cheats() -> Vec<String> {
        let entries = fs::read_dir(cheats_folder()).unwrap().map(|entry| entry.unwrap().path());
        let cheats = entries.filter(|path| path.is_dir() || path.extension().is_some_and(|e| e == "rs"));
        let mut names: Vec<String> =
            cheats.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn others(&self, student: &str) -> Vec<String> {
        self.students.iter().filter(|other| *other != student).cloned().collect()
    }

    /// Grades all, and expects this exit code.
    pub(crate) fn grade(&self, flags: &[&str], code: i32) -> Graded {
        let mut grade = Command::new(env!("CARGO_BIN_EXE_xtask"));
        grade.arg("grade").args(self.students.iter().map(|student| self.dir.join("class").join(student)));
        grade.arg("--template").arg(self.dir.join("template")).arg("--out").arg(self.dir.join("out"));
        grade.args(flags).current_dir(workspace());
        // Beside the other classes, which share what is built.
        grade.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade/target"));
        let output = grade.output().unwrap();
        let told = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(output.status.code(), Some(code), "{}", told.join("\n"));
        assert!(!told.concat().contains('\u{1b}'), "escapes are on the terminal: {told:?}");
        let result = |student: &String| {
            let file = self.dir.join("out/results").join(format!("{student}.json"));
            let text = fs::read_to_string(file).unwrap();
            assert!(!text.contains(SECRET), "{student} has read the canary");
            assert!(!text.contains("it has read"), "{student} has read something: {text}");
            (student.clone(), serde_json::from_str(&text).unwrap())
        };
        self.students.iter().map(result).collect()
    }

    pub(crate) fn has_all_points(&self, graded: &Graded, student: &str) {
        for exercise in exercises(&graded[student]) {
            let failed: Vec<&Value> = exercise["checks"].as_array().unwrap().iter().collect();
            let failed: Vec<_> = failed.into_iter().filter(|check| check["passed"] != true).collect();
            assert!(failed.is_empty(), "{student}: {}: {failed:#?}", exercise["id"]);
            assert_eq!(exercise["earned"].as_f64(), exercise["points"].as_f64(), "{student}: {exercise:#}");
        }
    }

    pub(crate) fn has_no_points(&self, graded: &Graded, student: &str) {
        assert_eq!(graded[student]["infra"], Value::Null, "{student}");
        for exercise in exercises(&graded[student]) {
            let checks = exercise["checks"].as_array().unwrap();
            let passed: Vec<_> = checks.iter().filter(|check| check["passed"] == true).collect();
            assert_eq!(exercise["earned"], 0.0, "{student}: {}: {passed:#?}", exercise["id"]);
        }
    }

    /// Holds when the canary lives, and nobody's process does.
    pub(crate) fn unharmed(&self) {
        assert_eq!(fs::read_to_string(self.dir.join("canary")).unwrap(), SECRET);
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            assert!(!line.split('\0').any(|arg| arg == LEFT), "left behind: {line:?}");
        }
    }

    fn filled_in(&self, text: &str) -> String {
        let path = |name: &str| self.dir.join(name).display().to_string();
        text.replace("CANARY", &path("canary")).replace("OTHER", &path("class/honest"))
    }

    /// A handout of `du` on smol alone: the workspace without solutions, and without what is for teachers.
    fn make_template(&self) {
        let to = self.dir.join("template");
        let programs = Homework::read(workspace()).unwrap();
        let programs: Vec<&str> = programs.crates().iter().map(|of| of.of).collect();
        for folder in
            programs.iter().copied().chain(["xtask/common", "xtask/homework", "xtask/kit", "xtask/runner"])
        {
            copy(&workspace().join(folder), &to.join(folder));
        }
        for file in ["Cargo.toml", "Cargo.lock", "clippy.toml", "rustfmt.toml", ".cargo/config.toml"] {
            fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
            fs::copy(workspace().join(file), to.join(file)).unwrap();
        }
        for name in programs {
            for other in ["tokio", "async_std"] {
                fs::remove_dir_all(to.join(name).join("src/runtime").join(other)).unwrap();
            }
            edit(&to.join(name).join("Cargo.toml"), |text| {
                text.replace(r#"default = ["tokio", "async-std", "smol"]"#, r#"default = ["smol"]"#)
            });
            if name != OF {
                fs::write(to.join(name).join("exercises.toml"), "exercise = []\n").unwrap();
            }
        }
        edit(&to.join("Cargo.toml"), |text| {
            let teachers = |line: &&str| {
                let packages = ["\"xtask\"", "\"xtask/behaviours\"", "\"xtask/confine\"", "\"xtask/load\""];
                !packages.iter().any(|package| line.contains(package))
            };
            text.lines().filter(teachers).collect::<Vec<_>>().join("\n") + "\n"
        });
        // What is no longer needed leaves the lock file.
        let pruned = Command::new("cargo")
            .args(["metadata", "--offline", "--format-version=1"])
            .current_dir(&to)
            .output()
            .unwrap();
        assert!(pruned.status.success(), "{}", String::from_utf8_lossy(&pruned.stderr));
        let homework = Homework::read(workspace()).unwrap();
        let of = homework.crates().iter().find(|of| of.of == OF).unwrap();
        for file in answers() {
            edit(&to.join(&file), |text| {
                let replacement = |name: &str| of.list.iter().find_map(|one| one.replacement(name, "smol"));
                Source::parse(text).unwrap().emptied(replacement)
            });
        }
    }
}

/// The files of `du` that have a hole.
fn answers() -> Vec<PathBuf> {
    let smol = Path::new(OF).join("src/runtime/smol");
    let all = files(&workspace().join(&smol)).into_iter().map(|file| smol.join(file));
    let holed = |file: &PathBuf| fs::read_to_string(workspace().join(file)).unwrap().contains("// ANCHOR: ");
    all.filter(holed).collect()
}

fn exercises(graded: &Value) -> &Vec<Value> {
    let exercises = graded["exercises"].as_array().unwrap();
    assert!(!exercises.is_empty(), "{graded:#}");
    exercises
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn cheats_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cheats")
}

fn edit(file: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, change(&text)).unwrap();
}

/// The files below `dir`, relative to it.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = PathBuf::from(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            if name != Path::new("target") {
                all.extend(files(&entry.path()).into_iter().map(|file| name.join(file)));
            }
        } else {
            all.push(name);
        }
    }
    all.sort();
    all
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}
