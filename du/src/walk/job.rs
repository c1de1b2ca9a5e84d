//! One job of the walk: what it does with a directory that is open. How it comes to it is in `enter.rs`.

use std::ffi::{CStr, OsStr};
use std::mem::{MaybeUninit, take};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{FileType, RawDir};
use rustix::io::Errno;

use super::stack::Task;
use super::system::{Look, look};
use super::{Batch, Counts, Dir, Failure, Seen, Walk};

/// What a call of getdents fills: some 400 names.
const ENTRIES: usize = 32 << 10;

/// A directory's names that are not entered yet are this many bytes at most, if there is a descriptor to remember
/// where to read on.
const NAMES: usize = 64 << 10;

/// A batch is handed over when it has so many files, so many failures, or when so much time has passed.
const FILES: u64 = 16 << 10;
const FAILURES: usize = 64;
const PATIENCE: Duration = Duration::from_millis(50);

/// A job: what it has found, and how it hands that over.
pub(super) struct Job<'a, H> {
    pub(super) walk: &'a Walk,
    hand_over: H,
    pub(super) batch: Batch,
    /// When the last batch was handed over.
    last: Instant,
}

/// A directory while it is read.
struct Reading {
    dir: Arc<Dir>,
    fd: Arc<OwnedFd>,
    /// Directories found in it, each with its NUL.
    names: Vec<u8>,
    /// Files found in it.
    counts: Counts,
    /// Its path with a slash, when each name has to be matched, and where that ends.
    path: Option<(Vec<u8>, usize)>,
}

impl<'a, H: FnMut(Batch) -> bool> Job<'a, H> {
    pub(super) fn new(walk: &'a Walk, hand_over: H) -> Self {
        Self { walk, hand_over, batch: Batch::default(), last: Instant::now() }
    }

    /// Does what is to be done until there is no more of it.
    pub(super) fn run(mut self) {
        let mut buffer = vec![MaybeUninit::uninit(); ENTRIES];
        while let Some(task) = self.next() {
            let Some((dir, fd)) = self.enter(task) else { continue };
            self.read(dir, fd, &mut buffer);
        }
        self.flush();
    }

    /// The next task. What was found is handed over before a wait.
    fn next(&mut self) -> Option<Task> {
        let task = self.walk.try_next();
        if task.is_some() || self.walk.is_stopped() {
            return task;
        }
        self.flush();
        self.walk.next()
    }

    /// Reads a directory: counts the files, and puts the directories on the stack.
    fn read(&mut self, dir: Arc<Dir>, fd: Arc<OwnedFd>, buffer: &mut [MaybeUninit<u8>]) {
        let path = self.walk.rules.exclude.as_ref().map(|_| dir.path_of(b""));
        let path = path.map(|path| (path.len(), path)).map(|(end, path)| (path, end));
        let mut reading = Reading { dir, fd, names: Vec::new(), counts: Counts::default(), path };
        let fd = Arc::clone(&reading.fd);
        let mut entries = RawDir::new(&*fd, buffer);
        loop {
            if entries.is_buffer_empty() && self.pause(&mut reading) {
                return;
            }
            match entries.next() {
                Some(Ok(entry)) => self.entry(&mut reading, entry.file_name(), entry.file_type()),
                Some(Err(Errno::INTR)) => {}
                // Removed while it was read.
                None | Some(Err(Errno::NOENT)) => break,
                Some(Err(error)) => {
                    self.fail(reading.dir.path(), error);
                    break;
                }
            }
            if self.walk.is_stopped() {
                break;
            }
        }
        self.account(&mut reading);
        let Reading { dir, fd, names, .. } = reading;
        if !names.is_empty() {
            self.walk.share(|stack| stack.push(dir, fd, names));
        }
    }

