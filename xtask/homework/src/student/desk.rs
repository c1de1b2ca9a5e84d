//! The workspace as the student's commands see it: the exercises on each runtime, what is in their holes, and how each
//! of them stands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use runner::cargo::Cargo;
use runner::exercises::{EXERCISES, Exercise, Runtime};

use super::pristine;
use super::record::Record;
use super::sources::{Part, Place, Sources};
use crate::assignment::Assignment;
use crate::file::{Assignments, base};
use crate::{Homework, Texts};

/// Everything that the commands look at.
pub(crate) struct Desk<'c> {
    pub(crate) cargo: &'c Cargo,
    /// Of the workspace.
    pub(crate) root: PathBuf,
    pub(crate) homework: Homework,
    /// All of them, or the one of the handout.
    pub(crate) runtimes: Vec<&'static Runtime>,
    pub(crate) record: Record,
    sources: BTreeMap<&'static str, Sources>,
}

/// One exercise on one runtime.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'d> {
    pub(crate) of: &'d Assignments,
    pub(crate) one: &'d Assignment,
    pub(crate) runtime: &'static Runtime,
}

/// How a piece stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// All of its holes are as they were handed out.
    Untouched,
    /// Something was written, and never checked.
    Begun,
    /// Some checks of it failed the last time.
    Failing { failed: usize, of: usize },
    /// All of its checks passed the last time.
    Solved,
}

