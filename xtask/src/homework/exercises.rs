//! `exercises.toml`: what there is to be solved in a crate, and which checks prove it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::markers::named;

/// The file's name, in the crate's folder.
pub(crate) const FILE: &str = "exercises.toml";

/// The sections and exercises of the chapter that the workspace has: each is in one crate.
const CHAPTER: [&str; 24] = [
    "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7", "8.8", "8.9", "8.10", "ex8.1", "ex8.3", "ex8.4",
    "ex8.5", "ex8.6", "ex8.7", "ex8.8", "ex8.9", "ex8.10", "ex8.11", "ex8.12", "ex8.13", "ex8.14", "ex8.15",
];

/// From a nudge to nearly the answer.
const HINTS: usize = 3;

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    exercise: Vec<Assignment>,
}

/// One section or exercise of the chapter, as homework.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    /// `8.2` is a section, `ex8.2` an exercise.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What is to be built, which behaviour counts, and how to try it by hand.
    pub(crate) task: String,
    pub(crate) points: u32,
    /// Three, each says more than the one before.
    pub(crate) hints: Vec<String>,
    /// The names of its holes, which begin with the id.
    pub(crate) holes: Vec<String>,
    /// Sections (`8.2`) and checks (`8.2/line_at_once`): what fails while the holes are empty.
    pub(crate) checks: Vec<String>,
    /// Of the same form: what passes from the start, by what is given, and has to go on passing. A section in
    /// `checks` is without these.
    #[serde(default)]
    pub(crate) given: Vec<String>,
    /// For a hole that not all the `checks` depend on: those that fail while it alone is empty.
    #[serde(default)]
    pub(crate) proved_by: BTreeMap<String, Vec<String>>,
    /// Assignments whose code it needs: its checks may fail while one of theirs is empty.
    #[serde(default)]
    pub(crate) builds_on: Vec<String>,
    /// What the `todo!` in an empty hole says, after the id.
    #[serde(default)]
    pub(crate) todo: BTreeMap<String, String>,
    /// What an empty hole has in it where a `todo!` does not compile, or would end programs that do without.
    #[serde(default)]
    pub(crate) stubs: BTreeMap<String, Stub>,
}

/// What stands in an empty hole.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Stub {
    /// On each runtime.
    Same(String),
    /// By the runtime's name; on those that are not there it is a `todo!`.
    Each(BTreeMap<String, String>),
}

impl Assignment {
    /// What stands in the hole `name` on `runtime` while it is empty, if it is one of these holes.
    pub(crate) fn replacement(&self, name: &str, runtime: &str) -> Option<String> {
        let stub = match self.stubs.get(name) {
            Some(Stub::Same(text)) => Some(text),
            Some(Stub::Each(texts)) => texts.get(runtime),
            None => None,
        };
        let todo =
            || self.todo.get(name).map(|words| format!("todo!({:?})", format!("{}: {words}", self.id)));
        stub.map(|text| text.trim_end().to_owned()).or_else(todo)
    }

    /// Those of `all` that prove it.
    pub(crate) fn claimed<'a>(&self, all: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
        let checks = all.iter().map(String::as_str);
        checks.filter(|check| among(&self.checks, check) && !among(&self.given, check)).collect()
    }

    /// Those of `all` that belong to it.
    fn owned<'a>(&self, all: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
        all.iter().map(String::as_str).filter(|check| among(&self.checks, check) || among(&self.given, check))
    }

    /// What is wrong with it, as far as it alone tells.
    fn faults(&self, runtimes: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let empty = |text: &str| text.trim().is_empty();
        if !CHAPTER.contains(&&*self.id) {
            faults.push("no section or exercise of the chapter has this id".to_owned());
        }
        for (field, text) in [("title", &self.title), ("task", &self.task)] {
            if empty(text) {
                faults.push(format!("`{field}` is empty"));
            }
        }
        if self.points == 0 {
            faults.push("`points` is 0".to_owned());
        }
        if self.hints.len() != HINTS || self.hints.iter().any(|hint| empty(hint)) {
            faults.push(format!("`hints` are {HINTS}, and none is empty"));
        }
        if self.holes.is_empty() || self.checks.is_empty() {
            faults.push("it has at least a hole and a check".to_owned());
        }
        let unknown = |name: &String| !self.holes.contains(name);
        let fields = [
            ("todo", self.todo.keys().collect::<Vec<_>>()),
            ("stubs", self.stubs.keys().collect()),
            ("proved_by", self.proved_by.keys().collect()),
        ];
        for (field, names) in fields {
            for name in names.into_iter().filter(|name| unknown(name)) {
                faults.push(format!("`{field}` has `{name}`, which is not among its `holes`"));
            }
        }
        for stub in self.stubs.values() {
            let Stub::Each(texts) = stub else { continue };
            for name in texts.keys().filter(|name| !runtimes.contains(&name.as_str())) {
                faults.push(format!("`stubs` has `{name}`, which is no runtime"));
            }
        }
        for hole in &self.holes {
            if !named(hole) || !hole.strip_prefix(&self.id).is_some_and(|rest| rest.starts_with('-')) {
                faults.push(format!("the name of the hole `{hole}` does not begin with `{}-`", self.id));
            }
            if self.todo.get(hole).is_some_and(|words| empty(words)) {
                faults.push(format!("`todo` says nothing for the hole `{hole}`"));
            }
            if let Some(runtime) = runtimes.iter().find(|runtime| self.replacement(hole, runtime).is_none()) {
                faults.push(format!("neither `todo` nor `stubs` has the hole `{hole}` on {runtime}"));
            }
        }
        faults
    }

    /// What is wrong with its claims, when `all` are the crate's checks.
    fn claim_faults(&self, all: &BTreeSet<String>) -> Vec<String> {
        let mut faults = Vec::new();
        let claims = self.checks.iter().chain(&self.given).chain(self.proved_by.values().flatten());
        for claim in claims {
            if !all.iter().any(|check| among(std::slice::from_ref(claim), check)) {
                faults.push(format!("it claims `{claim}`, and there is no such check"));
            }
        }
        let claimed = self.claimed(all);
        if claimed.is_empty() {
            faults.push("no check is left to prove it".to_owned());
        }
        for check in claimed {
            if !self.holes.iter().any(|hole| self.proved_by.get(hole).is_none_or(|by| among(by, check))) {
                faults.push(format!("`{check}` proves none of its holes"));
            }
        }
        for (hole, by) in &self.proved_by {
            let mine = self.claimed(all);
            for check in all.iter().filter(|check| among(by, check) && !mine.contains(check.as_str())) {
                faults.push(format!("`{hole}` is proved by `{check}`, which is not among its `checks`"));
            }
        }
        faults
    }
}

