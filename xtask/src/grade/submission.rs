//! What of a submission is taken: the files that have a hole in the template. Whoever made it may have put anything in
//! its place, and may go on changing it meanwhile.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use common::text::printable;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::template::{IGNORED, Template, hash};

/// Bytes of a file that is taken are fewer than that.
const MOST: u64 = 1 << 20;

/// The most notes about one submission, and the most files that are looked at for them.
const NOTES: usize = 20;
const LOOKED_AT: usize = 20_000;

/// What is laid over the template.
pub(crate) struct Submission {
    /// By their path: what was handed in, and the template's where that is missing.
    pub(crate) answers: BTreeMap<PathBuf, String>,
    /// What was not taken, and why.
    pub(crate) notes: Vec<String>,
}

impl Submission {
    /// Reads the one in the folder `dir`.
    ///
    /// # Errors
    /// When there is no such folder.
    pub(crate) fn read(dir: &Path, template: &Template) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(CWD, dir, flags, Mode::empty());
        let root = root.with_context(|| format!("cannot open the submission {}", dir.display()))?;
        let (mut answers, mut notes) = (BTreeMap::new(), Vec::new());
        for (path, given) in template.crates.iter().flat_map(|part| &part.answers) {
            let text = match answer(&root, path) {
                Ok(text) => text,
                Err(why) => {
                    notes.push(format!("{}: {why}; the template's was taken", path.display()));
                    given.clone()
                }
            };
            answers.insert(path.clone(), text);
        }
        notes.extend(ignored(dir, &root, template));
        let more = notes.len().saturating_sub(NOTES);
        notes.truncate(NOTES);
        notes.extend((more > 0).then(|| format!("{more} more of this kind")));
        Ok(Self { answers, notes })
    }
}

/// The text of the file `path` below `root`.
fn answer(root: &OwnedFd, path: &Path) -> Result<String, String> {
    String::from_utf8(regular(root, path)?).map_err(|_| "it is no UTF-8".to_owned())
}

/// What is in the regular file `path` below `root`, on the way to which no link is followed.
fn regular(root: &OwnedFd, path: &Path) -> Result<Vec<u8>, String> {
    let told = |error: Errno| match error {
        Errno::NOENT => "it is missing".to_owned(),
        Errno::LOOP | Errno::NOTDIR => "a link is on the way to it".to_owned(),
        other => io::Error::from(other).to_string(),
    };
    // A FIFO must not make anybody wait.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut at = openat(root, ".", flags | OFlags::DIRECTORY, Mode::empty()).map_err(told)?;
    let mut names = path.components().peekable();
    while let Some(Component::Normal(name)) = names.next() {
        let folder = if names.peek().is_some() { OFlags::DIRECTORY } else { OFlags::empty() };
        at = openat(&at, name, flags | folder, Mode::empty()).map_err(told)?;
    }
    let file = File::from(at);
    if !file.metadata().is_ok_and(|data| data.is_file()) {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 == MOST { Err(format!("it has {} KiB or more", MOST >> 10)) } else { Ok(bytes) }
}

/// Notes about what is otherwise than in the template, and of no effect.
fn ignored(dir: &Path, root: &OwnedFd, template: &Template) -> Vec<String> {
    let (mut notes, mut folders, mut looked_at) = (Vec::new(), vec![PathBuf::new()], 0);
    let answers: Vec<&PathBuf> = template.crates.iter().flat_map(|part| part.answers.keys()).collect();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(dir.join(&folder)).into_iter().flatten().flatten();
        let mut entries: Vec<_> = entries.take(LOOKED_AT).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = folder.join(entry.file_name());
            looked_at += 1;
            if looked_at > LOOKED_AT {
                notes.push(format!("it has more than {LOOKED_AT} files; not all were looked at"));
                return notes;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if !IGNORED.iter().any(|ignored| entry.file_name() == *ignored) {
                        folders.push(path);
                    }
                }
                _ if answers.contains(&&path) => {}
                _ => notes.extend(note(root, &path, template)),
            }
        }
    }
    notes
}

fn note(root: &OwnedFd, path: &Path, template: &Template) -> Option<String> {
    let shown = printable(path.as_os_str().as_encoded_bytes()).replace('\n', " ");
    let shown: String = shown.chars().take(200).collect();
    let Some(given) = template.files.get(path) else {
        return Some(format!("{shown} is not in the template; it was not taken"));
    };
    let same = regular(root, path).is_ok_and(|bytes| hash(&bytes) == *given);
    (!same).then(|| format!("{shown} was changed; the template's was taken"))
}

#[cfg(test)]
pub(super) mod tests;
