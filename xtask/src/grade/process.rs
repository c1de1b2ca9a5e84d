//! A process that is not trusted, run to its end or to its limits: time, output, memory, threads.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use confine::below;
use runner::interrupt::{Helper, Interrupt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};

/// The most that a process and all below it may take.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<'b> {
    pub(crate) time: Duration,
    /// Bytes of its output that are kept; more of it ends it.
    pub(crate) output: usize,
    /// Bytes of memory that are resident.
    pub(crate) memory: u64,
    pub(crate) threads: u64,
    /// A folder that it writes to, where the system sets no bound to that.
    pub(crate) folder: Option<&'b Path>,
}

/// How it ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: Vec<u8>,
    /// Which bound it was ended for.
    pub(crate) bound: Option<String>,
    pub(crate) took: Duration,
}

/// How often it is looked at: to start threads by the ten thousand takes little longer.
const LOOK: Duration = Duration::from_millis(50);

/// What may be in a folder that it writes to.
const BYTES: u64 = 256 << 20;
const ENTRIES: usize = 20_000;

/// How long it may take to end what it has started, once it is told to.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `command`, which ends all that it has started when it is terminated itself, and reads its stdout.
///
/// # Errors
/// When it cannot be started or waited for, and when the user has asked for an end.
pub(crate) fn run(command: &mut Command, bounds: Bounds<'_>, interrupt: &Interrupt) -> Result<Ended> {
    interrupt.check()?;
    let start = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = started(command, interrupt)?;
    let mut stdout = child.stdout.take().context("stdout is no pipe")?;
    let (mut output, mut chunk) = (Vec::new(), vec![0; 64 << 10]);
    let mut bound = None;
    let pause = Timespec::try_from(LOOK)?;
    let mut looked = start;
    while bound.is_none() && !interrupt.came() {
        let ready =
            rustix::io::retry_on_intr(|| poll(&mut [PollFd::new(&stdout, PollFlags::IN)], Some(&pause)))?;
        if ready > 0 {
            match stdout.read(&mut chunk).context("cannot read what it says")? {
                0 => break,
                n => output.extend_from_slice(&chunk[..n]),
            }
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            bound = bounds.reached(child.id());
        }
        let late = || start.elapsed() > bounds.time;
        let long = output.len() > bounds.output;
        bound = bound.or_else(|| long.then(|| format!("more than {} KiB of output", bounds.output >> 10)));
        bound = bound.or_else(|| late().then(|| format!("more than {} s", bounds.time.as_secs())));
    }
    if bound.is_some() || interrupt.came() {
        end(&mut child, &stdout);
    }
    output.truncate(bounds.output);
    let status = child.wait().context("cannot wait for a process")?;
    interrupt.check()?;
    Ok(Ended { status, output, bound, took: start.elapsed() })
}

/// Starts `command`. Where a program beside it has taken all the processes that there are, it will soon be ended.
fn started(command: &mut Command, interrupt: &Interrupt) -> Result<Helper> {
    let deadline = Instant::now() + GRACE;
    loop {
        match Helper::spawn(command) {
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < deadline => {
                interrupt.check()?;
                #[expect(
                    clippy::disallowed_methods,
                    reason = "a thread of its own, and no event to wait for"
                )]
                thread::sleep(LOOK);
            }
            started => return started.context("cannot start a process"),
        }
    }
}

impl Bounds<'_> {
    /// Which of them is reached by the processes below `pid`, if one is.
    fn reached(&self, pid: u32) -> Option<String> {
        // To look at each process takes long, in a tree of many; what all of the machine does not take, no part does.
        let taken = if Taken::by_all().is_some_and(|all| self.passed_by(all).is_none()) {
            None
        } else {
            self.passed_by(Taken::below(pid))
        };
        taken.or_else(|| {
            self.folder.filter(|folder| is_full(folder)).map(|_| "too much on the disk".to_owned())
        })
    }

    fn passed_by(&self, taken: Taken) -> Option<String> {
        let over = |is: bool, what: String| is.then_some(what);
        over(taken.memory > self.memory, format!("more than {} MiB of memory", self.memory >> 20))
            .or_else(|| over(taken.threads > self.threads, format!("more than {} threads", self.threads)))
    }
}

/// What processes take.
#[derive(Clone, Copy, Default)]
struct Taken {
    /// Bytes of memory of their own that are resident.
    memory: u64,
    threads: u64,
}

impl Taken {
    /// By all processes of this machine, if it says. Those who look at the same time share what they see: with many
    /// checks, to read these files would be most of what the grader does.
    fn by_all() -> Option<Self> {
        static LAST: Mutex<Option<(Instant, Option<Taken>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some((looked, taken)) if looked.elapsed() < LOOK / 2 => taken,
            _ => {
                let taken = Self::by_all_now();
                *last = Some((Instant::now(), taken));
                taken
            }
        }
    }

