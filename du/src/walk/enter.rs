//! How a job comes to a directory: by its name in one that is open, or again from the root on.

use std::ffi::{CStr, CString};
use std::mem::take;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{CWD, FileType};
use rustix::io::Errno;

use super::job::Job;
use super::stack::{Access, Task};
use super::system::{Look, is_no_directory, is_short, look, look_at, open};
use super::{Batch, Dir, Seen};

impl<H: FnMut(Batch) -> bool> Job<'_, H> {
    /// Opens the directory that is to be read, if there is one.
    pub(super) fn enter(&mut self, task: Task) -> Option<(Arc<Dir>, Arc<OwnedFd>)> {
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
            FileType::Directory => self.open(CWD, path, true).map(|fd| (look, Some(fd))),
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
        match self.open(&at, &name, true) {
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
        let mut promised = wanted.len();
        let mut last: Option<Arc<OwnedFd>> = None;
        let mut failed = None;
        while let Some(next) = way.pop() {
            let open = |waits| match &last {
                None => self.open(CWD, next.name(), waits),
                Some(fd) => self.open(fd, next.name(), waits),
            };
            let fd = open(promised == 0).or_else(|error| {
                if !is_short(error) || promised == 0 {
                    return Err(error);
                }
                // Better none for later than none for now; others may wait for one as well.
                opened.clear();
                self.walk.keep(take(&mut promised), Vec::new());
                open(true)
            });
            let keeps = promised > 0 && wanted.iter().any(|wanted| Arc::ptr_eq(wanted, next));
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
        self.walk.keep(promised, opened);
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

    /// Opens a directory; when there are no descriptors left, once more without those that are kept, and if it
    /// `waits`, without those that other jobs are about to.
    fn open(&self, at: impl AsFd, name: &CStr, waits: bool) -> Result<OwnedFd, Errno> {
        loop {
            match open(&at, name) {
                Err(error) if is_short(error) && self.walk.make_room(waits) => {}
                result => return result,
            }
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
