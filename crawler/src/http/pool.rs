//! The connections that are kept open for the next request to the same server, as pure bookkeeping.
//!
//! Those in use and those kept are together never more than the bound: when a new one is about to be made, the one
//! that was not needed for longest goes.

use std::collections::VecDeque;

/// What a connection leads to: scheme, host and port.
pub(super) type Origin = Box<str>;

#[derive(Debug)]
pub(super) struct Pool<C> {
    /// Used last at the back.
    kept: VecDeque<(Origin, C)>,
    in_use: usize,
    most: usize,
}

impl<C> Pool<C> {
    /// At most `most` connections, if no more than that are in use at a time.
    pub(super) fn new(most: usize) -> Self {
        Self { kept: VecDeque::new(), in_use: 0, most }
    }

    /// The connection to `origin` that was used last. It counts as in use until it is given back or gone.
    pub(super) fn take(&mut self, origin: &str) -> Option<C> {
        let at = self.kept.iter().rposition(|(to, _)| &**to == origin)?;
        self.in_use += 1;
        self.kept.remove(at).map(|(_, connection)| connection)
    }

    /// Counts a connection that is about to be made, and returns the one that has to be closed before, if any.
    #[must_use = "what is dropped under a lock is closed under it"]
    pub(super) fn make(&mut self) -> Option<C> {
        self.in_use += 1;
        let full = self.kept.len() + self.in_use > self.most;
        full.then(|| self.kept.pop_front()).flatten().map(|(_, connection)| connection)
    }

    /// Keeps a connection that was in use and can be used again.
    pub(super) fn give_back(&mut self, origin: Origin, connection: C) {
        self.in_use -= 1;
        self.kept.push_back((origin, connection));
    }

    /// Takes note that a connection in use is closed.
    pub(super) fn gone(&mut self) {
        self.in_use -= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_one_used_last_is_used_again() {
        let mut pool = Pool::new(3);
        assert_eq!(pool.take("a"), None);
        for connection in [1, 2] {
            assert_eq!(pool.make(), None);
            pool.give_back("a".into(), connection);
        }
        assert_eq!(
            (pool.take("b"), pool.take("a"), pool.take("a"), pool.take("a")),
            (None, Some(2), Some(1), None)
        );
    }

    proptest! {
        #[test]
        fn never_more_than_the_bound(steps in prop::collection::vec((0..3u8, 0..3u8), 1..200)) {
            let mut pool = Pool::new(4);
            let mut used = Vec::new();
            for (n, (step, origin)) in steps.into_iter().enumerate() {
                let origin: Origin = origin.to_string().into();
                match step {
                    0 if used.len() < 4 => {
                        let connection = pool.take(&origin);
                        let closed = connection.is_none().then(|| pool.make()).flatten();
                        prop_assert!(closed.is_none_or(|closed| !used.iter().any(|(_, c)| *c == closed)));
                        used.push((origin, connection.unwrap_or(n)));
                    }
                    1 => if let Some((origin, connection)) = used.pop() {
                        pool.give_back(origin, connection);
                    },
                    _ => if used.pop().is_some() {
                        pool.gone();
                    },
                }
                prop_assert!(pool.kept.len() + pool.in_use <= 4);
                prop_assert_eq!(pool.in_use, used.len());
            }
        }
    }
}
