//! How work on many threads is stopped, between two pictures or before the next is written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Whether to stop, seen by all threads that work.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    set: AtomicBool,
    /// Nothing is written any more. Who writes holds it for reading.
    closed: RwLock<bool>,
}

impl Stop {
    /// Nothing more is to be begun.
    pub(crate) fn set(&self) {
        self.set.store(true, Ordering::Relaxed);
    }

    /// Whether nothing more is to be begun.
    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Relaxed)
    }

    /// Nothing more is to be begun or written: waits for those who write.
    pub(crate) fn close(&self) {
        self.set();
        *self.closed.write().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// The right to write, until it is dropped; none after the close.
    pub(crate) fn writing(&self) -> Option<RwLockReadGuard<'_, bool>> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        (!*closed).then_some(closed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn a_close_waits_for_who_writes_and_lets_nobody_in() {
        let stop = Stop::default();
        let (closed, is_closed) = mpsc::channel();
        thread::scope(|scope| {
            let writing = stop.writing().unwrap();
            scope.spawn(|| {
                stop.close();
                closed.send(()).unwrap();
            });
            while !stop.is_set() {
                thread::yield_now();
            }
            assert!(is_closed.try_recv().is_err(), "closed while somebody writes");
            drop(writing);
            is_closed.recv().unwrap();
        });
        assert!(stop.writing().is_none());
    }

    #[test]
    fn begun_is_still_written() {
        let stop = Stop::default();
        stop.set();
        assert!(stop.is_set() && stop.writing().is_some());
    }
}
