//! The directories that were found and not yet entered: a stack that all jobs share, and in it the few descriptors
//! that are kept open.
//!
//! To enter a directory one needs the one that it is in, open. So a *group*, the names found in one directory,
//! keeps that directory open as long as there is room for it. When there is not, the lowest group gives its
//! descriptor up: it is the last that will be needed, and who comes back to it opens it again from the root on.
//! On that way it also opens the directories of the groups that come next, and those are kept.
//!
//! `most` counts what is kept here. What a job has in its hands is its own (see `job.rs`).

use std::ffi::{CStr, CString};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use memchr::memchr;

use super::Dir;

/// What a job has to do next.
#[derive(Debug)]
pub(crate) enum Task {
    /// Begin with the root that has this number.
    Root(usize),
    /// Enter the directory `name` in `dir`.
    Enter { dir: Arc<Dir>, fd: Access, name: CString },
    /// Read the rest of `dir`.
    Resume { dir: Arc<Dir>, fd: Arc<OwnedFd> },
}

/// How a job comes to the directory of a group.
#[derive(Debug)]
pub(crate) enum Access {
    Open(Arc<OwnedFd>),
    /// By opening it again from the root on; of the directories on that way, these are to be kept.
    Again(Vec<Arc<Dir>>),
}

/// What it helped to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    Some,
    /// Nothing now. Others have some in their hands that are to be kept, and will soon hand them over or close them.
    Later,
    None,
}

/// Names that were found in one directory, at least one.
#[derive(Debug)]
struct Group {
    dir: Arc<Dir>,
    fd: Option<Arc<OwnedFd>>,
    /// One after the other, each with its NUL.
    names: Vec<u8>,
    /// Where the next one begins.
    at: usize,
    /// There is more in the directory than was read: its descriptor, which knows how far that was, must stay.
    unread: bool,
}

impl Group {
    /// The next name, if there is one.
    fn name(&mut self) -> Option<CString> {
        let rest = self.names.get(self.at..)?;
        let name = CStr::from_bytes_with_nul(&rest[..=memchr(0, rest)?]).ok()?;
        self.at += name.to_bytes_with_nul().len();
        Some(name.to_owned())
    }

    fn is_empty(&self) -> bool {
        self.at >= self.names.len()
    }
}

/// The stack.
#[derive(Debug)]
pub(crate) struct Stack {
    groups: Vec<Group>,
    /// Descriptors that are kept, or promised to one who opens a directory again.
    kept: usize,
    /// How many of those are promised.
    promised: usize,
    /// As many of them there may be.
    most: usize,
    /// How many of those kept have to stay.
    fixed: usize,
    /// Below this one no group can give a descriptor up.
    given: usize,
    next_root: usize,
    roots: usize,
}

impl Stack {
    /// So many roots to begin with, and at `most` so many descriptors.
    pub(crate) fn new(roots: usize, most: usize) -> Self {
        Self { groups: Vec::new(), kept: 0, promised: 0, most, fixed: 0, given: 0, next_root: 0, roots }
    }

    /// Puts the `names` found in `dir` on top. `fd` is kept if there is room.
    pub(crate) fn push(&mut self, dir: Arc<Dir>, fd: Arc<OwnedFd>, names: Vec<u8>) {
        let fd = self.has_room().then_some(fd);
        self.kept += usize::from(fd.is_some());
        self.groups.push(Group { dir, fd, names, at: 0, unread: false });
    }

    /// Puts the `names` that were found so far in `dir` on top: the rest is to be read when they have been
    /// entered, so that the names of a large directory are never all here.
    ///
    /// # Errors
    /// Gives the names back when there is no room for a descriptor that has to stay.
    pub(crate) fn push_unread(
        &mut self,
        dir: &Arc<Dir>,
        fd: &Arc<OwnedFd>,
        names: Vec<u8>,
    ) -> Result<(), Vec<u8>> {
        // The other half is for those that can be given up.
        if self.fixed >= self.most / 2 || !self.has_room() {
            return Err(names);
        }
        self.kept += 1;
        self.fixed += 1;
        let (dir, fd) = (Arc::clone(dir), Some(Arc::clone(fd)));
        self.groups.push(Group { dir, fd, names, at: 0, unread: true });
        Ok(())
    }

    /// What comes next: the last found first, so that little is open and little is waiting.
    pub(crate) fn pop(&mut self) -> Option<Task> {
        let Some(group) = self.groups.last_mut() else {
            let root = self.next_root;
            self.next_root += 1;
            return (root < self.roots).then_some(Task::Root(root));
        };
        let Some(name) = group.name() else {
            // Only the rest of the directory is left to be read.
            let group = self.remove_last()?;
            return Some(Task::Resume { dir: group.dir, fd: group.fd? });
        };
        let (dir, fd) = if group.is_empty() && !group.unread {
            let group = self.remove_last()?;
            (group.dir, group.fd)
        } else {
            (Arc::clone(&group.dir), group.fd.clone())
        };
        let fd = fd.map_or_else(|| Access::Again(self.wanted()), Access::Open);
        Some(Task::Enter { dir, fd, name })
    }

    fn remove_last(&mut self) -> Option<Group> {
        let group = self.groups.pop()?;
        self.given = self.given.min(self.groups.len());
        self.kept -= usize::from(group.fd.is_some());
        self.fixed -= usize::from(group.unread);
        Some(group)
    }

    /// The groups that will be needed next and are not open, as many as there is room for; that room is promised.
    fn wanted(&mut self) -> Vec<Arc<Dir>> {
        let room = self.most.saturating_sub(self.kept);
        let closed = self.groups.iter().rev().take_while(|group| group.fd.is_none());
        let wanted: Vec<_> = closed.take(room).map(|group| Arc::clone(&group.dir)).collect();
        self.kept += wanted.len();
        self.promised += wanted.len();
        wanted
    }

    /// Takes what was opened again of the `promised` directories.
    pub(crate) fn keep(&mut self, promised: usize, opened: Vec<(Arc<Dir>, Arc<OwnedFd>)>) {
        self.kept -= promised;
        self.promised -= promised;
        for (dir, fd) in opened {
            // Others may have come on top meanwhile, but not many.
            let near = self.groups.iter_mut().enumerate().rev().take(4 * self.most);
            let group = near.filter(|(_, group)| Arc::ptr_eq(&group.dir, &dir)).find(|(_, g)| g.fd.is_none());
            if let Some((at, group)) = group {
                group.fd = Some(fd);
                self.kept += 1;
                self.given = self.given.min(at);
            }
        }
    }

    /// Gives up what can be given up, and keeps fewer from now on: the system has no more.
    pub(crate) fn give_all(&mut self) -> Given {
        let (kept, most) = (self.kept, self.most);
        while self.give_one() {}
        self.most = self.kept.max(self.most / 2).min(self.most);
        match () {
            () if self.kept < kept => Given::Some,
            () if self.promised > 0 => Given::Later,
            () if self.most < most => Given::Some,
            () => Given::None,
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.groups.clear();
        self.next_root = self.roots;
    }

    /// Whether one more descriptor can be kept, perhaps since another one is given up for it.
    fn has_room(&mut self) -> bool {
        while self.kept >= self.most {
            if !self.give_one() {
                return false;
            }
        }
        true
    }

    /// Gives the lowest descriptor up that can be.
    fn give_one(&mut self) -> bool {
        while let Some(group) = self.groups.get_mut(self.given) {
            if group.fd.is_some() && !group.unread {
                group.fd = None;
                self.kept -= 1;
                return true;
            }
            self.given += 1;
        }
        false
    }
}

#[cfg(test)]
mod tests;
