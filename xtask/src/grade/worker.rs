//! A folder in which submissions are built, one after the other: the template, with one submission's files laid over
//! it, and a target folder that stays warm. A submission costs what it changes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use common::text::printable;
use runner::interrupt::Interrupt;
use rustix::fs::{FlockOperation, flock, statvfs};
use tempfile::TempDir;

use super::messages::{TOLD, diagnostics, executables};
use super::process::{self, Bounds, Ended};
use super::sandbox::{BUILD, Sandbox, folder};
use super::template::Template;
use super::toolchain::Toolchain;

/// From nothing, with all the crates of others.
const TEMPLATE: Bounds<'_> = Bounds { time: Duration::from_secs(3600), memory: u64::MAX, ..BUILD };

/// A disk with less left than that is full.
const LEAST_FREE: u64 = 64 << 20;

/// The most folders that are in use at a time on one machine.
const FOLDERS: usize = 64;

pub(crate) struct Worker<'g> {
    folder: PathBuf,
    template: &'g Template,
    toolchain: &'g Toolchain,
    sandbox: &'g Sandbox,
    /// Held for as long as the folder is in use.
    _lock: File,
}

/// What came of building a crate.
pub(crate) enum Built {
    Program(PathBuf),
    /// What the compiler said.
    Not(String),
}

