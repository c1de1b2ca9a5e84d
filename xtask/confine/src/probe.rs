//! A program that tries what a confined one must not be able to do, to see before any submission is run that it is
//! held.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use common::exit;
use rustix::process::{getppid, test_kill_process};

/// The subcommand's name, for who starts it.
pub const NAME: &str = "probe";

/// What it says when it was held from everything.
pub const HELD: &str = "held";

/// What [`probe`] is told.
#[derive(clap::Args)]
pub struct Args {
    /// A folder that it may write to
    own: PathBuf,

    /// Files and folders that it must not read
    secret: Vec<PathBuf>,

    /// It must not reach other machines either
    #[arg(long)]
    no_network: bool,
}

/// Tries everything.
///
/// # Errors
/// With the first thing that it could do and should not, or could not do and should.
pub fn probe(args: &Args) -> Result<()> {
    let own = args.own.join("probe");
    fs::write(&own, "probe")
        .and_then(|()| fs::remove_file(&own))
        .context("cannot write to its own folder")?;
    thread::Builder::new().spawn(|| ()).context("cannot start a thread")?.join().ok();
    for secret in &args.secret {
        refused(&format!("read {}", secret.display()), readable(secret))?;
    }
    for place in ["/", "/etc", "/usr", "/var/tmp"] {
        let file = Path::new(place).join(format!("probe-{}", std::process::id()));
        refused(
            &format!("write {}", file.display()),
            File::create_new(&file).map(|_| fs::remove_file(&file)),
        )?;
    }
    let parent = getppid().context("no parent")?;
    refused("signal its parent", test_kill_process(parent))?;
    refused("read its parent's memory map", fs::read(format!("/proc/{}/maps", parent.as_raw_nonzero())))?;
    refused("start a process", Command::new(std::env::current_exe().unwrap_or_default()).spawn())?;
    if args.no_network {
        // An address for documentation, which is nobody's.
        let outside = TcpStream::connect_timeout(&([192, 0, 2, 1], 9).into(), Duration::from_secs(1));
        let unreachable = outside.is_err_and(|error| error.kind() == ErrorKind::NetworkUnreachable);
        ensure!(unreachable, "it has a way to other machines");
    }
    // It comes back with an error only.
    let error = Command::new("/bin/sh").args(["-c", "echo it can run a shell"]).exec();
    refused("run /bin/sh", Err::<(), _>(error))?;
    writeln!(io::stdout(), "{HELD}").map_err(exit::stdout)
}

fn readable(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::read_dir(path).map(drop) } else { File::open(path).map(drop) }
}

fn refused<T, E>(what: &str, tried: std::result::Result<T, E>) -> Result<()> {
    ensure!(tried.is_err(), "it can {what}");
    Ok(())
}