impl<'c> Desk<'c> {
    /// Reads the workspace.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn load(cargo: &'c Cargo) -> Result<Self> {
        let root = cargo.root();
        let runtimes = crate::runtimes(root);
        ensure!(!runtimes.is_empty(), "no runtime has its folder in src/runtime/ of each crate");
        Self::read(cargo, root, runtimes)
    }

    fn read(cargo: &'c Cargo, root: &Path, runtimes: Vec<&'static Runtime>) -> Result<Self> {
        let homework = Homework::read(root)?;
        let mut sources = BTreeMap::new();
        for of in homework.crates() {
            sources.insert(of.of, Sources::find(Texts::read(root, of.of)?));
        }
        let record = Record::load(root)?;
        let desk = Self { cargo, root: root.to_owned(), homework, runtimes, record, sources };
        for of in desk.homework.crates() {
            for runtime in &desk.runtimes {
                desk.sources[of.of].on(runtime).for_each(|part| pristine::remember(root, of, runtime, part));
            }
        }
        Ok(desk)
    }

    /// The exercises in the order to solve them in, each on each runtime.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let all = self.homework.crates().iter().flat_map(|of| of.list.iter().map(move |one| (of, one)));
        all.flat_map(|(of, one)| self.runtimes.iter().map(move |&runtime| Piece { of, one, runtime }))
    }

    /// The exercise `id` on each of `runtimes`.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(&self, id: &str, runtimes: &[&'static Runtime]) -> Result<Vec<Piece<'_>>> {
        let Some((of, one)) = self.homework.find(id) else { bail!(self.unknown(id)) };
        Ok(runtimes.iter().map(|&runtime| Piece { of, one, runtime }).collect())
    }

    fn unknown(&self, id: &str) -> String {
        let all = self.homework.crates().iter().flat_map(|of| &of.list);
        let all: Vec<&str> = all.map(|one| &*one.id).collect();
        let far = |other: &str| strsim::damerau_levenshtein(other, id);
        let mut near: Vec<&str> = all.iter().filter(|other| far(other) <= 2).copied().collect();
        near.sort_by_key(|other| far(other));
        near.truncate(3);
        let near = if near.is_empty() { String::new() } else { format!(" Near it: {}.", near.join(", ")) };
        format!("there is no exercise {id:?} here.{near} There are: {}", all.join(", "))
    }

    /// The runtime that is called `name`; all of them when none is.
    ///
    /// # Errors
    /// When the workspace is without it.
    pub(crate) fn on(&self, name: Option<&str>) -> Result<Vec<&'static Runtime>> {
        let Some(name) = name else { return Ok(self.runtimes.clone()) };
        let Some(found) = self.runtimes.iter().find(|runtime| runtime.name == name) else {
            let all: Vec<&str> = self.runtimes.iter().map(|runtime| runtime.name).collect();
            bail!("this workspace is without {name:?}: it has {}", all.join(", "));
        };
        Ok(vec![found])
    }

    /// The first that is not solved and builds on nothing that is not. When `after` is given, the first such after it;
    /// it comes last.
    pub(crate) fn next(&self, runtimes: &[&Runtime], after: Option<Piece<'_>>) -> Option<Piece<'_>> {
        let wanted = |piece: &Piece<'_>| runtimes.iter().any(|runtime| runtime.name == piece.runtime.name);
        let mut open: Vec<Piece<'_>> = self.pieces().filter(wanted).collect();
        let at = after.and_then(|after| open.iter().position(|other| other.is(after)));
        open.rotate_left(at.map_or(0, |at| at + 1));
        open.retain(|piece| self.standing(*piece) != Standing::Solved);
        let ready = open.iter().find(|piece| self.unsolved_base(**piece).is_empty());
        ready.or(open.first()).copied()
    }

    /// What `piece` builds on, near and far, and is not solved on its runtime.
    pub(crate) fn unsolved_base(&self, piece: Piece<'_>) -> Vec<Piece<'_>> {
        let base = base(self.homework.crates(), &piece.one.id);
        let beside = self.pieces().filter(|other| other.runtime.name == piece.runtime.name);
        let of_it = beside.filter(|other| base.contains(&*other.one.id));
        of_it.filter(|other| self.standing(*other) != Standing::Solved).collect()
    }

    /// The holes of `piece` that its files have.
    pub(crate) fn places(&self, piece: Piece<'_>) -> Vec<&Place> {
        let all: Vec<&Place> = self.parts(piece).flat_map(|part| &part.places).collect();
        let find = |hole: &String| all.iter().find(|place| place.hole == *hole).copied();
        piece.one.holes.iter().filter_map(find).collect()
    }

    /// Those of its holes that are as they were handed out.
    pub(crate) fn empty(&self, piece: Piece<'_>) -> Vec<&Place> {
        self.places(piece).into_iter().filter(|place| piece.is_empty(place)).collect()
    }

    /// What is wrong with the markers of `piece`, if a hole of it is not found.
    pub(crate) fn faults(&self, piece: Piece<'_>) -> Vec<String> {
        let there = self.places(piece);
        let missing = |hole: &&String| !there.iter().any(|place| place.hole == **hole);
        let missing: Vec<&String> = piece.one.holes.iter().filter(missing).collect();
        let told: Vec<String> = self.parts(piece).flat_map(|part| &part.faults).cloned().collect();
        match (missing.is_empty(), told.is_empty()) {
            (true, _) => Vec::new(),
            (false, false) => told,
            (false, true) => {
                let lost = |hole: &&String| format!("{}: the markers of `{hole}` are gone", piece.of.of);
                missing.iter().map(lost).collect()
            }
        }
    }

    /// How `piece` stands, by its files and by the last result.
    pub(crate) fn standing(&self, piece: Piece<'_>) -> Standing {
        if self.empty(piece).len() == piece.one.holes.len() {
            return Standing::Untouched;
        }
        match self.record.score(&piece.one.id, piece.runtime.name) {
            None => Standing::Begun,
            Some(score) if score.failed == 0 => Standing::Solved,
            Some(score) => Standing::Failing { failed: score.failed, of: score.passed + score.failed },
        }
    }

    /// Whether its files have changed since its checks ran.
    pub(crate) fn is_stale(&self, piece: Piece<'_>) -> bool {
        let score = self.record.score(&piece.one.id, piece.runtime.name);
        score.is_some_and(|score| score.of != self.fingerprint(piece))
    }

    /// The same for as long as no file is changed that the program of `piece` is made of on its runtime.
    pub(crate) fn fingerprint(&self, piece: Piece<'_>) -> String {
        self.sources[piece.of.of].fingerprint(piece.runtime)
    }

    /// The sources where the holes of `piece` may be.
    pub(crate) fn parts(&self, piece: Piece<'_>) -> impl Iterator<Item = &Part> {
        self.sources[piece.of.of].on(piece.runtime)
    }

    /// What to call `piece`: with its runtime where there are several.
    pub(crate) fn name(&self, piece: Piece<'_>) -> String {
        match self.runtimes[..] {
            [_] => piece.one.id.clone(),
            _ => format!("{} on {}", piece.one.id, piece.runtime.name),
        }
    }

    /// `cargo xtask check 8.2`, with the runtime where there are several.
    pub(crate) fn command(&self, command: &str, piece: Piece<'_>) -> String {
        match self.runtimes[..] {
            [_] => format!("cargo xtask {command} {}", piece.one.id),
            _ => format!("cargo xtask {command} {} --runtime {}", piece.one.id, piece.runtime.name),
        }
    }
}

impl Piece<'_> {
    /// Whether they are the same.
    pub(crate) fn is(&self, other: Piece<'_>) -> bool {
        self.one.id == other.one.id && self.runtime.name == other.runtime.name
    }

    /// The crate that it is in.
    pub(crate) fn exercise(&self) -> &'static Exercise {
        EXERCISES.iter().find(|exercise| exercise.name == self.of.of).expect("they are read by that table")
    }

    /// What is in `hole` of it as it is handed out.
    pub(crate) fn replacement(&self, hole: &str) -> Option<String> {
        self.one.replacement(hole, self.runtime.name)
    }

    /// Whether its hole `place` is as it was handed out.
    pub(crate) fn is_empty(&self, place: &Place) -> bool {
        self.replacement(&place.hole).is_some_and(|text| place.has(&text))
    }

    /// What is to be written in its hole `place`: the words of the `todo!`, or those of the stub.
    pub(crate) fn asks(&self, place: &Place) -> String {
        if let Some(words) = self.one.todo.get(&place.hole) {
            return words.clone();
        }
        let stub = self.replacement(&place.hole).unwrap_or_default();
        let words = stub.split_once(&format!("\"{}: ", self.one.id));
        let words = words.and_then(|(_, words)| words.split_once('"')).map(|(words, _)| words);
        words.unwrap_or("replace what stands in for it").to_owned()
    }
}

#[cfg(test)]
mod tests;
