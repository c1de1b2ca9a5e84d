//! What keeps the programs of a submission from the machine, and from the checks that judge them.
//!
//! Two layers. The outer one holds a whole check, with all that it starts: namespaces of bubblewrap, whose end is the
//! end of everything in them; where there is no bubblewrap a process that adopts and kills what is left. The inner one
//! holds each program, and keeps it from the check beside it: [`confine`].

mod bubblewrap;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use common::text::printable;
use confine::{Limits, Policy};
use runner::cargo::{Cargo, program};
use runner::interrupt::Interrupt;
use runner::progress::Step;
use tempfile::TempDir;

use super::process::{self, Bounds};
use super::result::Isolation;
use super::toolchain::{self, Toolchain};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// What a check and the programs that it starts may take together. Its own limit is 60 s.
const CHECK: Bounds<'_> =
    Bounds { time: Duration::from_secs(75), output: 1 << 20, memory: GIB, threads: 2000, folder: None };

/// What a program may take: addresses are cheap, and a thread's stack is 2 MiB of them.
const PROGRAM: Limits =
    Limits { addresses: 8 * GIB, data: 4 * GIB, file: 256 * MIB, seconds: 60, processes: 4000 };

/// What Cargo and the compiler may take together, and each of their processes alone.
pub(crate) const BUILD: Bounds<'_> =
    Bounds { time: Duration::from_secs(600), output: 16 << 20, memory: 6 * GIB, threads: 2000, folder: None };
const COMPILER: Limits =
    Limits { addresses: 32 * GIB, data: 8 * GIB, file: GIB, seconds: 500, processes: 8000 };

/// What the program that confines spends its time in. It is started a thousand times for a submission.
const LAUNCHER: [&str; 4] = ["clap_builder", "confine", "landlock", "serde_json"];

/// Devices that are nobody's.
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];

/// How names are looked up, what time it is where, and where libraries are.
const SETTINGS: [&str; 9] = [
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/etc/ssl/certs",
    "/usr/share/zoneinfo",
];

/// How programs are confined in this run of the grader.
pub(crate) struct Sandbox {
    pub(crate) isolation: Isolation,
    /// The program that confines.
    launcher: PathBuf,
    libraries: Vec<PathBuf>,
}

/// The room of one check: a folder of files that it reads, and one that it writes to.
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

impl Sandbox {
    /// The strongest one that works here, or the one that was asked for.
    ///
    /// # Errors
    /// When none does, or that one does not: with the reason.
    pub(crate) fn find(
        cargo: &Cargo,
        wanted: Option<Isolation>,
        unconfined: bool,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let step = Step::new("build what confines programs");
        let options: Vec<String> = toolchain::optimised(&LAUNCHER).collect();
        let options = options.iter().map(String::as_str).chain(["build", "-p", "confine"]);
        let launcher = program(&cargo.build(&step, &options.collect::<Vec<_>>())?, "confine")?;
        step.done("");
        let libraries: Vec<PathBuf> = confine::libraries()?.into_iter().collect();
        let mut reasons = Vec::new();
        let levels = match wanted {
            Some(level) => vec![level],
            None => vec![Isolation::Namespaces, Isolation::Landlock],
        };
        for isolation in levels {
            let (launcher, libraries) = (launcher.clone(), libraries.clone());
            let sandbox = Self { isolation, launcher, libraries };
            match sandbox.holds(interrupt) {
                Ok(()) => return Ok(sandbox),
                Err(error) => reasons.push(format!("{}: {error:#}", name(isolation))),
            }
            interrupt.check()?;
        }
        if unconfined {
            return Ok(Self { isolation: Isolation::None, launcher, libraries });
        }
        bail!(
            "the programs of submissions cannot be confined here:\n{}\n\
             install bubblewrap, or say --unconfined to run them with all that you may do yourself",
            reasons.join("\n")
        )
    }

    /// Runs a program that tries to get out.
    ///
    /// # Errors
    /// With what it could do.
    fn holds(&self, interrupt: &Interrupt) -> Result<()> {
        if self.isolation == Isolation::None {
            return Ok(());
        }
        ensure!(confine::supported(), "this kernel has no Landlock, or an old one (Linux 6.2 is needed)");
        let room = self.room(&self.launcher, &self.launcher, true)?;
        let own = room.scratch();
        let mut probe: Vec<OsString> = room.confined(Vec::new()).into_iter().map(OsString::from).collect();
        probe.extend([confine::PROBE.into(), own.into()]);
        let home = std::env::var_os("HOME").unwrap_or_else(|| "/root".into());
        probe.extend([home, room.inside(&room.policy_file(), "policy.json").into(), "/etc/passwd".into()]);
        if self.isolation == Isolation::Namespaces {
            probe.push("--no-network".into());
        }
        let mut command = room.outer();
        command.args(probe).stderr(room.stderr()?);
        let bounds = Bounds { time: Duration::from_secs(20), ..CHECK };
        let ended = process::run(&mut command, bounds, interrupt)?;
        let held = ended.status.success() && ended.output.trim_ascii() == confine::HELD.as_bytes();
        ensure!(held, "{}{}", printable(&ended.output), room.told());
        Ok(())
    }