impl<'g> Worker<'g> {
    /// Takes a folder below `place` that nobody uses; `anew` it has the checks in it, to be built.
    ///
    /// # Errors
    /// When there is none, or it cannot be prepared.
    pub(crate) fn take(
        place: &Path,
        template: &'g Template,
        toolchain: &'g Toolchain,
        sandbox: &'g Sandbox,
        anew: bool,
    ) -> Result<Self> {
        for n in 0..FOLDERS {
            let folder = place.join(format!("work-{n}"));
            let at = || format!("cannot prepare {}", folder.display());
            fs::create_dir_all(&folder).with_context(at)?;
            let lock = File::create(folder.join("lock")).with_context(at)?;
            if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
                let worker = Self { folder, template, toolchain, sandbox, _lock: lock };
                worker.fresh(anew).with_context(|| format!("cannot prepare {}", worker.folder.display()))?;
                return Ok(worker);
            }
        }
        bail!("more than {FOLDERS} graders are at work in {}", place.display())
    }

    /// Makes the sources those of the template, if they are of another one or `anew`.
    fn fresh(&self, anew: bool) -> Result<()> {
        // A grader that was killed has left its programs.
        remove(&self.programs())?;
        let stamp = self.folder.join("template");
        if !anew && fs::read_to_string(&stamp).is_ok_and(|hash| hash == self.template.hash) {
            return Ok(());
        }
        remove(&stamp)?;
        remove(&self.source())?;
        self.template.copy(&self.source())
    }

    /// Builds the checks and has copies of them in `to`, each with its crate's name.
    ///
    /// # Errors
    /// When the template does not build: what is wrong is on stderr.
    pub(crate) fn build_checks(&self, to: &Path, interrupt: &Interrupt) -> Result<()> {
        self.fetch(interrupt)?;
        let mut command = self.cargo();
        command.args(["test", "--no-run", "--locked", "--test", "checks", "--message-format=json"]);
        command.args(self.template.crates.iter().flat_map(|part| ["-p", part.name]));
        let ended = self.run(&mut command, TEMPLATE, interrupt)?;
        ensure!(ended.status.success(), "the template does not build:\n{}", self.told(&ended));
        fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
        for part in &self.template.crates {
            let found = executables(&ended.output, |artifact| {
                let of = artifact.manifest_path.parent().and_then(|folder| folder.file_name());
                artifact.target.name == "checks" && of == Some(part.name)
            });
            let found = found.into_iter().next().with_context(|| format!("{} has no checks", part.name))?;
            copy(&found, &to.join(part.name))?;
        }
        Ok(())
    }

    /// Gets what is not on this machine yet.
    fn fetch(&self, interrupt: &Interrupt) -> Result<()> {
        let mut fetch = self.cargo();
        let there = self.run(fetch.args(["fetch", "--locked", "--offline"]), TEMPLATE, interrupt)?;
        if !there.status.success() {
            let mut fetch = self.cargo();
            let ended = self.run(fetch.args(["fetch", "--locked"]), TEMPLATE, interrupt)?;
            ensure!(ended.status.success(), "cannot fetch the template's crates:\n{}", self.told(&ended));
        }
        Ok(())
    }

    /// Takes the checks out of the sources, for good, and builds the template's programs, so that what all
    /// submissions share is built.
    ///
    /// # Errors
    /// When that fails: within what confines builds of submissions, but by no fault of one.
    pub(crate) fn warm_up(&self, interrupt: &Interrupt) -> Result<()> {
        for part in &self.template.crates {
            let tests = self.source().join(part.name).join("tests");
            let empty = || -> std::io::Result<()> {
                fs::remove_dir_all(&tests)?;
                fs::create_dir(&tests)?;
                fs::write(tests.join("checks.rs"), "fn main() {}\n")
            };
            if !self.is_sealed() {
                empty().with_context(|| format!("cannot empty {}", tests.display()))?;
            }
        }
        fs::write(self.folder.join("template"), &self.template.hash).context("cannot write a stamp")?;
        let given = self.template.crates.iter().flat_map(|part| part.answers.clone()).collect();
        self.lay(&given)?;
        let to = self.place()?;
        for part in &self.template.crates {
            match self.build(part.name, to.path(), interrupt)? {
                Built::Program(_) => {}
                Built::Not(told) => bail!("{} of the template does not build:\n{told}", part.name),
            }
        }
        Ok(())
    }

    /// Whether its sources are without the checks.
    pub(crate) fn is_sealed(&self) -> bool {
        self.folder.join("template").is_file()
    }

    /// Lays these files over the sources.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(crate) fn lay(&self, answers: &BTreeMap<PathBuf, String>) -> Result<()> {
        for (path, text) in answers {
            let file = self.source().join(path);
            // What stays as it is keeps its time, and costs no build.
            if fs::read_to_string(&file).is_ok_and(|there| there == *text) {
                continue;
            }
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }

    /// A new folder for the programs of a submission.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn place(&self) -> Result<TempDir> {
        let place = self.programs();
        let made = fs::create_dir_all(&place).and_then(|()| folder(Some(&place)));
        made.with_context(|| format!("cannot make a folder in {}", place.display()))
    }

    /// Builds the program of the crate `name`, which is moved to the folder `to`: no other submission finds it where
    /// builds go.
    ///
    /// # Errors
    /// When that fails by no fault of what is built.
    pub(crate) fn build(&self, name: &str, to: &Path, interrupt: &Interrupt) -> Result<Built> {
        let mut command = self.sandbox.build(self.toolchain, &self.source(), &self.target(), &self.folder)?;
        command.args(["build", "--offline", "--locked", "--bins", "-p", name, "--message-format=json"]);
        let ended = self.run(&mut command, BUILD, interrupt)?;
        if let Some(built) = executables(&ended.output, |a| a.target.is_bin() && a.target.name == name).pop()
        {
            let program = to.join(name);
            fs::rename(&built, &program).with_context(|| format!("cannot take {}", built.display()))?;
            self.forget(name)?;
            return Ok(Built::Program(program));
        }
        let free = statvfs(&self.folder).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        ensure!(free > LEAST_FREE, "the disk is full: {} MiB are left", free >> 20);
        let told = diagnostics(&ended.output);
        match (ended.bound.as_ref(), told.is_empty()) {
            (Some(bound), _) => Ok(Built::Not(format!("the compiler was ended: {bound}\n{told}"))),
            (None, false) => Ok(Built::Not(told)),
            // These are words of Cargo: the compiler itself has failed.
            (None, true) if self.stderr().contains(&format!("could not compile `{name}`")) => {
                Ok(Built::Not(self.told(&ended)))
            }
            (None, true) => bail!("cargo has failed:\n{}", self.told(&ended)),
        }
    }

    /// Removes the other names of the program of the crate `name`.
    fn forget(&self, name: &str) -> Result<()> {
        let deps = self.target().join("debug/deps");
        let entries = fs::read_dir(&deps).with_context(|| format!("cannot read {}", deps.display()))?;
        for entry in entries.flatten() {
            let file = entry.file_name();
            let hash = file.to_str().and_then(|file| file.strip_prefix(name)?.strip_prefix('-'));
            if hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit())) {
                fs::remove_file(entry.path())
                    .with_context(|| format!("cannot remove {}", entry.path().display()))?;
            }
        }
        Ok(())
    }

    /// Cargo, for what is no submission's.
    fn cargo(&self) -> Command {
        let mut command = Command::new(&self.toolchain.cargo);
        command.args(Toolchain::options()).current_dir(self.source()).env_clear().envs(self.toolchain.env());
        command.env("CARGO_TARGET_DIR", self.target());
        if let Some(proxy) = std::env::var_os("HTTPS_PROXY") {
            command.env("HTTPS_PROXY", proxy);
        }
        command
    }

    fn run(&self, command: &mut Command, bounds: Bounds<'_>, interrupt: &Interrupt) -> Result<Ended> {
        let stderr = File::create(self.folder.join("stderr")).context("cannot make a file")?;
        process::run(command.stderr(stderr), bounds, interrupt)
    }

    fn told(&self, ended: &Ended) -> String {
        let told = diagnostics(&ended.output);
        let bound = ended.bound.as_ref().map(|bound| format!("it was ended: {bound}\n")).unwrap_or_default();
        if told.is_empty() { format!("{bound}{}", self.stderr()) } else { format!("{bound}{told}") }
    }

    /// What Cargo has said last, apart from its messages.
    fn stderr(&self) -> String {
        let mut bytes = Vec::new();
        let file = File::open(self.folder.join("stderr"));
        file.and_then(|file| file.take(1 << 20).read_to_end(&mut bytes)).ok();
        let from = bytes.len().saturating_sub(TOLD);
        printable(&bytes[from..]).trim().to_owned()
    }

    fn source(&self) -> PathBuf {
        self.folder.join("source")
    }

    fn programs(&self) -> PathBuf {
        self.folder.join("programs")
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }
}

/// Removes a file or a folder, which may not be there.
fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.or_else(|error| if path.exists() { Err(error) } else { Ok(()) })
}

/// Copies a file by way of another name: one that runs cannot be written to, but replaced.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let fresh = to.with_extension("new");
    let copied = fs::copy(from, &fresh).and_then(|_| fs::rename(&fresh, to));
    copied.with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
