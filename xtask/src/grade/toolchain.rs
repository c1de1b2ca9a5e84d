//! The compiler that submissions are built with, and the crates that it finds on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use common::text::printable;

/// The crates of others in which programs spend their time: they are built once, and run by each submission.
const BUSY: [&str; 51] = [
    "async-channel",
    "async-executor",
    "async-fs",
    "async-io",
    "async-lock",
    "async-net",
    "async-std",
    "async-task",
    "atomic-waker",
    "blocking",
    "bstr",
    "bytes",
    "cap-primitives",
    "cap-std",
    "chacha20",
    "clap_builder",
    "clap_lex",
    "concurrent-queue",
    "crc32fast",
    "crossbeam-utils",
    "cssparser",
    "event-listener",
    "event-listener-strategy",
    "fastrand",
    "foldhash",
    "form_urlencoded",
    "futures-io",
    "futures-lite",
    "gif",
    "hashbrown",
    "http",
    "http-body",
    "httparse",
    "hyper",
    "mio",
    "parking",
    "percent-encoding",
    "piper",
    "polling",
    "rustix",
    "selectors",
    "serde_json",
    "simd-adler32",
    "slab",
    "smallvec",
    "smol-hyper",
    "texting_robots",
    "tokio",
    "tracing-subscriber",
    "unicode-segmentation",
    "url",
];

/// Where Rust is.
pub(crate) struct Toolchain {
    /// The folder of the compiler and its libraries.
    pub(crate) sysroot: PathBuf,
    /// Cargo itself, which rustup's is not.
    pub(crate) cargo: PathBuf,
    /// Cargo's home.
    home: PathBuf,
    /// What of that home a build reads: crates, and where they come from. No file with a token in it.
    pub(crate) registry: Vec<PathBuf>,
}

impl Toolchain {
    /// The one that is used in the folder `at`.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(at: &Path) -> Result<Self> {
        let mut rustc = Command::new("rustc");
        let printed =
            rustc.args(["--print", "sysroot"]).current_dir(at).output().context("cannot run rustc")?;
        ensure!(printed.status.success(), "rustc: {}", printable(&printed.stderr).trim());
        let sysroot = PathBuf::from(printable(&printed.stdout).trim());
        let own = sysroot.join("bin/cargo");
        let cargo = if own.is_file() {
            own
        } else {
            env::var_os("CARGO").map(PathBuf::from).context("there is no cargo beside rustc")?
        };
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
        let home = home.context("neither CARGO_HOME nor HOME is set")?;
        let registry = ["registry", "git", "config.toml", "config"].map(|name| home.join(name));
        let registry = registry.into_iter().filter(|path| path.exists() && !is_secret(path)).collect();
        Ok(Self { sysroot, cargo, home, registry })
    }

    /// The settings that Cargo reads on its way up from the folder `at`, and fails if it must not. None with a token.
    pub(crate) fn settings(at: &Path) -> Vec<PathBuf> {
        let all = at
            .ancestors()
            .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(".cargo").join(name)));
        all.filter(|path| path.exists() && !is_secret(path)).collect()
    }

    /// The options before Cargo's command, which are the same for all builds too.
    pub(crate) fn options() -> impl Iterator<Item = String> {
        optimised(&BUSY)
    }

    /// The environment of a build, which is the same for templates and submissions: what is set otherwise would be
    /// built anew.
    pub(crate) fn env(&self) -> Vec<(OsString, OsString)> {
        let bin = self.sysroot.join("bin");
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", bin.display());
        let mut env: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), path.into()),
            ("CARGO_HOME".into(), self.home.clone().into()),
            ("LANG".into(), "C.UTF-8".into()),
            // Half of the time to link is the debug information, which nobody looks at, and a twentieth of what programs
            // compute are assertions of the standard library about unsafe code, of which they have none.
            ("CARGO_PROFILE_DEV_DEBUG".into(), "0".into()),
            ("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS".into(), "false".into()),
            ("CARGO_PROFILE_DEV_OVERFLOW_CHECKS".into(), "true".into()),
            ("CARGO_INCREMENTAL".into(), "1".into()),
            ("CARGO_TERM_COLOR".into(), "never".into()),
        ];
        let sources = env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            let source = name.starts_with("CARGO_SOURCE_") || name.starts_with("CARGO_REGISTRIES_");
            source && !name.contains("TOKEN") && !name.contains("CREDENTIAL")
        });
        env.extend(sources);
        env
    }
}

/// Cargo's options to optimise these packages in a build that is otherwise not optimised.
pub(crate) fn optimised(packages: &[&str]) -> impl Iterator<Item = String> {
    let option = |name| format!("profile.dev.package.{name}.opt-level=1");
    packages.iter().flat_map(move |name| ["--config".to_owned(), option(name)])
}

/// Whether a token is in the file `path`.
fn is_secret(path: &Path) -> bool {
    path.is_file() && fs::read_to_string(path).is_ok_and(|text| text.contains("token"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_above_are_found_but_none_with_a_token() {
        let dir = tempfile::tempdir().unwrap();
        let (outer, inner) = (dir.path().join(".cargo"), dir.path().join("a/.cargo"));
        fs::create_dir_all(&outer).unwrap();
        fs::create_dir_all(&inner).unwrap();
        fs::write(outer.join("config.toml"), "[registry]\ntoken = \"x\"\n").unwrap();
        fs::write(inner.join("config.toml"), "[alias]\n").unwrap();
        fs::write(inner.join("config"), "[alias]\n").unwrap();
        let found = Toolchain::settings(&dir.path().join("a/b/c"));
        let own: Vec<_> = found.iter().filter(|path| path.starts_with(dir.path())).collect();
        assert_eq!(own, [&inner.join("config.toml"), &inner.join("config")]);
    }
}
