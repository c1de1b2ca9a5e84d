//! The students' files as they were when their markers were last in order, with nothing in their holes: what `reset`
//! goes by once a marker is lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use runner::exercises::Runtime;

use super::record;
use super::sources::Part;
use crate::file::Assignments;
use crate::markers::{Source, legible};

/// Below the folder of what is remembered.
const DIR: &str = "pristine";

/// Remembers the files of `part`, which are those of `of` on `runtime`, whose markers are in order.
pub(crate) fn remember(root: &Path, of: &Assignments, runtime: &Runtime, part: &Part) {
    for (path, text) in &part.files {
        let Ok(source) = Source::find(text) else { continue };
        let names = names(&source);
        let place = place(root, path);
        let kept = fs::read_to_string(&place).unwrap_or_default();
        let kept_names = Source::find(&kept).map(|source| self::names(&source)).unwrap_or_default();
        // One that has lost a hole as a whole is not in order either.
        if names.is_empty() || !names.is_superset(&kept_names) {
            continue;
        }
        let replacement = |name: &str| of.list.iter().find_map(|one| one.replacement(name, runtime.name));
        let emptied = source.emptied(replacement);
        if emptied != kept {
            // Where it cannot be written, `reset` says what it is without.
            write(root, &place, &emptied).ok();
        }
    }
}

/// What to do about a file of which nothing is remembered.
pub(crate) const UNKNOWN: &str = "this file was never seen with its markers in order: mend them by hand, or take the \
                                  file out of the first commit again";

/// Whether something is remembered of the file `path`.
pub(crate) fn knows(root: &Path, path: &Path) -> bool {
    place(root, path).exists()
}

/// Whether the file `path` had this hole when its markers were last in order.
pub(crate) fn has(root: &Path, path: &Path, hole: &str) -> bool {
    let kept = fs::read_to_string(place(root, path)).unwrap_or_default();
    Source::find(&kept).is_ok_and(|source| source.holes().any(|own| own.name == hole))
}

/// The file `path` as it was when its markers were last in order, with what is in the holes of `text`, as far as it is
/// legible, except those that are to be `reset`; none when nothing is remembered.
///
/// # Errors
/// When what is remembered cannot be read.
pub(crate) fn rebuilt(root: &Path, path: &Path, text: &str, reset: &[String]) -> Result<Option<String>> {
    let place = place(root, path);
    if !place.exists() {
        return Ok(None);
    }
    let kept = fs::read_to_string(&place).with_context(|| format!("cannot read {}", place.display()))?;
    let Ok(source) = Source::find(&kept) else { return Ok(None) };
    let bodies = legible(text);
    let kept_by = |name: &&str| !reset.iter().any(|hole| hole == name);
    Ok(Some(source.filled(|name| {
        let body = Some(name).filter(kept_by).and_then(|name| bodies.get(name));
        body.map(|body| (*body).to_owned())
    })))
}

fn names<'t>(source: &Source<'t>) -> BTreeSet<&'t str> {
    source.holes().map(|hole| hole.name).collect()
}

fn place(root: &Path, path: &Path) -> PathBuf {
    root.join(record::DIR).join(DIR).join(path)
}

fn write(root: &Path, place: &Path, text: &str) -> Result<()> {
    record::folder(root)?;
    let dir = place.parent().unwrap_or(root);
    Ok(fs::create_dir_all(dir).and_then(|()| fs::write(place, text))?)
}
