//! The room of one check: a folder of files that it reads, and one that it writes to.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use common::text::printable;
use confine::{Limits, Policy};
use tempfile::TempDir;

use super::super::process::Bounds;
use super::super::result::Isolation;
use super::{DEVICES, GIB, SETTINGS, Sandbox, bubblewrap};

const MIB: u64 = 1 << 20;

/// What a check and the programs that it starts may take together. Its own limit is 60 s.
const CHECK: Bounds<'_> =
    Bounds { time: Duration::from_secs(75), output: 1 << 20, memory: GIB, threads: 2000, folder: None };

/// What a program may take: addresses are cheap, and a thread's stack is 2 MiB of them.
const PROGRAM: Limits =
    Limits { addresses: 8 * GIB, data: 4 * GIB, file: 256 * MIB, seconds: 60, processes: 4000 };

/// Where a check runs, with the program that it judges.
pub(crate) struct Room<'s> {
    sandbox: &'s Sandbox,
    files: TempDir,
    /// Its folder for what is written, where it has no file systems of its own.
    scratch: Option<TempDir>,
    checks: PathBuf,
    program: PathBuf,
    /// The program may write to that folder.
    writes: bool,
}

impl<'s> Room<'s> {
    /// A room in `sandbox` for a check, the executable `checks`, of `program`, which may write to its folder or not.
    ///
    /// # Errors
    /// When its folders cannot be made.
    pub(crate) fn new(sandbox: &'s Sandbox, checks: &Path, program: &Path, writes: bool) -> Result<Self> {
        let files = folder(None).context("cannot make a temporary folder")?;
        let scratch = match sandbox.isolation {
            Isolation::Namespaces => None,
            // In memory, where that is possible: for more files than some disks remove in a minute.
            _ => Some(folder(Some(Path::new("/dev/shm"))).or_else(|_| folder(None))),
        };
        let scratch = scratch.transpose().context("cannot make a temporary folder")?;
        let room = Self { sandbox, files, scratch, checks: checks.into(), program: program.into(), writes };
        let text = serde_json::to_string(&room.policy())?;
        fs::write(room.policy_file(), text).context("cannot write a policy")?;
        Ok(room)
    }

    /// A command of the check's executable, and where it writes its verdict.
    pub(crate) fn check(&self, args: &[&str]) -> Command {
        let mut command = self.outer();
        command.arg(self.inside(&self.checks, "checks")).args(args);
        command
    }

    /// A program that tries to get out, and says whether it was held.
    pub(super) fn probe(&self) -> Command {
        let mut probe: Vec<OsString> = self.confined(Vec::new()).into_iter().map(OsString::from).collect();
        let home = std::env::var_os("HOME").unwrap_or_else(|| "/root".into());
        let policy = self.inside(&self.policy_file(), "policy.json");
        probe.extend([
            confine::PROBE.into(),
            self.scratch().into(),
            home,
            policy.into(),
            "/etc/passwd".into(),
        ]);
        if self.sandbox.isolation == Isolation::Namespaces {
            probe.push("--no-network".into());
        }
        let mut command = self.outer();
        command.args(probe);
        command
    }

    /// The program as a check starts it: what confines it, then itself with its first arguments.
    pub(crate) fn confined(&self, first: Vec<String>) -> Vec<String> {
        let inside = |path: &Path, name| self.inside(path, name).to_string_lossy().into_owned();
        let launcher = inside(&self.sandbox.launcher, "launcher");
        let policy = inside(&self.policy_file(), "policy.json");
        let program = inside(&self.program, &self.program_name());
        [launcher, confine::NAME.to_owned(), policy, program].into_iter().chain(first).collect()
    }

    /// Where its check finds the implementations: the file is written by who has the room.
    pub(crate) fn impls_file(&self) -> PathBuf {
        self.files.path().join("impls.toml")
    }

    /// Where what holds the room writes what is wrong with it: nothing in it can.
    pub(crate) fn stderr(&self) -> Result<File> {
        File::create(self.files.path().join("stderr")).context("cannot make a temporary file")
    }

    /// What was written there.
    pub(crate) fn told(&self) -> String {
        let mut told = Vec::new();
        let file = File::open(self.files.path().join("stderr"));
        file.and_then(|file| file.take(4096).read_to_end(&mut told)).ok();
        printable(&told).trim().to_owned()
    }

    /// What its check may take.
    pub(crate) fn bounds(&self) -> Bounds<'_> {
        // The file systems of a namespace have a size, and what only the check writes needs no bound.
        let scratch = self.scratch.as_ref().filter(|_| self.writes);
        Bounds { folder: scratch.map(TempDir::path), ..CHECK }
    }

    fn policy_file(&self) -> PathBuf {
        self.files.path().join("policy.json")
    }

    fn program_name(&self) -> String {
        self.program.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What the file `host` is called for who is in the room.
    fn inside(&self, host: &Path, name: &str) -> PathBuf {
        match self.sandbox.isolation {
            Isolation::Namespaces => Path::new("/grade").join(name),
            _ => host.to_owned(),
        }
    }

    /// Where it may write.
    fn scratch(&self) -> PathBuf {
        self.scratch.as_ref().map_or_else(|| "/tmp".into(), |dir| dir.path().to_owned())
    }

    fn policy(&self) -> Policy {
        let mut read: Vec<PathBuf> = SETTINGS.iter().map(PathBuf::from).collect();
        read.extend(self.sandbox.libraries.iter().cloned());
        // A file without a name gets one by way of its descriptor there. `self` is the process that will be the program.
        let list = vec!["/proc".into()];
        read.push("/proc/self".into());
        let mut write: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).collect();
        let mut own = vec![self.scratch()];
        if self.sandbox.isolation == Isolation::Namespaces {
            own.push("/dev/shm".into());
        }
        if self.writes {
            write.extend(own)
        } else {
            read.extend(own)
        }
        let loader = self.sandbox.libraries.iter().flat_map(|folder| loaders(folder));
        let program = self.inside(&self.program, &self.program_name());
        let execute = loader.chain([program]).collect();
        let open = self.sandbox.isolation == Isolation::None;
        Policy { list, read, execute, write, open, starts_processes: false, limits: PROGRAM }
    }

    /// What everything in the room is started by.
    fn outer(&self) -> Command {
        let files = [
            (&self.sandbox.launcher, "launcher".to_owned()),
            (&self.checks, "checks".to_owned()),
            (&self.policy_file(), "policy.json".to_owned()),
            (&self.impls_file(), "impls.toml".to_owned()),
            (&self.program, self.program_name()),
        ];
        let files = files.map(|(host, name)| (host.clone(), Path::new("/grade").join(name)));
        let mut command = match self.sandbox.isolation {
            Isolation::Namespaces => bubblewrap::check(&files, &SETTINGS),
            _ => {
                let mut command = self.sandbox.kept();
                command.env_clear().current_dir(self.scratch());
                command
            }
        };
        command.envs([("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("LANG", "C.UTF-8"), ("TERM", "xterm")]);
        command.env("TMPDIR", self.scratch()).env("HOME", self.scratch());
        command.env("CH8_IMPLS", self.inside(&self.impls_file(), "impls.toml"));
        command
    }
}

/// A temporary folder, in `at` or where they are, that all may enter: a check may start its program as somebody else.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn folder(at: Option<&Path>) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("ch8-");
    let dir = at.map_or_else(|| builder.tempdir(), |at| builder.tempdir_in(at))?;
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755))?;
    Ok(dir)
}

/// The dynamic loaders among the libraries of `folder`.
fn loaders(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let named =
        |file: &PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-"));
    files.filter(named).collect()
}
