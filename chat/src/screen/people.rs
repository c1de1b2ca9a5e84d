//! Who is here.

use std::collections::BTreeMap;

/// The most names that are kept.
const MOST: usize = 10_000;

/// The people in the room as far as we were told, ourselves among them.
#[derive(Debug, Default)]
pub(super) struct People {
    /// By what they are sorted by: the name in lower case.
    names: BTreeMap<String, String>,
    /// We were not told of everybody who came.
    missed: bool,
}

impl People {
    /// `name` is here.
    pub(super) fn add(&mut self, name: String) {
        if self.names.len() < MOST {
            self.names.insert(name.to_lowercase(), name);
        } else {
            self.missed = true;
        }
    }

    /// `name` is gone.
    pub(super) fn remove(&mut self, name: &str) {
        self.names.remove(&name.to_lowercase());
    }

    /// Messages were skipped: somebody may have come or gone.
    pub(super) fn miss(&mut self) {
        self.missed = true;
    }

    /// Whether somebody may be here, or gone, of whom we do not know.
    pub(super) fn some_missed(&self) -> bool {
        self.missed
    }

    /// The names, sorted without regard to case.
    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.values().map(String::as_str)
    }

    /// Who says `line`: of several the one with the longest name, which others cannot pass for.
    pub(super) fn speaker(&self, line: &str) -> Option<&str> {
        let speaks = |name: &&str| line.strip_prefix(*name).is_some_and(|rest| rest.starts_with(": "));
        self.names().filter(speaks).max_by_key(|name| name.len())
    }
}

#[cfg(test)]
impl People {
    pub(super) fn of<const N: usize>(names: [&str; N]) -> Self {
        let mut people = Self::default();
        names.into_iter().for_each(|name| people.add(name.to_owned()));
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_whatever_the_case() {
        let mut people = People::of(["zoe", "Bob", "ann"]);
        assert_eq!(people.names().collect::<Vec<_>>(), ["ann", "Bob", "zoe"]);
        people.remove("BOB");
        assert_eq!(people.names().collect::<Vec<_>>(), ["ann", "zoe"]);
    }

    #[test]
    fn names_are_bounded() {
        let mut people = People::default();
        (0..=MOST).for_each(|n| people.add(n.to_string()));
        assert_eq!(people.names().len(), MOST);
        assert!(people.some_missed());
    }
}
