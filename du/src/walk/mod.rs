//! The walk: what a few long-lived jobs do together. They block in every call, so each of them is on its runtime's
//! blocking pool; who runs them, collects what they find and stops them is in `runtime/`.
//!
//! ```text
//! stack of directories not yet entered ─► jobs (a few) ─► batches of what they found
//!          ▲                               │
//!          └──── directories found ◄───────┘
//! ```
//!
//! A job takes a directory from the stack, reads it (getdents), looks at each file in it (statx, by its name in the
//! directory that is open: no path is resolved again and again, and none can be too long), and puts the directories
//! in it on the stack. The walk is over when the stack is empty and no job is at work.

mod dir;
mod enter;
mod job;
mod links;
mod stack;
mod system;

use std::ffi::CString;
use std::fs::Metadata;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use globset::GlobSet;

pub(crate) use self::dir::{Dir, Id, Seen};
use self::job::Job;
use self::links::Links;
use self::stack::{Given, Stack, Task};
use crate::top::Top;

/// The most directories that one job has open for itself: the one that it reads and the one that it came from.
const HANDS: usize = 2;

/// The descriptors that a job has to be worth having: its own, and some that are kept for it.
const WORTH: usize = 4;

/// How many files there are, and how large they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.files = self.files.saturating_add(other.files);
        // File systems exist that tell any size.
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What could not be read, and why.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) path: Vec<u8>,
    pub(crate) reason: String,
}

/// What was found in one root since the last batch.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) root: usize,
    pub(crate) counts: Counts,
    pub(crate) failures: Vec<Failure>,
}

impl Batch {
    /// One file, as the naive walk sends it.
    pub(crate) fn file(root: usize, metadata: &Metadata) -> Self {
        Self { root, counts: Counts { files: 1, bytes: metadata.len() }, failures: Vec::new() }
    }

    /// One failure.
    pub(crate) fn failure(root: usize, path: &Path, error: &io::Error) -> Self {
        let (path, reason) = (path.as_os_str().as_bytes().to_owned(), error.to_string());
        Self { root, counts: Counts::default(), failures: vec![Failure { path, reason }] }
    }
}

/// What is counted, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Allocated blocks, directories too, and a file of several names once; else the sizes of files.
    pub(crate) disk: bool,
    /// Stay in the file system of the root.
    pub(crate) one_file_system: bool,
    /// What is left out, with all below it.
    pub(crate) exclude: Option<GlobSet>,
    /// Where the largest directories are wanted.
    pub(crate) top: Option<Arc<Top>>,
}

/// What the jobs share.
#[derive(Debug)]
pub(crate) struct Walk {
    rules: Rules,
    roots: Vec<CString>,
    jobs: usize,
    links: Links,
    stopped: AtomicBool,
    state: Mutex<State>,
    /// There is something on the stack, or room for it, or the walk is over.
    changed: Condvar,
    /// How many jobs have nothing to do: a hint, for those that could share.
    hungry: AtomicUsize,
}

#[derive(Debug)]
struct State {
    stack: Stack,
    /// Jobs that may still put something on the stack.
    at_work: usize,
}

impl Walk {
    /// A walk of at most `jobs` jobs that have at most `limit` directories open.
    pub(crate) fn new(roots: Vec<CString>, rules: Rules, jobs: usize, limit: usize) -> Self {
        let jobs = jobs.min(limit / WORTH).max(1);
        let stack = Stack::new(roots.len(), limit.saturating_sub(HANDS * jobs));
        Self {
            rules,
            roots,
            jobs,
            links: Links::new(),
            stopped: AtomicBool::new(false),
            state: Mutex::new(State { stack, at_work: jobs }),
            changed: Condvar::new(),
            hungry: AtomicUsize::new(0),
        }
    }

    /// How many times [`Walk::job`] has to run, all at the same time.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs
    }

    /// Walks with the others until all is walked, or nobody takes what was found any more.
    pub(crate) fn job(&self, hand_over: impl FnMut(Batch) -> bool) {
        let _at_work = AtWork(self);
        Job::new(self, hand_over).run();
    }

    /// Ends the walk as soon as each job has returned from the call that it is in.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.state().stack.clear();
        self.changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        // No more than a hint to stop: nothing else is read because of it.
        self.stopped.load(Ordering::Relaxed)
    }

    fn is_somebody_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0
    }

    /// The next task, if there is one now.
    fn try_next(&self) -> Option<Task> {
        self.state().stack.pop()
    }

    /// The next task; waits for one while somebody else may still find some. None at the end.
    fn next(&self) -> Option<Task> {
        let mut state = self.state();
        state.at_work -= 1;
        self.hungry.fetch_add(1, Ordering::Relaxed);
        let task = loop {
            if let Some(task) = state.stack.pop() {
                break Some(task);
            }
            if state.at_work == 0 || self.is_stopped() {
                self.changed.notify_all();
                break None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        state.at_work += 1;
        self.hungry.fetch_sub(1, Ordering::Relaxed);
        task
    }

    /// Changes the stack, and wakes those who wait for something on it.
    fn share<T>(&self, change: impl FnOnce(&mut Stack) -> T) -> T {
        let result = change(&mut self.state().stack);
        if self.is_somebody_hungry() {
            self.changed.notify_all();
        }
        result
    }

    /// Makes the stack give up its descriptors, since the system has no more. If another job has all of them in its
    /// hands and `waits` allows it, waits until that has done with them. Whether it is worth another try.
    ///
    /// Who waits must have promised to keep nothing: else two could wait for each other.
    fn make_room(&self, waits: bool) -> bool {
        let mut state = self.state();
        match state.stack.give_all() {
            Given::Some => true,
            Given::Later if waits => {
                drop(self.changed.wait(state).unwrap_or_else(PoisonError::into_inner));
                true
            }
            Given::Later | Given::None => false,
        }
    }

    /// Takes what was opened again of the `promised` directories, and wakes those who wait for room.
    fn keep(&self, promised: usize, opened: Vec<(Arc<Dir>, Arc<OwnedFd>)>) {
        self.state().stack.keep(promised, opened);
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job is at work until it ends, also by a panic: the others would wait for what it might find.
struct AtWork<'a>(&'a Walk);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.state().at_work -= 1;
        self.0.changed.notify_all();
    }
}
