//! One job of the walk.

use std::ffi::{CStr, CString, OsStr};
use std::mem::{MaybeUninit, take};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, RawDir};
use rustix::io::Errno;

use super::stack::{Access, Task};
use super::system::{Look, is_no_directory, is_short, look, look_at, open};
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
    walk: &'a Walk,
    hand_over: H,
    batch: Batch,
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

    /// Opens the directory that is to be read, if there is one.
    fn enter(&mut self, task: Task) -> Option<(Arc<Dir>, Arc<OwnedFd>)> {
        let (dir, fd) = match task {
            Task::Resume { dir, fd } => return Some((dir, fd)),
            Task::Root(root) => self.enter_root(root)?,
            Task::Enter { dir, fd, name } => match fd {
                Access::Open(fd) => self.enter_child(dir, fd, name)?,
                Access::Again(wanted) => {
                    let fd = self.open_again(&dir, &wanted)?;
                    self.enter_child(dir, fd, name)?
                }
            },
        };
        Some((Arc::new(dir), Arc::new(fd)))
    }

    fn enter_root(&mut self, root: usize) -> Option<(Dir, OwnedFd)> {
        let path = &self.walk.roots[root];
        self.turn_to(root);
        if self.is_excluded(path.to_bytes()) {
            return None;
        }
        let opened = look(CWD, path).and_then(|look| match look.kind {
            FileType::Directory => self.open(CWD, path).map(|fd| (look, Some(fd))),
            _ => Ok((look, None)),
        });
        match opened {
            Ok((look, Some(fd))) => {
                let dir = Dir::root(root, path.clone(), Some(look.seen(None)), self.walk.rules.top.as_ref());
                self.count_directory(&dir, &look);
                Some((dir, fd))
            }
            Ok((look, None)) => {
                self.batch.counts += self.counts(&look);
                None
            }
            Err(error) => {
                self.fail(path.to_bytes().to_owned(), error);
                None
            }
        }
    }

    fn enter_child(&mut self, parent: Arc<Dir>, at: Arc<OwnedFd>, name: CString) -> Option<(Dir, OwnedFd)> {
        self.turn_to(parent.root);
        match self.open(&at, &name) {
            Ok(fd) => {
                // Its descriptor is free before another one is opened.
                drop(at);
                let Some(look) = self.look_into(&fd, &parent, &name)? else {
                    return Some((Dir::child(parent, name, None), fd));
                };
                let seen = look.seen(parent.seen.as_ref());
                if self.is_elsewhere(&look, &parent) || seen.mounted && is_around(&seen, &parent) {
                    return None;
                }
                let dir = Dir::child(parent, name, Some(seen));
                self.count_directory(&dir, &look);
                Some((dir, fd))
            }
            Err(error) => {
                self.not_entered(&parent, &at, &name, error);
                None
            }
        }
    }

    /// Looks at a directory that was just opened, if the rules ask for that. None inside is none of that; none
    /// outside is a failure.
    #[expect(clippy::option_option, reason = "not looked at, and not to be walked")]
    fn look_into(&mut self, fd: &OwnedFd, parent: &Dir, name: &CStr) -> Option<Option<Look>> {
        let rules = &self.walk.rules;
        if !rules.disk && !rules.one_file_system {
            return Some(None);
        }
        match look_at(fd) {
            Ok(look) => Some(Some(look)),
            Err(error) => {
                self.fail(parent.path_of(name.to_bytes()), error);
                None
            }
        }
    }

    /// A directory could not be opened. What can still be counted is.
    fn not_entered(&mut self, parent: &Dir, at: &OwnedFd, name: &CStr, error: Errno) {
        if error == Errno::NOENT {
            return;
        }
        match look(at, name) {
            Ok(look) if look.kind != FileType::Directory => {
                let counts = self.counts_in(&look, parent);
                self.batch.counts += counts;
                parent.add(counts);
            }
            // Something else for a moment, and a directory again.
            Ok(_) if is_no_directory(error) => {}
            Ok(look) => {
                if !self.is_elsewhere(&look, parent) {
                    self.count_directory(parent, &look);
                }
                self.fail(parent.path_of(name.to_bytes()), error);
            }
            Err(Errno::NOENT) => {}
            Err(_) => self.fail(parent.path_of(name.to_bytes()), error),
        }
    }

    /// Opens a directory whose descriptor was given up, and hands over those of the `wanted` that are on the way.
    fn open_again(&mut self, dir: &Arc<Dir>, wanted: &[Arc<Dir>]) -> Option<Arc<OwnedFd>> {
        let mut way: Vec<&Arc<Dir>> = dir.upwards().collect();
        let mut opened = Vec::with_capacity(wanted.len());
        let mut last: Option<Arc<OwnedFd>> = None;
        let mut failed = None;
        while let Some(next) = way.pop() {
            let open = || match &last {
                None => self.open(CWD, next.name()),
                Some(fd) => self.open(fd, next.name()),
            };
            let fd = open().or_else(|error| {
                if !is_short(error) || opened.is_empty() {
                    return Err(error);
                }
                // Better none for later than none for now.
                opened.clear();
                open()
            });
            let keeps = wanted.iter().any(|wanted| Arc::ptr_eq(wanted, next));
            // Looked at when it matters: who moves a directory below may find others there.
            let wrong = |fd: &OwnedFd| (keeps || way.is_empty()) && !is_same(fd, next);
            match fd.and_then(|fd| if wrong(&fd) { Err(Errno::NOENT) } else { Ok(fd) }) {
                Ok(fd) => last = Some(Arc::new(fd)),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
            if let Some(fd) = last.as_ref().filter(|_| keeps) {
                opened.push((Arc::clone(next), Arc::clone(fd)));
            }
        }
        self.walk.share(|stack| stack.keep(wanted.len(), opened));
        match failed {
            None => last,
            // What was here has been moved away or removed since.
            Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => None,
            Some(error) => {
                self.turn_to(dir.root);
                self.fail(dir.path(), error);
                None
            }
        }
    }

    /// Opens a directory; when there are no descriptors left, once more without those that are kept.
    fn open(&self, at: impl AsFd, name: &CStr) -> Result<OwnedFd, Errno> {
        loop {
            match open(&at, name) {
                Err(error) if is_short(error) && self.walk.share(|stack| stack.give_all()) => {}
                result => return result,
            }
        }
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
    fn counts_in(&self, look: &Look, dir: &Dir) -> Counts {
        let rules = &self.walk.rules;
        if self.is_elsewhere(look, dir)
            || rules.disk && look.names > 1 && !self.walk.links.is_first(dir.root, look.id)
        {
            return Counts::default();
        }
        self.counts(look)
    }

    fn counts(&self, look: &Look) -> Counts {
        Counts { files: 1, bytes: if self.walk.rules.disk { look.disk } else { look.size } }
    }

    fn count_directory(&mut self, dir: &Dir, look: &Look) {
        if self.walk.rules.disk {
            let counts = Counts { files: 0, bytes: look.disk };
            self.batch.counts += counts;
            dir.add(counts);
        }
    }

    /// Whether it is in another file system than `dir`, and that matters.
    fn is_elsewhere(&self, look: &Look, dir: &Dir) -> bool {
        let device = |seen: &Seen| seen.id.device;
        self.walk.rules.one_file_system && dir.seen.as_ref().map(device) != Some(look.id.device)
    }

    fn is_excluded(&self, path: &[u8]) -> bool {
        self.walk.rules.exclude.as_ref().is_some_and(|globs| globs.is_match(OsStr::from_bytes(path)))
    }

    fn fail(&mut self, path: Vec<u8>, error: Errno) {
        let reason = std::io::Error::from(error).to_string();
        self.batch.failures.push(Failure { path, reason });
    }

    /// A batch is of one root.
    fn turn_to(&mut self, root: usize) {
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

/// Whether the way to `parent` leads through the directory itself.
fn is_around(seen: &Seen, parent: &Arc<Dir>) -> bool {
    parent.upwards().any(|dir| dir.seen.is_some_and(|above| above.id == seen.id))
}

/// Whether what was opened is the directory that it was before, as far as anybody looked.
fn is_same(fd: &OwnedFd, dir: &Dir) -> bool {
    dir.seen.is_none_or(|seen| look_at(fd).is_ok_and(|look| look.id == seen.id))
}
