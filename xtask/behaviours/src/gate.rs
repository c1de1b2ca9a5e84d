//! Who can be somewhere at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long it may take until all are there that will come.
const LIMIT: Duration = Duration::from_secs(20);

/// How long to look whether more come than were expected.
const LOOK: Duration = Duration::from_millis(100);

/// Holds the threads that come to it until it is opened, and counts them.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: usize,
    open: bool,
}

impl Gate {
    /// Blocks this thread until the gate is opened.
    pub(crate) fn pass(&self) {
        let mut state = self.lock();
        state.waiting += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.open));
    }

    /// How many wait at it at last. That `expected` come may take long on a machine with much to do.
    pub(crate) fn crowd(&self, expected: usize) -> usize {
        self.wait(LIMIT, expected);
        self.wait(LOOK, expected + 1)
    }

    /// Blocks until `n` wait at it.
    pub(crate) fn wait_for(&self, n: usize) {
        self.wait(LIMIT, n);
    }

    /// Lets all pass.
    pub(crate) fn open(&self) {
        self.lock().open = true;
        self.changed.notify_all();
    }

    fn wait(&self, limit: Duration, n: usize) -> usize {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| state.waiting < n);
        waited.unwrap_or_else(PoisonError::into_inner).0.waiting
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
