//! Wrong programs: what somebody might write in a hole, and the checks that see it.
//!
//! They are TOML files in `xtask/homework/wrong/`, one a mistake. What checks are worth shows in what they let pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::assignment::Assignment;
use super::file::Assignments;

/// Their folder in the workspace.
pub const DIR: &str = "xtask/homework/wrong";

/// One mistake.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// Its file's name without the end.
    #[serde(skip)]
    pub name: String,
    /// The assignment that is solved wrongly.
    pub exercise: String,
    /// What it is, in a few words.
    pub title: String,
    /// What is wrong with it, for who teaches.
    pub why: String,
    /// Those that it is written for.
    pub runtimes: Vec<String>,
    /// The checks that fail. All others pass.
    pub fails: Vec<String>,
    /// But these, which depend on chance.
    #[serde(default)]
    pub may_fail: Vec<String>,
    /// What is in the holes that are not as in the solution.
    #[serde(rename = "hole")]
    pub holes: Vec<Body>,
}

/// What stands in a hole.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The hole's name.
    pub name: String,
    /// The one that it is for; none for all that have no body of their own.
    pub runtime: Option<String>,
    /// Its lines, indented as at the begin of a line.
    pub body: String,
}

impl Wrong {
    /// Reads all of them, in the order of their names. Where there is no such folder there are none.
    ///
    /// # Errors
    /// When a file cannot be read or is not of that form.
    pub(crate) fn read(root: &Path) -> Result<Vec<Self>> {
        let dir = root.join(DIR);
        if !dir.is_dir() {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for entry in fs::read_dir(&dir).with_context(|| format!("cannot read {DIR}"))? {
            let path = entry.with_context(|| format!("cannot read {DIR}"))?.path();
            let (Some(name), Some("toml")) = (path.file_stem(), path.extension().and_then(|e| e.to_str()))
            else {
                continue;
            };
            let at = || format!("{DIR}/{}.toml", name.display());
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", at()))?;
            let mut one: Self = toml::from_str(&text).with_context(at)?;
            one.name = name.to_string_lossy().into_owned();
            all.push(one);
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// What stands in the hole `name` on `runtime`, if that is not the solution.
    pub fn body(&self, name: &str, runtime: &str) -> Option<String> {
        let mut own = self.holes.iter().filter(|hole| hole.name == name);
        let exact = own.clone().find(|hole| hole.runtime.as_deref() == Some(runtime));
        let body = exact.or_else(|| own.find(|hole| hole.runtime.is_none()));
        body.map(|hole| hole.body.trim_end().to_owned())
    }

    /// The names of the holes that are not as in the solution.
    pub fn names(&self) -> BTreeSet<&str> {
        self.holes.iter().map(|hole| hole.name.as_str()).collect()
    }

    fn fault(&self, what: &str) -> String {
        format!("{DIR}/{}.toml: {what}", self.name)
    }

    /// What is wrong with it as far as the assignments of its crate tell.
    fn faults(&self, of: &Assignments, runtimes: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let blank = |text: &str| text.trim().is_empty();
        if blank(&self.title) || blank(&self.why) {
            faults.push("it has a `title` and says `why`".to_owned());
        }
        if self.runtimes.is_empty() || self.fails.is_empty() || self.holes.is_empty() {
            faults.push("it has at least a runtime, a check that `fails` and a `[[hole]]`".to_owned());
        }
        let named = self.holes.iter().filter_map(|hole| hole.runtime.as_deref());
        for name in named.clone().filter(|name| !self.runtimes.iter().any(|own| own == name)) {
            faults.push(format!("a `[[hole]]` is for `{name}`, which is not among its `runtimes`"));
        }
        for name in self.runtimes.iter().filter(|name| !runtimes.contains(&name.as_str())) {
            faults.push(format!("`{name}` is no runtime"));
        }
        if let Some(check) = self.fails.iter().find(|check| self.may_fail.contains(check)) {
            faults.push(format!("`{check}` fails, or may fail: not both"));
        }
        let holes = |one: &Assignment, name: &str| one.holes.iter().any(|hole| hole == name);
        for name in self.names() {
            if !of.list.iter().any(|one| holes(one, name)) {
                faults.push(format!("no exercise of {} has the hole `{name}`", of.of));
            }
            for runtime in self.runtimes.iter().filter(|runtime| self.body(name, runtime).is_none()) {
                faults.push(format!("the hole `{name}` has no body on {runtime}"));
            }
        }
        let mut seen = BTreeMap::new();
        for hole in &self.holes {
            if blank(&hole.body) {
                faults.push(format!("the hole `{}` has nothing in it", hole.name));
            }
            if seen.insert((&hole.name, &hole.runtime), ()).is_some() {
                faults.push(format!("a second body for the hole `{}`", hole.name));
            }
        }
        faults
    }
}

/// What is wrong with `wrong` as far as the assignments tell. Each of these has at least one.
pub(crate) fn faults(wrong: &[Wrong], all: &[Assignments], runtimes: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let crate_of = |id: &str| all.iter().find(|of| of.list.iter().any(|one| one.id == id));
    for one in wrong {
        match crate_of(&one.exercise) {
            Some(of) => faults.extend(one.faults(of, runtimes).iter().map(|what| one.fault(what))),
            None => faults.push(one.fault(&format!("there is no exercise `{}`", one.exercise))),
        }
    }
    for (of, one) in all.iter().flat_map(|of| of.list.iter().map(move |one| (of, one))) {
        if !wrong.iter().any(|wrong| wrong.exercise == one.id) {
            faults.push(of.fault(&one.id, &format!("no wrong program of it is in {DIR}/")));
        }
    }
    faults
}

/// What is wrong with those of the crate `of` when `checks` are all of its checks: each that they fail is there, and the
/// checks of an assignment see one of its wrong programs. Others may be seen by those of what builds on it alone.
pub(crate) fn claim_faults(wrong: &[Wrong], of: &Assignments, checks: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for one in &of.list {
        let own = of.checks_of(&one.id, checks);
        let mut seen = false;
        for wrong in wrong.iter().filter(|wrong| wrong.exercise == one.id) {
            for check in wrong.fails.iter().chain(&wrong.may_fail).filter(|check| !checks.contains(*check)) {
                faults.push(wrong.fault(&format!("there is no check `{check}`")));
            }
            seen |= wrong.fails.iter().any(|check| own.iter().any(|(own, _)| own == check));
        }
        if !seen {
            faults.push(of.fault(&one.id, "none of its wrong programs fails a check of its own"));
        }
    }
    faults
}

#[cfg(test)]
mod tests;
