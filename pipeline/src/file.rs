//! Files that are there whole or not at all, also when the program is interrupted.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use anyhow::{Context, Result};
use common::exit::Interrupted;
use tempfile::Builder;

/// What every write of the program passes.
static GATE: Gate = Gate::new();

/// Writes `bytes` to `path`: see [`Writing::replace`].
///
/// # Errors
/// When it cannot be written, or no more after [`close`].
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    writing().ok_or(Interrupted)?.replace(path, bytes)
}

/// The right to write, until it is dropped; none after [`close`].
pub(crate) fn writing() -> Option<Writing<'static>> {
    GATE.writing()
}

/// Nothing is written any more: waits for what is just being written, so that no part of a file is left behind when
/// the program ends. Work on a blocking pool cannot be cancelled, and would be cut off in the middle.
pub(crate) fn close() {
    GATE.close();
}

/// Who writes holds it for reading.
#[derive(Debug)]
struct Gate {
    closed: RwLock<bool>,
}

/// The right to write.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    _open: RwLockReadGuard<'a, bool>,
}

impl Gate {
    const fn new() -> Self {
        Self { closed: RwLock::new(false) }
    }

    fn writing(&self) -> Option<Writing<'_>> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        (!*closed).then_some(Writing { _open: closed })
    }

    fn close(&self) {
        *self.closed.write().unwrap_or_else(PoisonError::into_inner) = true;
    }
}

impl Writing<'_> {
    /// Writes `bytes` to `path`, in place of what is there: by way of a temporary file beside it and a rename, so
    /// that nobody ever sees a part, also not after a full disk.
    ///
    /// # Errors
    /// When it cannot be written; then nothing is left behind, and what was at `path` is still there.
    #[expect(clippy::unused_self, reason = "who writes must have passed the gate")]
    pub(crate) fn replace(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let cannot = || format!("cannot write {}", path.display());
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // By default a temporary file is its owner's alone.
        let as_any_other = Permissions::from_mode(0o666);
        let mut file = Builder::new().permissions(as_any_other).tempfile_in(dir).with_context(cannot)?;
        file.write_all(bytes).with_context(cannot)?;
        file.persist(path).map_err(|failed| failed.error).with_context(cannot)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn there_whole_or_not_at_all() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("a");
        fs::write(&path, "old and longer")?;
        replace(&path, b"new")?;
        assert_eq!(fs::read(&path)?, b"new");
        let error = format!("{:#}", replace(&dir.path().join("none/a"), b"new").unwrap_err());
        assert!(error.contains("none/a"), "{error}");
        assert!(replace(dir.path(), b"new").is_err(), "a folder is not replaced");
        assert_eq!(fs::read_dir(&dir)?.count(), 1, "nothing is left behind");
        Ok(())
    }

    #[test]
    fn a_close_waits_for_who_writes_and_lets_nobody_in() {
        let gate = Gate::new();
        let (closing, is_closing) = mpsc::channel();
        let (closed, is_closed) = mpsc::channel();
        thread::scope(|scope| {
            let writing = gate.writing().unwrap();
            scope.spawn(|| {
                closing.send(()).unwrap();
                gate.close();
                closed.send(()).unwrap();
            });
            is_closing.recv().unwrap();
            // Until the closing thread waits for the lock, when nobody else gets in.
            while gate.closed.try_read().is_ok() {
                thread::yield_now();
            }
            assert!(is_closed.try_recv().is_err(), "closed while somebody writes");
            drop(writing);
            is_closed.recv().unwrap();
        });
        assert!(gate.writing().is_none());
    }
}
