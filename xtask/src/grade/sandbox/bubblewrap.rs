//! Namespaces, as bubblewrap makes them: a file system of what is bound into it, a network with loopback alone, and
//! processes that end with the first of them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::grade::toolchain::Toolchain;

/// Bytes of each file system in memory.
const MEMORY: &str = "268435456";
const BUILD_MEMORY: &str = "1073741824";

/// Where programs and libraries of the system are; some are links.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/// A check among its `files`, each with its place.
pub(super) fn check(files: &[(PathBuf, PathBuf)], settings: &[&str]) -> Command {
    let mut command = namespaces(MEMORY);
    for setting in settings.iter().chain(&["/etc/alternatives"]) {
        command.args(["--ro-bind-try", setting, setting]);
    }
    command.args(["--size", MEMORY, "--tmpfs", "/dev/shm"]);
    // Some of them may not be there: the first probe has no implementations.
    for (host, inside) in files {
        command.arg("--ro-bind-try").args([host, inside]);
    }
    command.args(["--remount-ro", "/", "--chdir", "/tmp", "--"]);
    command
}

/// Cargo: the paths are those of the machine, since they are part of what it knows a build by.
pub(super) fn build(
    toolchain: &Toolchain,
    source: &Path,
    target: &Path,
    folder: &Path,
    more: &[&Path],
) -> Command {
    let mut command = namespaces(BUILD_MEMORY);
    let both = |command: &mut Command, how: &str, path: &Path| {
        command.args([OsStr::new(how), path.as_os_str(), path.as_os_str()]);
    };
    both(&mut command, "--ro-bind-try", Path::new("/etc/ld.so.cache"));
    both(&mut command, "--ro-bind-try", Path::new("/etc/alternatives"));
    both(&mut command, "--ro-bind", &toolchain.sysroot);
    for path in &toolchain.registry {
        both(&mut command, "--ro-bind", path);
    }
    both(&mut command, "--ro-bind", source);
    both(&mut command, "--bind", target);
    both(&mut command, "--bind", &folder.join("tmp"));
    for path in more {
        both(&mut command, "--ro-bind", path);
    }
    command.arg("--chdir").arg(source).arg("--");
    command
}

/// New ones of everything, with the system's programs and libraries to read, and nothing else.
fn namespaces(memory: &str) -> Command {
    let mut command = Command::new("bwrap");
    command.env_clear();
    command.args(["--unshare-user", "--uid", "1000", "--gid", "1000"]);
    command.args([
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]);
    command.args(["--hostname", "grade", "--die-with-parent", "--new-session"]);
    for path in SYSTEM {
        match fs::read_link(path) {
            Ok(target) => command.arg("--symlink").arg(target).arg(path),
            Err(_) => command.args(["--ro-bind-try", path, path]),
        };
    }
    command.args(["--proc", "/proc", "--dev", "/dev", "--size", memory, "--tmpfs", "/tmp"]);
    command
}