    /// A room for a check, the executable `checks`, of `program`, which may write to its folder or not.
    ///
    /// # Errors
    /// When its folders cannot be made.
    pub(crate) fn room(&self, checks: &Path, program: &Path, writes: bool) -> Result<Room<'_>> {
        let folder = |at: Option<&Path>| {
            let builder = || {
                let mut builder = tempfile::Builder::new();
                builder.prefix("ch8-");
                builder
            };
            let made = at.map_or_else(|| builder().tempdir(), |at| builder().tempdir_in(at));
            // A check may start its program as somebody else.
            made.and_then(|dir| {
                fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).map(|()| dir)
            })
        };
        let files = folder(None).context("cannot make a temporary folder")?;
        let scratch = match self.isolation {
            Isolation::Namespaces => None,
            // In memory, where that is possible: for more files than some disks remove in a minute.
            _ => Some(folder(Some(Path::new("/dev/shm"))).or_else(|_| folder(None))),
        };
        let scratch = scratch.transpose().context("cannot make a temporary folder")?;
        let room =
            Room { sandbox: self, files, scratch, checks: checks.into(), program: program.into(), writes };
        let policy = room.policy();
        let text = serde_json::to_string(&policy)?;
        fs::write(room.policy_file(), text).context("cannot write a policy")?;
        Ok(room)
    }

    /// Cargo in the workspace `source`, whose products go to `target`.
    ///
    /// # Errors
    /// When its policy cannot be written to `folder`.
    pub(crate) fn build(
        &self,
        toolchain: &Toolchain,
        source: &Path,
        target: &Path,
        folder: &Path,
    ) -> Result<Command> {
        let tmp = folder.join("tmp");
        fs::create_dir_all(&tmp).and_then(|()| fs::create_dir_all(target)).context("cannot make a folder")?;
        let mut read: Vec<PathBuf> = SETTINGS.iter().map(PathBuf::from).collect();
        read.extend(toolchain.registry.iter().cloned());
        read.push(source.to_owned());
        read.extend(Toolchain::settings(source));
        let mut execute: Vec<PathBuf> = ["/usr", "/bin", "/lib", "/lib64"].map(PathBuf::from).into();
        execute.push(toolchain.sysroot.clone());
        // Build scripts and macros of crates are run from there.
        execute.push(target.to_owned());
        let mut write: Vec<PathBuf> = DEVICES.iter().map(PathBuf::from).collect();
        write.extend([target.to_owned(), tmp.clone()]);
        let open = self.isolation == Isolation::None;
        let (list, starts_processes, limits) = (Vec::new(), true, COMPILER);
        let policy = Policy { list, read, execute, write, open, starts_processes, limits };
        let file = folder.join("policy.json");
        fs::write(&file, serde_json::to_string(&policy)?).context("cannot write a policy")?;
        let mut command = match self.isolation {
            Isolation::Namespaces => {
                bubblewrap::build(toolchain, source, target, folder, &[&self.launcher, &file])
            }
            _ => self.kept(),
        };
        if self.isolation != Isolation::Namespaces {
            command.env_clear();
        }
        command.args([self.launcher.as_os_str(), confine::NAME.as_ref(), file.as_os_str()]);
        command.arg(&toolchain.cargo).args(Toolchain::options()).current_dir(source);
        command.envs(toolchain.env()).env("TMPDIR", tmp).env("CARGO_TARGET_DIR", target);
        command.env("CARGO_NET_OFFLINE", "true");
        Ok(command)
    }

    /// What runs a command and leaves nothing behind.
    fn kept(&self) -> Command {
        let mut command = Command::new(&self.launcher);
        command.args([confine::KEEP, "--"]);
        command
    }
}

impl Room<'_> {
    /// A command of the check's executable, and where it writes its verdict.
    pub(crate) fn check(&self, args: &[&str]) -> Command {
        let mut command = self.outer();
        command.arg(self.inside(&self.checks, "checks")).args(args);
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

/// The dynamic loaders among the libraries of `folder`.
fn loaders(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let named =
        |file: &PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ld-"));
    files.filter(named).collect()
}

/// As a person reads it.
pub(crate) fn name(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Namespaces => "namespaces (bubblewrap), Landlock and seccomp",
        Isolation::Landlock => "Landlock and seccomp; the network is open to the programs",
        Isolation::None => "nothing but limits",
    }
}