/// Whether one of the `claims` is `check` or its section.
pub(crate) fn among(claims: &[String], check: &str) -> bool {
    let section = check.split_once('/').map_or(check, |(section, _)| section);
    claims.iter().any(|claim| claim == check || claim == section)
}

/// The assignments of one crate.
pub(crate) struct Assignments {
    /// The crate's name.
    pub(crate) of: &'static str,
    pub(crate) list: Vec<Assignment>,
}

impl Assignments {
    /// Reads those of the crate `of`.
    ///
    /// # Errors
    /// When the file cannot be read or is not of that form.
    pub(crate) fn load(root: &Path, of: &'static str) -> Result<Self> {
        let path = root.join(of).join(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, of)
    }

    /// Takes `text` for the file of the crate `of`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub(crate) fn parse(text: &str, of: &'static str) -> Result<Self> {
        let File { exercise } = toml::from_str(text).with_context(|| format!("{of}/{FILE}"))?;
        Ok(Self { of, list: exercise })
    }

    /// What is wrong when `all` are the crate's checks (`8.2/line_at_once`): each belongs to one assignment, and
    /// each claim is of one that exists.
    pub(crate) fn claim_faults(&self, all: &BTreeSet<String>) -> Vec<String> {
        let mut faults = Vec::new();
        for one in &self.list {
            faults.extend(one.claim_faults(all).into_iter().map(|what| self.fault(&one.id, &what)));
        }
        for check in all {
            let owners: Vec<&str> = self
                .list
                .iter()
                .filter(|one| one.owned(all).any(|c| c == check))
                .map(|one| &*one.id)
                .collect();
            match owners[..] {
                [] => faults.push(format!("{}/{FILE}: the check `{check}` belongs to no exercise", self.of)),
                [_] => {}
                _ => faults.push(format!(
                    "{}/{FILE}: the check `{check}` belongs to {}: only one may have it",
                    self.of,
                    owners.join(" and ")
                )),
            }
        }
        faults
    }

    /// `what` is wrong with the assignment `id`, and where that is.
    pub(super) fn fault(&self, id: &str, what: &str) -> String {
        format!("{}/{FILE}: {id}: {what}", self.of)
    }
}

/// What is wrong with the assignments of all crates, as far as these files tell.
pub(crate) fn faults(all: &[Assignments], runtimes: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let every = || all.iter().flat_map(|of| of.list.iter().map(move |one| (of, one)));
    for (of, one) in every() {
        faults.extend(one.faults(runtimes).into_iter().map(|what| of.fault(&one.id, &what)));
        for on in &one.builds_on {
            if !every().any(|(_, other)| other.id == *on) {
                faults.push(of.fault(&one.id, &format!("it builds on `{on}`, which there is not")));
            }
        }
        if base(all, &one.id).contains(&*one.id) {
            faults.push(of.fault(&one.id, "it builds on itself, in a circle of `builds_on`"));
        }
    }
    for id in CHAPTER {
        let files: Vec<&str> = every().filter(|(_, one)| one.id == id).map(|(of, _)| of.of).collect();
        match files[..] {
            [] => faults.push(format!("no {FILE} has the chapter's {id}")),
            [_] => {}
            _ => faults.push(format!("{id} is there {} times: in {}", files.len(), files.join(", "))),
        }
    }
    let mut seen = BTreeSet::new();
    for (of, one) in every() {
        for hole in &one.holes {
            if !seen.insert(hole) {
                faults.push(of.fault(&one.id, &format!("a second hole `{hole}`")));
            }
        }
    }
    faults
}

/// All that `id` builds on, near and far.
pub(crate) fn base<'a>(all: &'a [Assignments], id: &str) -> BTreeSet<&'a str> {
    let on = |id: &str| {
        let one = all.iter().flat_map(|of| &of.list).find(|one| one.id == id);
        one.into_iter().flat_map(|one| one.builds_on.iter().map(String::as_str)).collect::<Vec<_>>()
    };
    let (mut base, mut next) = (BTreeSet::new(), on(id));
    while let Some(id) = next.pop() {
        if base.insert(id) {
            next.extend(on(id));
        }
    }
    base
}

#[cfg(test)]
mod tests;
