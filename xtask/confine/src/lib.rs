//! A program that is not trusted: what starts it gives up everything that the program must not have, and then
//! becomes it. The process stays the same, so that who signals it or looks at it sees the program.

mod files;
mod keep;
mod probe;
mod syscalls;

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

pub use self::files::{libraries, supported};
pub use self::keep::{Args as KeepArgs, NAME as KEEP, below, keep};
pub use self::probe::{Args as ProbeArgs, HELD, NAME as PROBE, probe};

/// The subcommand's name, for who starts it.
pub const NAME: &str = "confine";

/// What [`run`] is told.
#[derive(clap::Args)]
pub struct Args {
    /// A file with a policy, as JSON
    policy: PathBuf,

    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// What a program may do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Folders of which it may know what is in them, and below
    pub list: Vec<PathBuf>,
    /// What it may read, with all that is below. What is not there is left out.
    pub read: Vec<PathBuf>,
    /// What it may read and run
    pub execute: Vec<PathBuf>,
    /// What it may read and change
    pub write: Vec<PathBuf>,
    /// Nothing but the limits: the lists are not asked for
    pub open: bool,
    /// It may start other processes, as a compiler has to
    pub starts_processes: bool,
    /// What it may take
    pub limits: Limits,
}

/// The most that one process may take.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of addresses
    pub addresses: u64,
    /// Bytes of memory of its own that it asks for, touched or not
    pub data: u64,
    /// Bytes of one file
    pub file: u64,
    /// Seconds of computing
    pub seconds: u64,
    /// Processes and threads of its user; the superuser has no such limit
    pub processes: u64,
}

/// Confines this process, and replaces its program.
///
/// # Errors
/// When it cannot be confined, or the program not started. Nothing of the program has run then.
pub fn run(args: &Args) -> Result<()> {
    let policy = Policy::read(&args.policy)?;
    let [program, rest @ ..] = &args.command[..] else { anyhow::bail!("no program to confine") };
    policy.apply()?;
    let error = Command::new(program).args(rest).exec();
    Err(error).with_context(|| format!("cannot run {}", Path::new(program).display()))
}

impl Policy {
    fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file);
        let text = text.with_context(|| format!("cannot read the policy {}", file.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no policy", file.display()))
    }

    /// Takes from this process what the policy does not allow, for good.
    fn apply(&self) -> Result<()> {
        self.limits.apply()?;
        // What the grader was started with may have left some open.
        close_fds::set_fds_cloexec(3, &[]);
        if self.open {
            return Ok(());
        }
        nothing_inherited()?;
        files::restrict(self).context("Landlock")?;
        if !self.starts_processes {
            syscalls::restrict().context("seccomp")?;
        }
        Ok(())
    }
}

impl Limits {
    fn apply(self) -> Result<()> {
        let limits = [
            (Resource::As, self.addresses),
            (Resource::Data, self.data),
            (Resource::Fsize, self.file),
            (Resource::Cpu, self.seconds),
            (Resource::Nproc, self.processes),
            (Resource::Core, 0),
        ];
        for (resource, most) in limits {
            let limit = Rlimit { current: Some(most), maximum: Some(most) };
            setrlimit(resource, limit).with_context(|| format!("cannot limit {resource:?} to {most}"))?;
        }
        Ok(())
    }
}

/// Holds when the program will have stdin, stdout and stderr only: another descriptor would be a way around
/// everything that is taken from it.
fn nothing_inherited() -> Result<()> {
    /// O_CLOEXEC, as /proc writes it.
    const CLOSED: u32 = 0o2_000_000;
    let at = "cannot see which descriptors are open";
    for entry in fs::read_dir("/proc/self/fdinfo").context(at)? {
        let entry = entry.context(at)?;
        // That of the listing itself is gone when it is over, or is closed like all that Rust opens.
        let Ok(info) = fs::read_to_string(entry.path()) else { continue };
        let number = entry.file_name().to_string_lossy().parse().unwrap_or(0);
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok()).unwrap_or(0);
        ensure!(number < 3_u32 || flags & CLOSED != 0, "descriptor {number} would be inherited");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
