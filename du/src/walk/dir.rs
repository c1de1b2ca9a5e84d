//! A directory that the walk knows: its name and the one that it is in, up to the root. No path is kept, and none
//! is ever given to the system: it may be longer than the system takes.

use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Counts;
use crate::top::Top;

/// What a directory is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) device: (u32, u32),
    pub(crate) inode: u64,
}

/// What was found when a directory was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) id: Id,
    /// A way may lead around to it: something is mounted on it or above it.
    pub(crate) mounted: bool,
}

/// A directory. It is dropped when nothing below it is left to be walked.
#[derive(Debug)]
pub(crate) struct Dir {
    parent: Option<Arc<Dir>>,
    name: CString,
    /// The root that it belongs to.
    pub(crate) root: usize,
    /// None when nobody asked.
    pub(crate) seen: Option<Seen>,
    ledger: Option<Ledger>,
}

/// What is in a directory and below it, for `--top`.
#[derive(Debug)]
struct Ledger {
    top: Arc<Top>,
    files: AtomicU64,
    bytes: AtomicU64,
}

impl Dir {
    /// The root with this number, at `path`.
    pub(crate) fn root(root: usize, path: CString, seen: Option<Seen>, top: Option<&Arc<Top>>) -> Self {
        Self { parent: None, name: path, root, seen, ledger: top.map(Ledger::new) }
    }

    /// The directory `name` in `parent`.
    pub(crate) fn child(parent: Arc<Self>, name: CString, seen: Option<Seen>) -> Self {
        let ledger = parent.ledger.as_ref().map(|ledger| Ledger::new(&ledger.top));
        Self { root: parent.root, parent: Some(parent), name, seen, ledger }
    }

    /// Its name in its parent; of a root, its path.
    pub(crate) fn name(&self) -> &CStr {
        &self.name
    }

    /// The directory itself, then the one that it is in, and so on up to the root.
    pub(crate) fn upwards(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Self>> {
        std::iter::successors(Some(self), |dir| dir.parent.as_ref())
    }

    /// What leads to it, beginning with its root as that was given.
    pub(crate) fn path(&self) -> Vec<u8> {
        let mut names = vec![self.name.to_bytes()];
        let mut above = self.parent.as_ref();
        while let Some(dir) = above {
            names.push(dir.name.to_bytes());
            above = dir.parent.as_ref();
        }
        names.reverse();
        let mut path = Vec::with_capacity(names.iter().map(|name| name.len() + 1).sum());
        for name in names {
            if !path.is_empty() && path.last() != Some(&b'/') {
                path.push(b'/');
            }
            path.extend_from_slice(name);
        }
        path
    }

    /// What leads to `name` in it.
    pub(crate) fn path_of(&self, name: &[u8]) -> Vec<u8> {
        let mut path = self.path();
        if path.last() != Some(&b'/') {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        path
    }

    /// Adds what was found in it.
    pub(crate) fn add(&self, counts: Counts) {
        if let Some(ledger) = &self.ledger {
            ledger.add(counts);
        }
    }

    /// All below has been walked: what it holds is known, and its parent's.
    fn settle(&mut self) {
        let Some(ledger) = self.ledger.take() else { return };
        let counts = Counts { files: ledger.files.into_inner(), bytes: ledger.bytes.into_inner() };
        if let Some(parent) = &self.parent {
            parent.add(counts);
        }
        ledger.top.offer(counts, || self.path());
    }
}

impl Drop for Dir {
    /// One after the other and not one inside the other: a thousand levels would need a thousand stack frames.
    fn drop(&mut self) {
        self.settle();
        let mut next = self.parent.take();
        while let Some(dir) = next {
            next = Arc::into_inner(dir).and_then(|mut dir| {
                dir.settle();
                dir.parent.take()
            });
        }
    }
}

impl Ledger {
    fn new(top: &Arc<Top>) -> Self {
        Self { top: Arc::clone(top), files: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    fn add(&self, counts: Counts) {
        // Read when this is dropped, which comes after all of them.
        self.files.fetch_add(counts.files, Ordering::Relaxed);
        self.bytes.fetch_add(counts.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> CString {
        CString::new(name).unwrap()
    }

    #[test]
    fn paths_begin_as_the_root_was_given() {
        for (root, path, file) in
            [(".", "./a/b", "./a/b/c"), ("/", "/a/b", "/a/b/c"), ("x/", "x/a/b", "x/a/b/c")]
        {
            let dir = Arc::new(Dir::root(0, named(root), None, None));
            let dir = Arc::new(Dir::child(dir, named("a"), None));
            let dir = Dir::child(dir, named("b"), None);
            assert_eq!(dir.path(), path.as_bytes());
            assert_eq!(dir.path_of(b"c"), file.as_bytes());
        }
        assert_eq!(Dir::root(0, named("/"), None, None).path_of(b"a"), b"/a");
    }

    #[test]
    fn what_is_below_is_settled_from_the_deepest_on() {
        let top = Arc::new(Top::new(9));
        let root = Arc::new(Dir::root(0, named("r"), None, Some(&top)));
        root.add(Counts { files: 1, bytes: 1 });
        let a = Arc::new(Dir::child(Arc::clone(&root), named("a"), None));
        let b = Dir::child(Arc::clone(&a), named("b"), None);
        drop((root, a));
        assert_eq!(top.largest().len(), 0, "something is still below");
        b.add(Counts { files: 2, bytes: 20 });
        drop(b);
        let largest: Vec<_> = top.largest().into_iter().map(|(path, counts)| (path, counts.bytes)).collect();
        assert_eq!(largest, [(b"r".to_vec(), 21), (b"r/a".to_vec(), 20), (b"r/a/b".to_vec(), 20)]);
    }

    #[test]
    fn a_million_levels_are_dropped() {
        let mut dir = Dir::root(0, named("r"), None, None);
        for _ in 0..1_000_000 {
            dir = Dir::child(Arc::new(dir), named("d"), None);
        }
    }
}