    /// What is done between two calls of getdents. Whether the rest of the directory is left for later.
    fn pause(&mut self, reading: &mut Reading) -> bool {
        self.account(reading);
        if reading.names.is_empty() {
            return false;
        }
        let Reading { dir, fd, names, .. } = reading;
        if names.len() >= NAMES {
            match self.walk.share(|stack| stack.push_unread(dir, fd, take(names))) {
                Ok(()) => return true,
                Err(back) => *names = back,
            }
        } else if self.walk.is_somebody_hungry() {
            let (dir, fd, names) = (Arc::clone(dir), Arc::clone(fd), take(names));
            self.walk.share(|stack| stack.push(dir, fd, names));
        }
        false
    }

    /// Takes in what was found in the directory so far.
    fn account(&mut self, reading: &mut Reading) {
        let counts = take(&mut reading.counts);
        self.turn_to(reading.dir.root);
        self.batch.counts += counts;
        reading.dir.add(counts);
        let much = self.batch.counts.files >= FILES || self.batch.failures.len() >= FAILURES;
        if much || self.last.elapsed() >= PATIENCE {
            self.flush();
        }
    }

    /// One name in a directory.
    fn entry(&mut self, reading: &mut Reading, name: &CStr, kind: FileType) {
        let bytes = name.to_bytes();
        if bytes == b"." || bytes == b".." {
            return;
        }
        if let Some((path, end)) = &mut reading.path {
            path.truncate(*end);
            path.extend_from_slice(bytes);
            if self.is_excluded(path) {
                return;
            }
        }
        if kind == FileType::Directory {
            reading.names.extend_from_slice(name.to_bytes_with_nul());
            return;
        }
        match look(&*reading.fd, name) {
            // Not every file system tells what a name is.
            Ok(look) if look.kind == FileType::Directory => {
                reading.names.extend_from_slice(name.to_bytes_with_nul());
            }
            Ok(look) => reading.counts += self.counts_in(&look, &reading.dir),
            // Removed since.
            Err(Errno::NOENT) => {}
            Err(error) => {
                self.turn_to(reading.dir.root);
                self.fail(reading.dir.path_of(bytes), error);
            }
        }
    }

    /// What a file in `dir` counts.
    pub(super) fn counts_in(&self, look: &Look, dir: &Dir) -> Counts {
        let rules = &self.walk.rules;
        if self.is_elsewhere(look, dir)
            || rules.disk && look.names > 1 && !self.walk.links.is_first(dir.root, look.id)
        {
            return Counts::default();
        }
        self.counts(look)
    }

    pub(super) fn counts(&self, look: &Look) -> Counts {
        Counts { files: 1, bytes: if self.walk.rules.disk { look.disk } else { look.size } }
    }

    pub(super) fn count_directory(&mut self, dir: &Dir, look: &Look) {
        if self.walk.rules.disk {
            let counts = Counts { files: 0, bytes: look.disk };
            self.batch.counts += counts;
            dir.add(counts);
        }
    }

    /// Whether it is in another file system than `dir`, and that matters.
    pub(super) fn is_elsewhere(&self, look: &Look, dir: &Dir) -> bool {
        let device = |seen: &Seen| seen.id.device;
        self.walk.rules.one_file_system && dir.seen.as_ref().map(device) != Some(look.id.device)
    }

    pub(super) fn is_excluded(&self, path: &[u8]) -> bool {
        self.walk.rules.exclude.as_ref().is_some_and(|globs| globs.is_match(OsStr::from_bytes(path)))
    }

    pub(super) fn fail(&mut self, path: Vec<u8>, error: Errno) {
        let reason = std::io::Error::from(error).to_string();
        self.batch.failures.push(Failure { path, reason });
    }

    /// A batch is of one root.
    pub(super) fn turn_to(&mut self, root: usize) {
        if self.batch.root != root {
            self.flush();
            self.batch.root = root;
        }
    }

    /// Hands over what was found. When nobody takes it any more, the walk is over.
    fn flush(&mut self) {
        self.last = Instant::now();
        let next = Batch { root: self.batch.root, ..Batch::default() };
        let batch = std::mem::replace(&mut self.batch, next);
        if (batch.counts != Counts::default() || !batch.failures.is_empty()) && !(self.hand_over)(batch) {
            self.walk.stop();
        }
    }
}
