//! The exercises and the runtimes: two tables that everything else here goes by.

/// One exercise: a program of the workspace.
pub struct Exercise {
    /// Its package, folder and program.
    pub name: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The sections of the chapter that it is about.
    pub sections: &'static [&'static str],
}

/// Every exercise, in the chapter's order.
pub const EXERCISES: &[Exercise] = &[
    Exercise {
        name: "clock",
        title: "a clock server and its clients, a countdown, a spinner",
        sections: &["8.1", "8.2", "8.7"],
    },
    Exercise {
        name: "echo",
        title: "an echo server whose shouts overlap, and its client",
        sections: &["8.3"],
    },
    Exercise {
        name: "pipeline",
        title: "stages that channels connect, and a loop in parallel",
        sections: &["8.4", "8.5"],
    },
    Exercise {
        name: "crawler",
        title: "a polite crawler, a mirror, a race of requests, and a site to practise on",
        sections: &["8.6"],
    },
    Exercise {
        name: "du",
        title: "a directory tree walked by many, and an end before the end",
        sections: &["8.8", "8.9"],
    },
    Exercise { name: "chat", title: "a chat server that never waits for a slow client", sections: &["8.10"] },
];

/// One runtime.
pub struct Runtime {
    /// Its feature, and what `--runtime` calls it.
    pub name: &'static str,
    /// Its module in each `src/runtime/`.
    pub module: &'static str,
    /// The crates that run its tasks and wait for the system.
    machinery: &'static [&'static str],
}

/// Every runtime, best known first.
pub const RUNTIMES: [Runtime; 3] = [
    Runtime { name: "tokio", module: "tokio", machinery: &["tokio", "mio"] },
    Runtime {
        name: "async-std",
        module: "async_std",
        machinery: &[
            "async-std",
            "async-global-executor",
            "async-executor",
            "async-io",
            "polling",
            "blocking",
        ],
    },
    Runtime {
        name: "smol",
        module: "smol",
        machinery: &["smol", "async-executor", "async-io", "polling", "blocking"],
    },
];

impl Runtime {
    /// Whether the crate `name` is one of those that it is made of.
    pub fn runs_on(&self, name: &str) -> bool {
        self.machinery.contains(&name)
    }

    /// The crates that a build for this runtime alone must be without: what others run on and it does not.
    pub fn foreign(&self) -> impl Iterator<Item = &'static str> {
        let all = RUNTIMES.iter().flat_map(|other| other.machinery);
        all.copied().filter(|name| !self.machinery.contains(name))
    }
}

/// The exercises with these names; all when there are none.
pub fn exercises(names: &[String]) -> Vec<&'static Exercise> {
    EXERCISES.iter().filter(|e| names.is_empty() || names.iter().any(|name| name == e.name)).collect()
}

/// The runtime with this name; all when there is none.
pub fn runtimes(name: Option<&str>) -> Vec<&'static Runtime> {
    RUNTIMES.iter().filter(|r| name.is_none_or(|name| name == r.name)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::cargo::Cargo;

    /// The source files below `dir`, relative to it.
    fn files(dir: &Path) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.path() {
                path if path.is_dir() => {
                    found.extend(files(&path).iter().map(|file| format!("{name}/{file}")))
                }
                _ => _ = found.insert(name),
            }
        }
        found
    }

    #[test]
    fn each_exercise_is_complete() {
        let cargo = Cargo::load().unwrap();
        for exercise in EXERCISES {
            let name = exercise.name;
            let package = cargo.packages().into_iter().find(|p| p.name == name);
            let package = package.unwrap_or_else(|| panic!("{name} is no member of the workspace"));
            let dir = cargo.root().join(name);
            for file in ["README.md", "tests/checks.rs", "src/runtime/mod.rs"] {
                assert!(dir.join(file).is_file(), "{name}/{file} is missing");
            }
            let default = package.features.get("default").cloned().unwrap_or_default();
            let mut shapes = Vec::new();
            for runtime in RUNTIMES {
                let feature = runtime.name;
                assert!(package.features.contains_key(feature), "{name} has no feature {feature}");
                assert!(default.iter().any(|f| f == feature), "{name}: {feature} is not on by default");
                let module = dir.join("src/runtime").join(runtime.module);
                let shape = if module.is_dir() { files(&module) } else { BTreeSet::new() };
                let there = !shape.is_empty() || module.with_extension("rs").is_file();
                assert!(there, "{name} has no src/runtime/{}", runtime.module);
                shapes.push((runtime.module, shape));
            }
            for (module, shape) in &shapes {
                let (first, files) = &shapes[0];
                assert_eq!(
                    shape, files,
                    "{name}: src/runtime/{module} has other files than src/runtime/{first}"
                );
            }
        }
    }

    #[test]
    fn each_program_of_the_workspace_is_an_exercise() {
        let cargo = Cargo::load().unwrap();
        for package in cargo.packages() {
            // What is no lesson lives under xtask/.
            let dir = package.manifest_path.parent().unwrap().strip_prefix(cargo.root()).unwrap();
            let lesson = !dir.starts_with("xtask");
            let listed = EXERCISES.iter().any(|e| dir == e.name && package.name == e.name);
            assert_eq!(
                lesson, listed,
                "{dir}: an entry in xtask/runner/src/exercises.rs and a folder belong together"
            );
        }
    }

    #[test]
    fn a_build_for_one_runtime_is_without_the_others() {
        let foreign = |n: usize| RUNTIMES[n].foreign().collect::<BTreeSet<_>>();
        assert!(
            ["async-io", "async-executor", "async-global-executor", "async-std", "smol", "polling"]
                .iter()
                .all(|name| foreign(0).contains(name))
        );
        assert_eq!(foreign(1), BTreeSet::from(["mio", "smol", "tokio"]));
        assert_eq!(foreign(2), BTreeSet::from(["async-global-executor", "async-std", "mio", "tokio"]));
    }
}
