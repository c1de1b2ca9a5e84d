//! What the measurements were made on.

use std::process::Command;
use std::thread::available_parallelism;

use procfs::{CpuInfo, Current, Meminfo};

use super::results::Machine;

/// This machine. What the system does not tell is said to be unknown.
pub(crate) fn this() -> Machine {
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
        rustc: rustc().unwrap_or_else(|| "unknown".to_owned()),
    }
}

fn rustc() -> Option<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    Some(version.trim().to_owned()).filter(|version| !version.is_empty())
}
