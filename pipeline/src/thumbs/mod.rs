//! Thumbnails of pictures, without tasks (8.5): what is done with one file, and what comes of all.
//!
//! One is made on a thread that may block: a picture is read, decoded, fitted and encoded in one go. Who makes
//! several at a time shares a [`Studio`] between the threads.

mod fit;
mod jpeg;
mod name;
mod picture;
mod report;

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Error, Result, bail, ensure};
use rustix::fs::OFlags;

pub(crate) use self::name::of_line;
pub(crate) use self::report::Report;
use crate::file::writing;

/// The longest name that is read from stdin, in bytes: no system takes a longer path.
pub(crate) const LONGEST_NAME: usize = 4096;

/// A picture's name, or why none could be read.
pub(crate) type Name = Result<PathBuf>;

/// Where the names of pictures come from.
#[derive(Debug)]
pub(crate) enum Names {
    Given(Vec<PathBuf>),
    Stdin,
}

impl Names {
    /// How many there are, if that is known.
    pub(crate) fn count(&self) -> Option<u64> {
        match self {
            Self::Given(names) => names.len().try_into().ok(),
            Self::Stdin => None,
        }
    }
}

/// What came of one name.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A thumbnail, which the studio has counted.
    Made,
    /// None, for the picture is a thumbnail by its name.
    Skipped,
    /// None, and why.
    Failed(Error),
    /// None, for it was not begun, or not written, when all was stopped.
    Stopped,
}

/// How thumbnails are made. Shared by the threads that make them.
#[derive(Debug)]
pub(crate) struct Studio {
    /// The longest side of a thumbnail, in points.
    max: u32,
    /// The most that a picture may take in memory, in bytes: its file, and what it becomes in decoding.
    memory: u64,
    /// Where thumbnails go; none is beside the picture.
    out: Option<PathBuf>,
    /// No picture is to be begun any more.
    stopped: AtomicBool,
    /// Thumbnails that are written, and their bytes.
    made: AtomicU64,
    bytes: AtomicU64,
    /// The files written in this run, by their hashes: a second one would take the first one's place unseen.
    /// Eight bytes a name, however many come.
    written: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl Studio {
    /// One whose thumbnails have sides of at most `max` points and go to the folder `out`, which is made if it
    /// is not there; `memory` is the most for one picture, in bytes.
    ///
    /// # Errors
    /// When there is no such folder and none can be made.
    pub(crate) fn new(max: u32, memory: u64, out: Option<PathBuf>) -> Result<Self> {
        if let Some(dir) = &out {
            std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        }
        let (made, bytes) = (AtomicU64::default(), AtomicU64::default());
        let (stopped, written, hasher) = (AtomicBool::default(), Mutex::default(), RandomState::new());
        Ok(Self { max, memory, out, stopped, made, bytes, written, hasher })
    }

    /// Makes the thumbnail of one picture. Takes its time, and the memory of one picture.
    pub(crate) fn make(&self, name: Name) -> Outcome {
        let picture = match name {
            Ok(picture) if name::is_thumbnail(&picture) => return Outcome::Skipped,
            Ok(picture) => picture,
            Err(error) => return Outcome::Failed(error),
        };
        if self.stopped.load(Ordering::Relaxed) {
            return Outcome::Stopped;
        }
        self.try_make(&picture).unwrap_or_else(Outcome::Failed)
    }

    /// The line for stdout: how many thumbnails are written, and how many bytes they have.
    pub(crate) fn total(&self) -> String {
        let (made, bytes) = (self.made.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        let plural = if made == 1 { "" } else { "s" };
        format!("{made} thumbnail{plural}  {bytes} bytes\n")
    }

    /// No picture is begun any more.
    pub(crate) fn begin_no_more(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn try_make(&self, picture: &Path) -> Result<Outcome> {
        let file = name::thumbnail(picture, self.out.as_deref())?;
        let claim = self.hasher.hash_one(name::plain(&file));
        let new = self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(claim);
        ensure!(new, "{}: {} is another picture's thumbnail already", picture.display(), file.display());
        let bytes =
            read(picture, self.memory).with_context(|| format!("cannot read {}", picture.display()))?;
        // A hostile picture may find a fault in a decoder: that is the picture's error, and the others go on.
        let made = catch_unwind(AssertUnwindSafe(|| picture::thumbnail(&bytes, self.max, self.memory)));
        let thumbnail = made
            .unwrap_or_else(|_| Err(Error::msg("the decoder failed")))
            .with_context(|| format!("cannot decode {}", picture.display()))?;
        let Some(writing) = writing() else { return Ok(Outcome::Stopped) };
        writing.replace(&file, &thumbnail)?;
        // Before the right to write is given back, for which a close waits: then all that is written is counted.
        self.made.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(thumbnail.len().try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(Outcome::Made)
    }
}

/// All of a file, if it is a regular one and has at most `most` bytes. A pipe, say, might never end.
fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    // Opening a pipe waits for who writes to it, unless it is opened so.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    let about = file.metadata()?;
    ensure!(about.is_file(), "not a regular file");
    let mut bytes = Vec::with_capacity(usize::try_from(about.len().min(most)).unwrap_or(0));
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        bail!("larger than --max-memory, {most} bytes");
    }
    Ok(bytes)
}