    fn by_all_now() -> Option<Self> {
        let memory = field(&fs::read_to_string("/proc/meminfo").ok()?, "AnonPages:")? << 10;
        let load = fs::read_to_string("/proc/loadavg").ok()?;
        // Those that run, and all.
        let (_, threads) = load.split_whitespace().nth(3)?.split_once('/')?;
        let all = Self { memory, threads: threads.parse().ok()? };
        // Some containers have zeros there.
        Some(all).filter(|all| all.memory > 0 && all.threads > 0)
    }

    /// By the processes below `pid`.
    fn below(pid: u32) -> Self {
        let mut taken = Self::default();
        for pid in below(pid) {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            taken.memory += field(&status, "RssAnon:").unwrap_or(0) << 10;
            taken.threads += field(&status, "Threads:").unwrap_or(0);
        }
        taken
    }
}

/// The number after `name` in a file of /proc.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Whether more is in `folder` than may be. It is looked at while it changes.
fn is_full(folder: &Path) -> bool {
    let (mut bytes, mut entries, mut folders) = (0, 0, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            entries += 1;
            // Of a link this is the link itself.
            let Ok(data) = entry.metadata() else { continue };
            // As it is on the disk: a file may have holes.
            bytes += data.blocks() * 512;
            if entries > ENTRIES || bytes > BYTES {
                return true;
            }
            if data.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    false
}

/// Ends it: it is asked to, and if it does not, it is killed.
fn end(child: &mut Helper, stdout: &impl std::os::fd::AsFd) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.map(|pid| kill_process(pid, Signal::TERM));
    let deadline = Instant::now() + GRACE;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
        // Its stdout hangs up when all of it is gone; what it still says is not wanted.
        let pause = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        poll(&mut [PollFd::new(stdout, PollFlags::empty())], Some(&pause)).ok();
    }
    child.kill().ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Bounds<'_> =
        Bounds { time: Duration::from_secs(60), output: 1000, memory: 1 << 30, threads: 100, folder: None };

    fn ran(script: &str, bounds: Bounds<'_>) -> Ended {
        run(Command::new("sh").args(["-c", script]), bounds, &Interrupt::default()).unwrap()
    }

    #[test]
    fn what_ends_by_itself_has_its_output_and_status() {
        let ended = ran("echo hello; exit 3", SOME);
        assert_eq!((&ended.output[..], ended.status.code(), ended.bound), (&b"hello\n"[..], Some(3), None));
    }

    #[test]
    fn what_reaches_a_bound_is_ended() {
        let bound = |script: &str, bounds: Bounds<'_>| ran(script, bounds).bound.unwrap_or_default();
        let endless = ran("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", SOME);
        assert_eq!(
            (endless.output.len(), endless.bound.as_deref()),
            (1000, Some("more than 0 KiB of output"))
        );
        let short = Bounds { time: Duration::from_millis(300), ..SOME };
        assert_eq!(bound("exec sleep 1000", short), "more than 0 s");
        // In a process below it, as a check is; and more than what the kernel has not yet counted.
        let small = Bounds { memory: 8 << 20, ..SOME };
        let script =
            "(x=$(head -c 64000000 /dev/zero | tr '\\0' x); while :; do test -d /proc/$$ || exit; done); :";
        assert_eq!(bound(script, small), "more than 8 MiB of memory");
        let dir = tempfile::tempdir().unwrap();
        let written = Bounds { folder: Some(dir.path()), ..SOME };
        let script =
            format!("cd {}; mkdir f; seq 21000 | (cd f; xargs touch); exec sleep 1000", dir.path().display());
        assert_eq!(bound(&script, written), "too much on the disk");
    }

    #[test]
    fn all_take_more_than_some() {
        let mut shell = Command::new("sh")
            .args(["-c", "sleep 1000 & sleep 1000 & echo; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        shell.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let own = Taken::below(shell.id());
        let all = Taken::by_all_now();
        for pid in below(shell.id()).into_iter().chain([shell.id()]) {
            kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
        }
        shell.wait().unwrap();
        assert_eq!(own.threads, 2);
        assert!(own.memory > 0);
        assert!(all.is_none_or(|all| all.threads > own.threads && all.memory > own.memory));
    }

    #[test]
    fn an_interrupt_ends_it() {
        let interrupt = Interrupt::default();
        interrupt.ask();
        assert!(run(Command::new("sleep").arg("1000"), SOME, &interrupt).is_err());
    }
}
