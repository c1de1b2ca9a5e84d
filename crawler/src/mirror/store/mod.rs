//! The folder of a copy: what was fetched as it came, and what is made of it in the end.
//!
//! Bodies go to `.crawler/objects` as they arrive, and nothing else is written before [`Store::finish`], which knows
//! what there is and so where links can lead. All paths go through cap-std, which follows no `..` and no symbolic link
//! out of the folder; all files come through a rename, so that none is ever seen half written.

mod index;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use cap_tempfile::TempFile;
use rustix::fs::{FlockOperation, flock};
use url::Url;

use self::index::{Entry, Index};
use super::hash;
use super::name::Names;
use super::rewrite::{self, Place};
use crate::content::{Content, charset};
use crate::http::Validators;

/// What an answer says of its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// Content-Type.
    pub(crate) content_type: Option<String>,
    /// ETag.
    pub(crate) etag: Option<String>,
    /// Last-Modified.
    pub(crate) last_modified: Option<String>,
}

/// What [`Store::finish`] did.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// Files of the copy, those of earlier runs included.
    pub(crate) files: usize,
    /// Those that were new or have changed.
    pub(crate) written: usize,
    /// URLs whose file could not be written, or could be but without its links rewritten.
    pub(crate) failed: Vec<(String, anyhow::Error)>,
}

/// For stderr: a line for the copy, and one for each failure.
impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} files in the copy, {} of them written now", self.files, self.written)?;
        self.failed.iter().try_for_each(|(url, error)| writeln!(f, "{url}: {error:#}"))
    }
}

/// The folder of a copy.
pub(crate) struct Store {
    dir: Dir,
    /// `.crawler`.
    own: Dir,
    /// `.crawler/objects`: the bodies, each named by the hash of its URL.
    objects: Dir,
    index: Mutex<Index>,
    /// Locked as long as it is open.
    _lock: File,
}

impl Store {
    /// The copy in the folder `dir`, which is made if it is not there.
    ///
    /// # Errors
    /// If it can't be read or written, or another program copies to it now.
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Self> {
        Self::open_at(dir).with_context(|| format!("can't copy to {}", dir.display()))
    }

