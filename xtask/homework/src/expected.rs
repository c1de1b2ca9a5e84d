//! What the checks of a crate have to say when one hole alone is empty.

use std::collections::BTreeSet;

use super::Homework;
use super::file::{among, base};

/// Checks that fail and checks that pass; the others may do either.
#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    /// Those that prove the hole.
    pub fail: BTreeSet<String>,
    /// Those of assignments that do without it, and what is given.
    pub pass: BTreeSet<String>,
}

impl Homework {
    /// What is expected of `checks`, which are all of a crate, while only the hole `name` of its assignment `id` is empty.
    /// Nothing if there is no such assignment.
    pub fn expected(&self, id: &str, name: &str, checks: &BTreeSet<String>) -> Expected {
        let mut expected = Expected { fail: BTreeSet::new(), pass: BTreeSet::new() };
        let Some((of, one)) = self.find(id) else { return expected };
        for (check, given) in of.checks_of(id, checks) {
            if given {
                expected.pass.insert(check.to_owned());
            } else if one.proved_by.get(name).is_none_or(|by| among(by, check)) {
                expected.fail.insert(check.to_owned());
            }
        }
        let others =
            of.list.iter().filter(|other| other.id != id && !base(&self.all, &other.id).contains(id));
        for other in others {
            expected.pass.extend(of.checks_of(&other.id, checks).iter().map(|&(check, _)| check.to_owned()));
        }
        expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Assignments;

    /// The hole `8.2-b` is proved by one check of its assignment, on which another builds.
    const TEXT: &str = r#"
        [[exercise]]
        id = "8.2"
        title = "t"
        task = "t"
        points = 1
        hints = ["a", "b", "c"]
        holes = ["8.2-a", "8.2-b"]
        checks = ["8.2"]
        given = ["8.2/port"]
        proved_by = { "8.2-b" = ["8.2/watch"] }

        [[exercise]]
        id = "ex8.1"
        title = "t"
        task = "t"
        points = 1
        hints = ["a", "b", "c"]
        holes = ["ex8.1-a"]
        checks = ["ex8.1"]
        builds_on = ["8.2"]
    "#;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn who_builds_on_it_may_fail_and_nobody_else() -> anyhow::Result<()> {
        let homework = Homework { all: vec![Assignments::parse(TEXT, "clock")?], wrong: Vec::new() };
        let all = set(&["8.2/line", "8.2/port", "8.2/watch", "ex8.1/wall"]);
        let expected = |id: &str, hole: &str| {
            let Expected { fail, pass } = homework.expected(id, hole, &all);
            (fail, pass)
        };
        assert_eq!(expected("8.2", "8.2-a"), (set(&["8.2/line", "8.2/watch"]), set(&["8.2/port"])));
        assert_eq!(expected("8.2", "8.2-b"), (set(&["8.2/watch"]), set(&["8.2/port"])));
        let others = set(&["8.2/line", "8.2/port", "8.2/watch"]);
        assert_eq!(expected("ex8.1", "ex8.1-a"), (set(&["ex8.1/wall"]), others));
        assert_eq!(expected("8.9", "8.9-a"), (set(&[]), set(&[])));
        Ok(())
    }
}
