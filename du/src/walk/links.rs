//! Files that have several names, of which `--disk` counts one.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use super::Id;

/// Parts of the set, each with its own lock, so that jobs seldom meet at one.
const PARTS: usize = 16;

/// Those that were counted, in each root. Only what has several names is ever put here.
#[derive(Debug)]
pub(crate) struct Links {
    parts: [Mutex<HashSet<(usize, Id)>>; PARTS],
    hasher: std::hash::RandomState,
}

impl Links {
    /// None so far.
    pub(crate) fn new() -> Self {
        Self { parts: Default::default(), hasher: std::hash::RandomState::new() }
    }

    /// Whether the file was not yet met in that root.
    pub(crate) fn is_first(&self, root: usize, id: Id) -> bool {
        let part = self.hasher.hash_one(id.inode) % PARTS as u64;
        let part = &self.parts[usize::try_from(part).unwrap_or(0)];
        part.lock().unwrap_or_else(PoisonError::into_inner).insert((root, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_met_once_in_each_root() {
        let links = Links::new();
        let id = |minor, inode| Id { device: (8, minor), inode };
        assert!(links.is_first(0, id(1, 7)) && !links.is_first(0, id(1, 7)));
        assert!(links.is_first(0, id(2, 7)), "another device");
        assert!(links.is_first(1, id(1, 7)), "another root");
        assert!((100..1100).all(|inode| links.is_first(0, id(1, inode))));
        assert!(!(100..1100).any(|inode| links.is_first(0, id(1, inode))));
    }
}
