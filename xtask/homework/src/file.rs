//! `exercises.toml`: what there is to be solved in a crate, and which checks prove it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::assignment::{Assignment, CHAPTER};

/// The file's name, in the crate's folder.
pub const FILE: &str = "exercises.toml";

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// None where a handout leaves all of them solved.
    #[serde(default)]
    exercise: Vec<Assignment>,
}

/// The assignments of one crate.
pub struct Assignments {
    /// The crate's name.
    pub of: &'static str,
    /// In the order of the file, which is the one to solve them in.
    pub list: Vec<Assignment>,
}

impl Assignments {
    /// Reads those of the crate `of`.
    ///
    /// # Errors
    /// When the file cannot be read or is not of that form.
    pub fn load(root: &Path, of: &'static str) -> Result<Self> {
        let path = root.join(of).join(FILE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, of)
    }

    /// Takes `text` for the file of the crate `of`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn parse(text: &str, of: &'static str) -> Result<Self> {
        let File { exercise } = toml::from_str(text).with_context(|| format!("{of}/{FILE}"))?;
        Ok(Self { of, list: exercise })
    }

    /// What is wrong when `all` are the crate's checks (`8.2/line_at_once`): each belongs to one assignment, and
    /// each claim is of one that exists.
    pub fn claim_faults(&self, all: &BTreeSet<String>) -> Vec<String> {
        let mut faults = Vec::new();
        for one in &self.list {
            faults.extend(self.faults_of(one, all).into_iter().map(|what| self.fault(&one.id, &what)));
        }
        for check in all {
            let what = match self.owners(check)[..] {
                [] => "no exercise".to_owned(),
                [_] => continue,
                [first, ref others @ ..] => {
                    let others: Vec<&str> = others.iter().map(|one| &*one.id).collect();
                    format!("{} and {}: only one may have it", first.id, others.join(", "))
                }
            };
            faults.push(format!("{}/{FILE}: the check `{check}` belongs to {what}", self.of));
        }
        faults
    }

    /// What is wrong with the claims of `one`.
    fn faults_of(&self, one: &Assignment, all: &BTreeSet<String>) -> Vec<String> {
        let mut faults = Vec::new();
        let claims = one.checks.iter().chain(&one.given).chain(one.proved_by.values().flatten());
        for claim in claims {
            if !all.iter().any(|check| check == claim || section(check) == claim) {
                faults.push(format!("it claims `{claim}`, and there is no such check"));
            }
        }
        let proofs = self.proofs(one, all);
        if proofs.is_empty() {
            faults.push("no check is left to prove it".to_owned());
        }
        for check in &proofs {
            if !one.holes.iter().any(|hole| one.proved_by.get(hole).is_none_or(|by| among(by, check))) {
                faults.push(format!("`{check}` proves none of its holes"));
            }
        }
        for (hole, by) in &one.proved_by {
            for check in by.iter().filter(|check| check.contains('/') && !proofs.contains(check.as_str())) {
                faults.push(format!("`{hole}` is proved by `{check}`, which is not among its `checks`"));
            }
        }
        faults
    }

    /// Those of `all` that belong to the assignment `id`, and whether each of them passes from the start, by what is
    /// given. The assignment is solved when all of them pass.
    pub fn checks_of<'a>(&self, id: &str, all: &'a BTreeSet<String>) -> Vec<(&'a str, bool)> {
        let owned = |check: &&str| self.owners(check).iter().any(|owner| owner.id == id);
        let given = |check: &str| self.list.iter().any(|one| one.id == id && among(&one.given, check));
        all.iter().map(String::as_str).filter(owned).map(|check| (check, given(check))).collect()
    }

    /// Those of `all` that prove `one`: they are its own, and not given.
    pub fn proofs<'a>(&self, one: &Assignment, all: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
        let checks = self.checks_of(&one.id, all).into_iter();
        checks.filter(|(_, given)| !given).map(|(check, _)| check).collect()
    }

    /// The assignments that `check` belongs to: those that claim it by its name; if none does, its section.
    pub fn owners(&self, check: &str) -> Vec<&Assignment> {
        let claiming = |claim: &str| self.list.iter().filter(|one| one.claims(claim)).collect::<Vec<_>>();
        let by_name = claiming(check);
        if by_name.is_empty() { claiming(section(check)) } else { by_name }
    }

    /// `what` is wrong with the assignment `id`, and where that is.
    pub(crate) fn fault(&self, id: &str, what: &str) -> String {
        format!("{}/{FILE}: {id}: {what}", self.of)
    }
}

/// Whether one of the `claims` is `check` or its section.
pub(crate) fn among(claims: &[String], check: &str) -> bool {
    claims.iter().any(|claim| claim == check || claim == section(check))
}

/// The section of `8.2/line_at_once`.
fn section(check: &str) -> &str {
    check.split_once('/').map_or(check, |(section, _)| section)
}

/// What is wrong with the assignments of all crates, as far as these files tell.
pub fn faults(all: &[Assignments], runtimes: &[&str]) -> Vec<String> {
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
pub fn base<'a>(all: &'a [Assignments], id: &str) -> BTreeSet<&'a str> {
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
