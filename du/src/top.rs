//! The largest directories, of which no more are kept than are asked for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use crate::walk::Counts;

/// A directory with what is in it: the larger it is, and of equal ones the earlier its name, the greater.
type Ranked = (u64, Reverse<Vec<u8>>, u64);

/// The largest directories so far.
#[derive(Debug)]
pub(crate) struct Top {
    most: usize,
    /// The least of them on top, which is the next to go.
    kept: Mutex<BinaryHeap<Reverse<Ranked>>>,
}

impl Top {
    /// None so far, and `most` at most.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    /// Takes a directory with all that is below it, if it is one of the largest. `path` is asked for only then.
    pub(crate) fn offer(&self, counts: Counts, path: impl FnOnce() -> Vec<u8>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let full = kept.len() >= self.most;
        if full && kept.peek().is_none_or(|Reverse((least, ..))| counts.bytes < *least) {
            return;
        }
        kept.push(Reverse((counts.bytes, Reverse(path()), counts.files)));
        if full {
            kept.pop();
        }
    }

    /// The path of each and what is in it, the largest first.
    pub(crate) fn largest(&self) -> Vec<(Vec<u8>, Counts)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let one = |Reverse((bytes, Reverse(path), files)): Reverse<Ranked>| (path, Counts { files, bytes });
        kept.into_sorted_vec().into_iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn those_that_sorting_all_would_find(sizes in prop::collection::vec(0_u64..20, 0..50), most in 0_usize..10) {
            let top = Top::new(most);
            let mut all: Vec<_> = sizes.iter().enumerate().map(|(n, bytes)| (n, *bytes)).collect();
            for (n, bytes) in &all {
                top.offer(Counts { files: 1, bytes: *bytes }, || format!("{n:03}").into_bytes());
            }
            all.sort_by_key(|(n, bytes)| (Reverse(*bytes), *n));
            let expected: Vec<_> = all.iter().take(most).map(|(n, b)| (format!("{n:03}").into_bytes(), *b)).collect();
            let got: Vec<_> = top.largest().into_iter().map(|(path, counts)| (path, counts.bytes)).collect();
            prop_assert_eq!(got, expected);
        }
    }
}
