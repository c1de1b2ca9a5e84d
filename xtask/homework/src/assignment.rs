//! One assignment, and what is wrong with it as far as it alone tells.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::markers::named;

/// The sections and exercises of the chapter that the workspace has: each is in one crate.
pub const CHAPTER: [&str; 24] = [
    "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7", "8.8", "8.9", "8.10", "ex8.1", "ex8.3", "ex8.4",
    "ex8.5", "ex8.6", "ex8.7", "ex8.8", "ex8.9", "ex8.10", "ex8.11", "ex8.12", "ex8.13", "ex8.14", "ex8.15",
];

/// From a nudge to nearly the answer.
const HINTS: usize = 3;

/// One section or exercise of the chapter, as homework.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// `8.2` is a section, `ex8.2` an exercise.
    pub id: String,
    /// What is built, in a few words.
    pub title: String,
    /// What is to be built, which behaviour counts, and how to try it by hand.
    pub task: String,
    /// What it counts when all of its checks pass.
    pub points: u32,
    /// Three, each says more than the one before.
    pub hints: Vec<String>,
    /// What a solution of it is worth comparing with.
    #[serde(default)]
    pub compare: Option<String>,
    /// The names of its holes, which begin with the id.
    pub holes: Vec<String>,
    /// Sections (`8.2`) and checks (`8.2/line_at_once`): what fails while the holes are empty. A section is what
    /// no assignment claims by its name.
    pub checks: Vec<String>,
    /// Of the same form: what passes from the start, by what is given, and has to go on passing. A section in
    /// `checks` is without these.
    #[serde(default)]
    pub given: Vec<String>,
    /// For a hole that not all the `checks` depend on: those that fail while it alone is empty.
    #[serde(default)]
    pub proved_by: BTreeMap<String, Vec<String>>,
    /// Assignments whose code it needs: its checks may fail while one of theirs is empty.
    #[serde(default)]
    pub builds_on: Vec<String>,
    /// What the `todo!` in an empty hole says, after the id.
    #[serde(default)]
    pub todo: BTreeMap<String, String>,
    /// What an empty hole has in it where a `todo!` does not compile, or would end programs that do without.
    #[serde(default)]
    pub stubs: BTreeMap<String, Stub>,
}

/// What stands in an empty hole.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Stub {
    /// On each runtime.
    Same(String),
    /// By the runtime's name; on those that are not there it is a `todo!`.
    Each(BTreeMap<String, String>),
}

impl Assignment {
    /// What stands in the hole `name` on `runtime` while it is empty, if it is one of these holes.
    pub fn replacement(&self, name: &str, runtime: &str) -> Option<String> {
        let stub = match self.stubs.get(name) {
            Some(Stub::Same(text)) => Some(text),
            Some(Stub::Each(texts)) => texts.get(runtime),
            None => None,
        };
        let todo =
            || self.todo.get(name).map(|words| format!("todo!({:?})", format!("{}: {words}", self.id)));
        stub.map(|text| text.trim_end().to_owned()).or_else(todo)
    }

    /// Whether it has this claim: a section or a check.
    pub(crate) fn claims(&self, claim: &str) -> bool {
        self.checks.iter().chain(&self.given).any(|own| own == claim)
    }

    /// What is wrong with it, as far as it alone tells.
    pub(crate) fn faults(&self, runtimes: &[&str]) -> Vec<String> {
        let mut faults = self.text_faults();
        faults.extend(self.name_faults(runtimes));
        faults.extend(self.hole_faults(runtimes));
        faults
    }

    fn text_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !CHAPTER.contains(&&*self.id) {
            faults.push("no section or exercise of the chapter has this id".to_owned());
        }
        for (field, text) in [("title", &self.title), ("task", &self.task)] {
            if is_blank(text) {
                faults.push(format!("`{field}` is empty"));
            }
        }
        if self.compare.as_deref().is_some_and(is_blank) {
            faults.push("`compare` is empty".to_owned());
        }
        if self.points == 0 {
            faults.push("`points` is 0".to_owned());
        }
        if self.hints.len() != HINTS || self.hints.iter().any(|hint| is_blank(hint)) {
            faults.push(format!("`hints` are {HINTS}, and none is empty"));
        }
        if self.holes.is_empty() || self.checks.is_empty() {
            faults.push("it has at least a hole and a check".to_owned());
        }
        faults
    }

    /// Names of holes that are not its own, and of runtimes that there are not.
    fn name_faults(&self, runtimes: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let fields = [
            ("todo", self.todo.keys().collect::<Vec<_>>()),
            ("stubs", self.stubs.keys().collect()),
            ("proved_by", self.proved_by.keys().collect()),
        ];
        for (field, names) in fields {
            for name in names.into_iter().filter(|name| !self.holes.contains(name)) {
                faults.push(format!("`{field}` has `{name}`, which is not among its `holes`"));
            }
        }
        for stub in self.stubs.values() {
            let Stub::Each(texts) = stub else { continue };
            for name in texts.keys().filter(|name| !runtimes.contains(&name.as_str())) {
                faults.push(format!("`stubs` has `{name}`, which is no runtime"));
            }
        }
        faults
    }

    fn hole_faults(&self, runtimes: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        for hole in &self.holes {
            if !named(hole) || !hole.strip_prefix(&self.id).is_some_and(|rest| rest.starts_with('-')) {
                faults.push(format!("the name of the hole `{hole}` does not begin with `{}-`", self.id));
            }
            if self.todo.get(hole).is_some_and(|words| is_blank(words)) {
                faults.push(format!("`todo` says nothing for the hole `{hole}`"));
            }
            if let Some(runtime) = runtimes.iter().find(|runtime| self.replacement(hole, runtime).is_none()) {
                faults.push(format!("neither `todo` nor `stubs` has the hole `{hole}` on {runtime}"));
            }
        }
        faults
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
