//! What the measurements were made on.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use procfs::{CpuInfo, Current, Meminfo};

use runner::cargo::Cargo;
use runner::exercises::RUNTIMES;
use serde::Deserialize;

use crate::results::Machine;

/// This machine. What the system does not tell is said to be unknown.
pub(crate) fn this(cargo: &Cargo) -> Machine {
    let cpu = CpuInfo::current().ok();
    let model =
        cpu.and_then(|cpu| cpu.fields.get("model name").cloned().or(Some(cpu.model_name(0)?.to_owned())));
    let system = rustix::system::uname();
    let (name, release) = (system.sysname().to_string_lossy(), system.release().to_string_lossy());
    Machine {
        cores: available_parallelism().map_or(1, usize::from),
        cpu: model.unwrap_or_else(|| format!("unknown {}", system.machine().to_string_lossy())),
        memory: Meminfo::current().map_or(0, |memory| memory.mem_total),
        kernel: format!("{name} {release}"),
        system: system_name().unwrap_or_else(|| "unknown".to_owned()),
        governor: governor(),
        rustc: rustc().unwrap_or_else(|| "unknown".to_owned()),
        revision: revision(cargo),
        crates: crates(cargo),
    }
}

/// What the distribution calls itself (os-release(5)).
fn system_name() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

fn governor() -> Option<String> {
    let text = fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").ok()?;
    Some(text.trim().to_owned())
}

fn rustc() -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    said(Command::new(rustc).arg("--version"))
}

/// The commit that is built; none outside of a repository.
fn revision(cargo: &Cargo) -> Option<String> {
    let git = |args: &[&str]| said(Command::new("git").current_dir(cargo.root()).args(args));
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some();
    Some(if changed { commit + "+changes" } else { commit })
}

/// What a program that succeeds writes, if it writes anything.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The versions in the lock file of what runs tasks and waits for the system.
fn crates(cargo: &Cargo) -> BTreeMap<String, String> {
    let text = fs::read_to_string(cargo.root().join("Cargo.lock")).unwrap_or_default();
    let lock: Lock = toml::from_str(&text).unwrap_or_default();
    let known = |package: &Package| RUNTIMES.iter().any(|runtime| runtime.runs_on(&package.name));
    lock.package.into_iter().filter(known).map(|package| (package.name, package.version)).collect()
}

/// A lock file, as far as it matters here.
#[derive(Default, Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}