    fn open_at(dir: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let dir = Dir::open_ambient_dir(dir, ambient_authority())?;
        dir.create_dir_all(".crawler/objects").context("can't make .crawler/objects")?;
        let own = dir.open_dir(".crawler")?;
        let objects = own.open_dir("objects")?;
        let lock = own.open_with("lock", OpenOptions::new().create(true).write(true))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => bail!("another crawler copies to it"),
            result => result.context("can't lock .crawler/lock")?,
        }
        let index = Mutex::new(Index::read(&own)?);
        Ok(Self { dir, own, objects, index, _lock: lock })
    }

    /// What to ask with whether `url` has changed; none if there is nothing to ask with, or its body is gone.
    pub(crate) fn validators(&self, url: &str) -> Option<Validators> {
        let (length, validators) = {
            let index = self.index();
            let entry = index.urls.get(url).filter(|entry| entry.redirect.is_none())?;
            let (etag, last_modified) = (entry.etag.clone(), entry.last_modified.clone());
            (entry.length?, Validators { etag, last_modified })
        };
        let there = self.objects.symlink_metadata(hash(url)).is_ok_and(|object| object.len() == length);
        (there && (validators.etag.is_some() || validators.last_modified.is_some())).then_some(validators)
    }

    /// Keeps the body of `url`.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn save(&self, url: &str, head: &Head, body: &[u8]) -> anyhow::Result<()> {
        write(&self.objects, &hash(url), body).with_context(|| format!("can't keep {url}"))?;
        let mut index = self.index();
        let entry = index.urls.entry(url.to_owned()).or_default();
        let Head { content_type, etag, last_modified } = head.clone();
        let length = Some(body.len() as u64);
        *entry = Entry { file: entry.file.take(), content_type, etag, last_modified, redirect: None, length };
        Ok(())
    }

    /// The body of `url` as it was kept, for when it has not changed.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn kept(&self, url: &str) -> anyhow::Result<(Head, Vec<u8>)> {
        let entry =
            self.index().urls.get(url).cloned().with_context(|| format!("{url} was never fetched"))?;
        let body =
            self.objects.read(hash(url)).with_context(|| format!("can't read what was kept of {url}"))?;
        let Entry { content_type, etag, last_modified, .. } = entry;
        Ok((Head { content_type, etag, last_modified }, body))
    }

    /// Notes that `url` leads to `target`, without a file system: the note is written by [`Self::finish`].
    pub(crate) fn redirect(&self, url: &str, target: &str) {
        self.index().urls.entry(url.to_owned()).or_default().redirect = Some(target.to_owned());
    }

    /// Writes the index, and the files of the copy, with what has come so far and what earlier runs have left.
    ///
    /// # Errors
    /// If the index can't be written. What is wrong with single files is told in the result, and stops no other.
    pub(crate) fn finish(&self) -> anyhow::Result<Published> {
        let index = {
            let mut index = self.index();
            give_names(&mut index.urls);
            index.clone()
        };
        // First, so that who has no patience for the files loses nothing: the next run writes those that are missing.
        let text = serde_json::to_vec_pretty(&index)?;
        write(&self.own, index::FILE, &text).context("can't write .crawler/index.json")?;
        let mut published = Published::default();
        for (url, entry) in &index.urls {
            let (Some(file), Some(_)) = (&entry.file, entry.length) else { continue };
            match self.publish(&index, url, entry, file) {
                Ok(written) => {
                    published.files += 1;
                    published.written += usize::from(written);
                }
                Err(error) => published.failed.push((url.clone(), error)),
            }
        }
        Ok(published)
    }

    /// Makes the file of one URL. Whether it was written.
    fn publish(&self, index: &Index, url: &str, entry: &Entry, file: &str) -> anyhow::Result<bool> {
        let body = self.objects.read(hash(url)).context("what was kept of it can't be read")?;
        let content_type = entry.content_type.as_deref();
        let local = |url: &str| index.target(url).filter(|entry| entry.length.is_some())?.file.as_deref();
        let parsed = Url::parse(url)?;
        let place = Place { url: &parsed, file, charset: charset(content_type), local: &local };
        match Content::of(content_type) {
            Content::Html => match rewrite::html(place, &body) {
                Ok(page) => self.write(file, &page),
                Err(error) => {
                    self.write(file, &body)?;
                    Err(error).context("its links could not be rewritten")
                }
            },
            Content::Css => self.write(file, &rewrite::css(place, &body)),
            _ => self.write(file, &body),
        }
    }

    /// Writes a file of the copy, if it has changed.
    fn write(&self, file: &str, bytes: &[u8]) -> anyhow::Result<bool> {
        match self.dir.symlink_metadata(file) {
            Ok(there) if there.is_symlink() => bail!("{file} is a symbolic link"),
            Ok(there) if there.is_dir() => bail!("{file} is a folder"),
            Ok(there) if there.len() == bytes.len() as u64 && self.dir.read(file)? == bytes => {
                return Ok(false);
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("can't write {file}"));
            }
            _ => {}
        }
        let (folder, name) = file.rsplit_once('/').context("a name without a folder")?;
        let made = self.dir.create_dir_all(folder).and_then(|()| self.dir.open_dir(folder));
        let folder = made.with_context(|| format!("can't make {folder}"))?;
        write(&folder, name, bytes).with_context(|| format!("can't write {file}"))?;
        Ok(true)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names those that have a body and no name yet. The order is that of the URLs, whenever they came.
fn give_names(urls: &mut BTreeMap<String, Entry>) {
    let mut names = Names::default();
    for entry in urls.values_mut() {
        // No host begins with a dot, and `.crawler` does.
        entry.file = entry.file.take().filter(|file| !file.starts_with('.') && names.keep(file));
    }
    for (url, entry) in urls.iter_mut().filter(|(_, entry)| entry.file.is_none() && entry.length.is_some()) {
        if let Ok(url) = Url::parse(url) {
            entry.file = Some(names.give(&url, Content::of(entry.content_type.as_deref())));
        }
    }
}

/// Writes `name` in `dir` through a rename.
fn write(dir: &Dir, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = TempFile::new(dir)?;
    file.write_all(bytes)?;
    file.replace(name)
}
