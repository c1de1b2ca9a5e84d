//! Directory trees to measure, and what is known of them from elsewhere.

use std::collections::HashSet;
use std::ffi::{CString, OsStr};
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use kit::{Program, Running, Start};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use serde_json::Value;
use tempfile::TempDir;

/// A folder of the check's own, called `t` in one that holds nothing else.
#[derive(Debug)]
pub(crate) struct Tree {
    outside: TempDir,
}

impl Tree {
    /// An empty one.
    pub(crate) fn new() -> Result<Self> {
        let tree = Self { outside: tempfile::tempdir()? };
        fs::create_dir(tree.path())?;
        Ok(tree)
    }

    /// An empty one in memory, where that is possible: for more files than some disks remove in a minute.
    pub(crate) fn in_memory() -> Result<Self> {
        let memory = Path::new("/dev/shm");
        // Temporary files may be there already, in a folder that alone is open to the program.
        let there = std::env::temp_dir().starts_with(memory);
        let memory = if there { tempfile::tempdir() } else { tempfile::tempdir_in(memory) };
        let tree = Self { outside: memory.or_else(|_| tempfile::tempdir())? };
        fs::create_dir(tree.path())?;
        Ok(tree)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.outside.path().join("t")
    }

    /// Its path as an argument.
    pub(crate) fn arg(&self) -> String {
        self.path().display().to_string()
    }

    /// A path beside it, which is not in it.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.outside.path().join(name)
    }

    /// Makes a file of `len` bytes, and the directories that it is in.
    pub(crate) fn file(&self, name: &str, len: usize) -> Result<PathBuf> {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().context("a file is in a directory")?)?;
        fs::write(&path, vec![b'x'; len])?;
        Ok(path)
    }

    /// Makes a directory, and those that it is in.
    pub(crate) fn dir(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Makes directories, each in the one before, with a file of 7 bytes in each; if it has `sides`, there is
    /// another directory in each. Deeper than any path can name.
    pub(crate) fn chain(&self, name: &str, levels: usize, sides: bool) -> Result<PathBuf> {
        let path = self.dir(name)?;
        let mut dir: OwnedFd = File::open(&path)?.into();
        for _ in 0..levels {
            let flags = OFlags::CREATE | OFlags::WRONLY;
            File::from(openat(&dir, "file", flags, Mode::RUSR | Mode::WUSR)?).write_all(b"7 bytes")?;
            if sides {
                mkdirat(&dir, "side", Mode::RWXU)?;
            }
            mkdirat(&dir, "a name of some length", Mode::RWXU)?;
            dir = openat(&dir, "a name of some length", OFlags::DIRECTORY, Mode::empty())?;
        }
        Ok(path)
    }
}

/// What `--json` told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) json: Value,
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

impl Told {
    pub(crate) fn bytes(&self) -> Result<u64> {
        self.json["total"]["bytes"].as_u64().context("expected bytes in all")
    }

    pub(crate) fn files(&self) -> Result<u64> {
        self.json["total"]["files"].as_u64().context("expected files in all")
    }

    /// Expects that all was read.
    pub(crate) fn whole(self) -> Result<Self> {
        ensure!(
            self.code == Some(0) && self.stderr.is_empty() && self.json["partial"] == Value::Bool(false),
            "expected all of it\n     got {self:?}"
        );
        Ok(self)
    }

    /// Expects so many files and bytes.
    pub(crate) fn has(&self, files: u64, bytes: u64) -> Result<()> {
        let got = (self.files()?, self.bytes()?);
        ensure!(
            got == (files, bytes),
            "expected {files} files and {bytes} bytes\n     got {got:?}, {}",
            self.stderr
        );
        Ok(())
    }
}

/// Runs `du --json` with these arguments until it ends.
pub(crate) fn du<S: AsRef<str>>(du: &Program, args: impl IntoIterator<Item = S>) -> Result<Told> {
    ran(du.command(args))
}

/// Runs what was prepared, with `--json`, until it ends.
pub(crate) fn ran(start: Start<'_>) -> Result<Told> {
    told(start.arg("--json").start()?)
}

/// What a run with `--json` tells at its end.
pub(crate) fn told(mut run: Running) -> Result<Told> {
    let text = run.rest()?;
    let status = run.wait()?;
    let stderr = run.stderr();
    let json = serde_json::from_str(&text);
    let json = json.with_context(|| format!("expected JSON\n     got {text:?}, {status}, {stderr}"))?;
    Ok(Told { json, code: status.code(), stderr })
}

/// What GNU du says of `root` with these flags: bytes on the disk.
pub(crate) fn gnu(flags: &[&str], root: &Path) -> Result<u64> {
    let output =
        Command::new("du").env("LC_ALL", "C").args(["-s", "-B1"]).args(flags).arg("--").arg(root).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.split_once('\t') {
        Some((bytes, _)) => Ok(bytes.parse()?),
        None => bail!("GNU du says {output:?}"),
    }
}

/// Files that are no directories, and their sizes, by the standard library alone.
pub(crate) fn sizes(dir: &Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let (more, size) = if metadata.is_dir() { sizes(&entry.path())? } else { (1, metadata.len()) };
        files += more;
        bytes += size;
    }
    Ok((files, bytes))
}

/// The files below `dir` that are no directories, each by what it is and not by its names.
pub(crate) fn inodes(dir: &Path) -> Result<HashSet<u64>> {
    let mut all = HashSet::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            all.extend(inodes(&entry.path())?);
        } else {
            all.insert(entry.metadata()?.ino());
        }
    }
    Ok(all)
}

/// Makes a FIFO, which nobody will ever write to.
pub(crate) fn fifo(path: &Path) -> Result<()> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    Ok(rustix::fs::mkfifoat(CWD, name, Mode::RUSR | Mode::WUSR)?)
}

/// A name that is no UTF-8.
pub(crate) fn odd(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}
