//! The holes of a handout: those of the chosen exercises are emptied, and of the others nothing is left to see.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use homework::assignment::Assignment;
use homework::file::FILE;
use homework::markers::Source;
use homework::{Files, Homework};
use runner::exercises::{EXERCISES, RUNTIMES, Runtime};
use toml_edit::{Array, DocumentMut, Item};

/// The exercises that are handed out.
pub(super) struct Chosen<'h> {
    /// In the order of the crates and their files, each with its crate's name.
    pub(super) list: Vec<(&'static str, &'h Assignment)>,
}

impl<'h> Chosen<'h> {
    /// Those with the `ids`; all when there are none.
    ///
    /// # Errors
    /// When there is none with one of them.
    pub(super) fn new(homework: &'h Homework, ids: &[String]) -> Result<Self> {
        let all: Vec<_> =
            homework.crates().iter().flat_map(|of| of.list.iter().map(move |one| (of.of, one))).collect();
        for id in ids {
            let known = all.iter().map(|(_, one)| one.id.as_str()).collect::<Vec<_>>().join(", ");
            ensure!(homework.find(id).is_some(), "there is no exercise {id:?}; there are {known}");
        }
        let list = all.into_iter().filter(|(_, one)| ids.is_empty() || ids.contains(&one.id)).collect();
        Ok(Self { list })
    }

    fn has(&self, id: &str) -> bool {
        self.list.iter().any(|(_, one)| one.id == id)
    }

    /// The exercise of the hole `name`.
    pub(super) fn of_hole(&self, name: &str) -> Option<&'h Assignment> {
        self.list.iter().map(|(_, one)| *one).find(|one| one.holes.iter().any(|hole| hole == name))
    }

    /// The names of all holes.
    pub(super) fn holes(&self) -> BTreeSet<&'h str> {
        self.list.iter().flat_map(|(_, one)| one.holes.iter().map(String::as_str)).collect()
    }
}

/// Whether a hole may be in `path`.
pub(super) fn is_source(path: &Path) -> bool {
    let of_a_program = EXERCISES.iter().any(|one| path.starts_with(Path::new(one.name).join("src")));
    of_a_program && path.extension().is_some_and(|extension| extension == "rs")
}

/// What is in the holes of `chosen`: the solution.
///
/// # Errors
/// When markers are wrong.
pub(super) fn bodies(files: &Files, chosen: &Chosen<'_>) -> Result<Vec<(String, String)>> {
    let mut bodies = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| is_source(path)) {
        let source = parse(path, text)?;
        let own = source.holes().filter(|hole| chosen.of_hole(hole.name).is_some());
        bodies.extend(own.map(|hole| (hole.name.to_owned(), hole.body.to_owned())));
    }
    Ok(bodies)
}

/// Empties the holes of `chosen`, and takes the markers of all others and their exercises away.
///
/// # Errors
/// When markers or exercises are wrong.
pub(super) fn empty(files: &mut Files, chosen: &Chosen<'_>, runtimes: &[&Runtime]) -> Result<()> {
    let sources: Vec<PathBuf> = files.keys().filter(|path| is_source(path)).cloned().collect();
    for path in sources {
        let runtime = runtime_of(&path);
        let replacement = |name: &str| chosen.of_hole(name)?.replacement(name, runtime.name);
        let emptied = parse(&path, &files[&path])?.emptied(replacement);
        files.insert(path, without_markers(&emptied, chosen));
    }
    for exercise in EXERCISES {
        let path = Path::new(exercise.name).join(FILE);
        let text =
            files.get_mut(&path).with_context(|| format!("the workspace has no {}", path.display()))?;
        *text = selected(text, chosen, runtimes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// `text` as a source with holes.
///
/// # Errors
/// When its markers are wrong, with their place.
pub(super) fn parse<'t>(path: &Path, text: &'t str) -> Result<Source<'t>> {
    Source::parse(text).map_err(|fault| anyhow!("{}:{fault}", path.display()))
}

/// The runtime whose module `path` is in. What all share is the same for each.
fn runtime_of(path: &Path) -> &'static Runtime {
    let is_in = |runtime: &&Runtime| path.components().any(|part| part.as_os_str() == runtime.module);
    RUNTIMES.iter().find(is_in).unwrap_or(&RUNTIMES[0])
}

/// `text` without the markers of holes that are not in `chosen`.
fn without_markers(text: &str, chosen: &Chosen<'_>) -> String {
    let marks_another = |line: &&str| {
        let name = line.trim().strip_prefix("// ANCHOR: ").or(line.trim().strip_prefix("// ANCHOR_END: "));
        name.is_some_and(|name| chosen.of_hole(name).is_none())
    };
    text.split_inclusive('\n').filter(|line| !marks_another(line)).collect()
}

/// The exercises of `text` that are in `chosen`; what they build on is only what is to be solved too, and their stubs
/// are those of `runtimes`.
fn selected(text: &str, chosen: &Chosen<'_>, runtimes: &[&Runtime]) -> Result<String> {
    let mut file: DocumentMut = text.parse()?;
    let Some(exercises) = file.get_mut("exercise").and_then(Item::as_array_of_tables_mut) else {
        return Ok(text.to_owned());
    };
    exercises.retain(|one| one.get("id").and_then(Item::as_str).is_some_and(|id| chosen.has(id)));
    for one in exercises.iter_mut() {
        if let Some(on) = one.get_mut("builds_on").and_then(Item::as_array_mut) {
            let left = on.iter().filter_map(|id| id.as_str()).filter(|id| chosen.has(id));
            *on = left.collect::<Array>();
        }
        for (_, stub) in
            one.get_mut("stubs").and_then(Item::as_table_like_mut).into_iter().flat_map(|s| s.iter_mut())
        {
            let Some(stub) = stub.as_table_like_mut() else { continue };
            for gone in RUNTIMES.iter().filter(|gone| runtimes.iter().all(|kept| kept.name != gone.name)) {
                stub.remove(gone.name);
            }
        }
    }
    Ok(file.to_string())
}
