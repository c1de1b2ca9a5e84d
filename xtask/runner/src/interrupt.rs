//! Ctrl-C and SIGTERM while something long is under way: the first one ends the programs that were started, so that
//! what is known by then can still be written; a second one ends the runner at once.

use std::collections::BTreeSet;
use std::io;
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use common::exit::Interrupted;
use kit::Children;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Cargo and the checks, which end their own children when they are told to end.
static HELPERS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Whether the user has asked for an end.
#[derive(Clone, Default)]
pub struct Interrupt {
    came: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on a signal ends `children`, those to come too, and every [`Helper`].
    ///
    /// # Errors
    /// When the system takes no handler.
    pub fn watch(children: Children) -> Result<Self> {
        let interrupt = Self::default();
        let own = interrupt.clone();
        let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot wait for Ctrl-C")?;
        thread::spawn(move || {
            for signal in signals.forever() {
                if own.ask() {
                    signal_hook::low_level::exit(128 + signal);
                }
                children.kill();
                for pid in helpers().iter() {
                    // It may have had the terminal's own signal, and be gone.
                    i32::try_from(*pid)
                        .ok()
                        .and_then(Pid::from_raw)
                        .map(|pid| kill_process(pid, Signal::TERM));
                }
            }
        });
        Ok(interrupt)
    }

    /// Asks for an end; true when it had been asked for before.
    pub fn ask(&self) -> bool {
        self.came.swap(true, Ordering::SeqCst)
    }

    /// Whether it came.
    pub fn came(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }

    /// Goes on if it did not come.
    ///
    /// # Errors
    /// [`Interrupted`] if it did.
    pub fn check(&self) -> Result<()> {
        if self.came() { Err(Interrupted.into()) } else { Ok(()) }
    }
}

/// A process that is told to end when the runner is.
pub struct Helper(Child);

impl Helper {
    /// Starts `command`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        // Under the lock: a signal in between would miss it.
        let mut helpers = helpers();
        let child = command.spawn()?;
        helpers.insert(child.id());
        Ok(Self(child))
    }
}

impl Deref for Helper {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Helper {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        helpers().remove(&self.0.id());
    }
}

fn helpers() -> MutexGuard<'static, BTreeSet<u32>> {
    HELPERS.lock().unwrap_or_else(PoisonError::into_inner)
}
