//! What of a submission is as it was handed out, and which checks fail for that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use homework::markers::legible;

use super::template::{Part, Template};

/// Checks of a crate by runtime: those that a hole in which nothing was written may fail.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwritten(BTreeMap<&'static str, BTreeSet<String>>);

impl Unwritten {
    /// Among `checks`, which are all of the crate `part`, with the `answers` of a submission.
    pub(crate) fn find(
        template: &Template,
        part: &Part,
        answers: &BTreeMap<PathBuf, String>,
        checks: &BTreeSet<String>,
    ) -> Self {
        let mut found = Self::default();
        let Some(of) = template.homework.crates().iter().find(|of| of.of == part.name) else { return found };
        for (path, given) in &part.answers {
            let written = answers.get(path).map_or_else(BTreeMap::new, |text| legible(text));
            let same = legible(given).into_iter().filter(|(name, body)| written.get(name) == Some(body));
            for (name, _) in same {
                let Some(one) = of.list.iter().find(|one| one.holes.iter().any(|hole| hole == name)) else {
                    continue;
                };
                let pass = template.homework.expected(&one.id, name, checks).pass;
                for runtime in template.runtimes.iter().filter(|runtime| is_of(path, part, runtime.module)) {
                    let all = found.0.entry(runtime.name).or_default();
                    all.extend(checks.difference(&pass).cloned());
                }
            }
        }
        found
    }

    /// Whether `check` on `runtime` is among them.
    pub(crate) fn fails(&self, runtime: &str, check: &str) -> bool {
        self.0.get(runtime).is_some_and(|checks| checks.contains(check))
    }
}

/// Whether the runtime whose module is `module` uses the file `path`: all do, but for those of another runtime.
fn is_of(path: &Path, part: &Part, module: &str) -> bool {
    let modules = Path::new(part.name).join("src/runtime");
    path.strip_prefix(&modules).map_or(true, |rest| rest.starts_with(module))
}

#[cfg(test)]
mod tests {
    use super::super::submission::tests::{ANSWER, GIVEN, template};
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn nothing_written_in_a_hole_fails_what_proves_it() {
        let (_dir, template) = template();
        let part = template.crates.iter().find(|part| part.name == "clock").unwrap();
        let find = |text: &str| {
            let answers = BTreeMap::from([(PathBuf::from(ANSWER), text.to_owned())]);
            Unwritten::find(&template, part, &answers, &set(&["8.2/line", "ex8.1/wall"]))
        };
        let left = find(&format!("// a word\n{GIVEN}"));
        assert!(left.fails("smol", "8.2/line"));
        assert!(!left.fails("tokio", "8.2/line"));
        assert_eq!(find(&GIVEN.replace("todo", "done")), Unwritten::default());
        assert_eq!(find("fn main() {}"), Unwritten::default());
    }
}
