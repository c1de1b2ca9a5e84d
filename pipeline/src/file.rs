//! Files that are there whole or not at all.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::Builder;

/// Writes `bytes` to `path`, in place of what is there: by way of a temporary file beside it and a rename, so
/// that nobody ever sees a part, also not after a full disk or a kill.
///
/// # Errors
/// When it cannot be written; then nothing is left behind, and what was at `path` is still there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // By default a temporary file is its owner's alone.
    let as_any_other = Permissions::from_mode(0o666);
    let mut file = Builder::new().permissions(as_any_other).tempfile_in(dir).with_context(cannot)?;
    file.write_all(bytes).with_context(cannot)?;
    file.persist(path).map_err(|failed| failed.error).with_context(cannot)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

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
}
