//! A handout on the disk: written beside its place, and moved there when it is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use homework::Files;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The folder that a handout is made in. Dropped before its end, nothing of it is left.
pub(super) struct Draft {
    dir: TempDir,
    place: PathBuf,
}

impl Draft {
    /// A new folder beside `place`.
    ///
    /// # Errors
    /// When there is something at `place`, or the folder cannot be made.
    pub(super) fn new(place: &Path) -> Result<Self> {
        let place = std::path::absolute(place).with_context(|| place.display().to_string())?;
        free(&place)?;
        let parent = place.parent().context("the root folder is no place for a handout")?;
        let dir = tempfile::Builder::new().prefix(".handout-").tempdir_in(parent);
        let dir = dir.with_context(|| format!("cannot write to {}", parent.display()))?;
        Ok(Self { dir, place })
    }

    /// Where it is meanwhile.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes `files`, over those of the same names.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) fn write(&self, files: &Files) -> Result<()> {
        for (path, text) in files {
            let to = self.dir().join(path);
            let made = to.parent().map_or(Ok(()), fs::create_dir_all);
            made.and_then(|()| fs::write(&to, text))
                .with_context(|| format!("cannot write {}", to.display()))?;
        }
        Ok(())
    }

    /// Reads `files` again, of which other programs may have changed some.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn read(&self, files: &mut Files) -> Result<()> {
        for (path, text) in files {
            let from = self.dir().join(path);
            *text = fs::read_to_string(&from).with_context(|| format!("cannot read {}", from.display()))?;
        }
        Ok(())
    }

    /// Moves it to its place.
    ///
    /// # Errors
    /// When something came there meanwhile.
    pub(super) fn finish(self) -> Result<()> {
        let place = &self.place;
        let at = || format!("cannot move the handout to {}", place.display());
        free(place)?;
        // Only its owner can read a temporary folder.
        fs::set_permissions(self.dir(), fs::Permissions::from_mode(0o755)).with_context(at)?;
        // An empty folder is replaced.
        fs::rename(self.dir(), place).with_context(at)?;
        Ok(())
    }
}

/// Holds when nothing is at `place`, or an empty folder.
fn free(place: &Path) -> Result<()> {
    let empty = match fs::read_dir(place) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => fs::symlink_metadata(place).is_err(),
    };
    ensure!(empty, "there is something at {}: name a folder that is not there, or is empty", place.display());
    Ok(())
}

/// Where the archive of the handout at `place` is.
pub(super) fn archive(place: &Path) -> Result<PathBuf> {
    let mut name = place.file_name().context("the folder has no name for its archive")?.to_owned();
    name.push(".zip");
    let archive = place.with_file_name(name);
    ensure!(
        fs::symlink_metadata(&archive).is_err(),
        "there is something at {}: move it away",
        archive.display()
    );
    Ok(archive)
}

/// Writes `files` as an archive to `to`, below a folder with the name `top`. The same files are the same bytes.
///
/// # Errors
/// When it cannot be written.
pub(super) fn zip(files: &Files, top: &str, to: &Path) -> Result<()> {
    let at = || format!("cannot write {}", to.display());
    let parent = to.parent().unwrap_or(Path::new("."));
    let part = tempfile::Builder::new().prefix(".handout-").tempfile_in(parent).with_context(at)?;
    let mut archive = ZipWriter::new(BufWriter::new(part.as_file()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).unix_permissions(0o644);
    for (path, text) in files {
        let name = format!("{top}/{}", path.display());
        archive.start_file(name, options).with_context(at)?;
        archive.write_all(text.as_bytes()).with_context(at)?;
    }
    archive.finish().with_context(at)?.flush().with_context(at)?;
    let opened: &File = part.as_file();
    opened.set_permissions(fs::Permissions::from_mode(0o644)).with_context(at)?;
    part.persist_noclobber(to).with_context(at)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        Files::from([
            ("README.md".into(), "Read me.\n".to_owned()),
            ("clock/src/main.rs".into(), "//\n".to_owned()),
        ])
    }

    #[test]
    fn it_is_at_its_place_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("smol");
        let draft = Draft::new(&place).unwrap();
        draft.write(&files()).unwrap();
        assert!(!place.exists());
        draft.finish().unwrap();
        assert_eq!(fs::read_to_string(place.join("clock/src/main.rs")).unwrap(), "//\n");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let error = Draft::new(&place).err().unwrap().to_string();
        assert!(error.starts_with("there is something at "), "{error}");
    }

    #[test]
    fn nothing_is_left_of_one_that_is_not_finished() {
        let dir = tempfile::tempdir().unwrap();
        let draft = Draft::new(&dir.path().join("smol")).unwrap();
        draft.write(&files()).unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_empty_folder_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("smol")).unwrap();
        let draft = Draft::new(&dir.path().join("smol")).unwrap();
        draft.write(&files()).unwrap();
        draft.finish().unwrap();
        assert!(dir.path().join("smol/README.md").is_file());
    }

    #[test]
    fn the_same_files_are_the_same_archive() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one.zip"), dir.path().join("two.zip"));
        zip(&files(), "smol", &one).unwrap();
        zip(&files(), "smol", &two).unwrap();
        assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
        assert!(zip(&files(), "smol", &one).is_err(), "it writes over what is there");
    }
}
