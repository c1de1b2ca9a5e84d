//! What keeps the programs of a submission from the machine, and from the checks that judge them.
//!
//! Two layers. The outer one holds a whole check, with all that it starts: namespaces of bubblewrap, whose end is the
//! end of everything in them; where there is no bubblewrap a process that adopts and kills what is left. The inner one
//! holds each program, and keeps it from the check beside it: [`confine`].

mod bubblewrap;
mod room;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use common::text::printable;
use confine::{Limits, Policy};
use runner::cargo::{Cargo, program};
use runner::interrupt::Interrupt;
use runner::progress::Step;

use super::process::{self, Bounds};
use super::result::Isolation;
use super::toolchain::{self, Toolchain};
pub(crate) use room::{Room, folder};

const GIB: u64 = 1 << 30;

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
        let room = Room::new(self, &self.launcher, &self.launcher, true)?;
        let mut command = room.probe();
        command.stderr(room.stderr()?);
        let bounds = Bounds { time: Duration::from_secs(20), ..room.bounds() };
        let ended = process::run(&mut command, bounds, interrupt)?;
        let held = ended.status.success() && ended.output.trim_ascii() == confine::HELD.as_bytes();
        ensure!(held, "{}{}", printable(&ended.output), room.told());
        Ok(())
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

/// As a person reads it.
pub(crate) fn name(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Namespaces => "namespaces (bubblewrap), Landlock and seccomp",
        Isolation::Landlock => "Landlock and seccomp; the network is open to the programs",
        Isolation::None => "nothing but limits",
    }
}
