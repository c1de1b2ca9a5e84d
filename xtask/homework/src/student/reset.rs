//! `cargo xtask reset`: an exercise as it was handed out, and what was written is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use runner::Outcome;
use runner::progress::say;

use super::desk::{Desk, Piece};
use super::text::{width, wrapped};
use super::{diff, pristine, record};
use crate::markers::Source;

/// Below the folder of what is remembered.
const BACKUP: &str = "backup";
/// Resets that are kept: of more, the oldest ones go.
const KEPT: usize = 100;

#[derive(clap::Args)]
pub struct Args {
    /// The exercise
    #[arg(value_name = "ID")]
    id: String,

    /// One runtime only
    #[arg(long, value_name = "RUNTIME")]
    runtime: Option<String>,
}

/// A file that is put back.
pub(crate) struct Change {
    path: PathBuf,
    before: String,
    after: String,
    /// It was rebuilt, since its markers were not in order.
    rebuilt: bool,
}

/// Runs the command.
pub(crate) fn run(desk: &Desk<'_>, args: &Args) -> Result<Outcome> {
    let pieces = desk.find(&args.id, &desk.on(args.runtime.as_deref())?)?;
    let id = &args.id;
    let Some((changes, backup)) = put_back(desk, &pieces)? else {
        say(format!("{id} is as it was handed out."))?;
        return Ok(Outcome::Good);
    };
    say(format!("{id} is as it was handed out:"))?;
    for change in &changes {
        say(format!("  {}", change.path.display()))?;
    }
    if changes.iter().any(|change| change.rebuilt) {
        let words = "The markers are back. The holes of other exercises have what you wrote, as far as their \
                     markers were in order; the rest is as it was before the markers were lost.";
        say(wrapped(words, width(), ""))?;
    } else {
        say("What you have changed outside of its holes stays.")?;
    }
    let backup = backup.strip_prefix(&desk.root).unwrap_or(&backup).display();
    say(format!("What you had is kept; to have it back:\n  cp -r {backup}/. ."))?;
    Ok(Outcome::Good)
}

/// Puts the files of `pieces` back: what has changed, and the folder where everything is as it was before; none when
/// nothing had to.
///
/// # Errors
/// When a file cannot be read or written, or its markers were never in order.
pub(crate) fn put_back(desk: &Desk<'_>, pieces: &[Piece<'_>]) -> Result<Option<(Vec<Change>, PathBuf)>> {
    let mut changes: Vec<Change> = Vec::new();
    for piece in pieces {
        for change in changes_of(desk, *piece)? {
            // What the runtimes share is the same on each.
            if !changes.iter().any(|other| other.path == change.path) {
                changes.push(change);
            }
        }
    }
    if changes.is_empty() {
        return Ok(None);
    }
    let backup = backup(&desk.root, &changes)?;
    for change in &changes {
        let path = desk.root.join(&change.path);
        fs::write(&path, &change.after).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Some((changes, backup)))
}

/// The files that `piece` is to be put back in.
fn changes_of(desk: &Desk<'_>, piece: Piece<'_>) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let missing = !desk.faults(piece).is_empty();
    for (path, before) in desk.parts(piece).flat_map(|part| &part.files) {
        let rebuilt = if missing { rebuilt(desk, piece, path, before)? } else { None };
        let (after, is_rebuilt) = match rebuilt {
            Some(after) => (after, true),
            None => (diff::emptied(piece, before).unwrap_or_else(|| before.clone()), false),
        };
        if after != *before {
            changes.push(Change { path: path.clone(), before: before.clone(), after, rebuilt: is_rebuilt });
        }
    }
    Ok(changes)
}

/// The file `path` with its markers in order again, if a hole of `piece` that is missing was in it.
fn rebuilt(desk: &Desk<'_>, piece: Piece<'_>, path: &Path, text: &str) -> Result<Option<String>> {
    let root = &desk.root;
    let now = Source::find(text);
    let there = |hole: &str| now.as_ref().is_ok_and(|source| source.holes().any(|own| own.name == hole));
    let lost = |hole: &&String| !there(hole) && pristine::has(root, path, hole);
    if !piece.one.holes.iter().any(|hole| lost(&hole)) {
        return match now {
            Ok(_) => Ok(None),
            // It may be another exercise's file; without that knowledge there is nothing to go by.
            Err(_) if pristine::knows(root, path) => Ok(None),
            Err(fault) => bail!("{}:{fault}\n{}", path.display(), pristine::UNKNOWN),
        };
    }
    pristine::rebuilt(root, path, text, &piece.one.holes)
}

/// Keeps the files as they are, in a folder of their own.
fn backup(root: &Path, changes: &[Change]) -> Result<PathBuf> {
    let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string().replace(':', "-");
    let all = record::folder(root)?.join(BACKUP);
    let (mut dir, mut n) = (all.join(&time), 1);
    while dir.exists() {
        n += 1;
        dir = all.join(format!("{time}-{n}"));
    }
    prune(&all, KEPT - 1);
    for Change { path, before, .. } in changes {
        let kept = dir.join(path);
        let parent = kept.parent().unwrap_or(&dir);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&kept, before));
        written.with_context(|| format!("cannot write {}: nothing was reset", kept.display()))?;
    }
    Ok(dir)
}

/// Leaves the `kept` newest folders in `all`. Their names are in the order of time.
fn prune(all: &Path, kept: usize) {
    let Ok(entries) = fs::read_dir(all) else { return };
    let mut dirs: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    dirs.sort_unstable();
    for old in dirs.iter().rev().skip(kept) {
        // What stays for once goes the next time.
        fs::remove_dir_all(old).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let all = tempfile::tempdir().unwrap();
        let names = ["2026-01-02", "2025-12-31", "2026-01-01", "2026-01-02-2"];
        names.iter().for_each(|name| fs::create_dir(all.path().join(name)).unwrap());
        prune(all.path(), 2);
        let mut left: Vec<_> = fs::read_dir(all.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["2026-01-02", "2026-01-02-2"]);
        prune(&all.path().join("nothing"), 2);
    }
}
