//! A process that is not trusted, run to its end or to its limits: time, output, memory, threads.

use std::fs;
use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use runner::interrupt::{Helper, Interrupt};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};

use crate::confine::below;

/// The most that a process and all below it may take.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) time: Duration,
    /// Bytes of its output that are kept; more of it ends it.
    pub(crate) output: usize,
    /// Bytes of memory that are resident.
    pub(crate) memory: u64,
    pub(crate) threads: u64,
}

/// How it ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: Vec<u8>,
    /// Which bound it was ended for.
    pub(crate) bound: Option<String>,
    pub(crate) took: Duration,
}

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// How long it may take to end what it has started, once it is told to.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `command`, which ends all that it has started when it is terminated itself, and reads its stdout.
///
/// # Errors
/// When it cannot be started or waited for, and when the user has asked for an end.
pub(crate) fn run(command: &mut Command, bounds: Bounds, interrupt: &Interrupt) -> Result<Ended> {
    interrupt.check()?;
    let start = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = Helper::spawn(command).context("cannot start a process")?;
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

impl Bounds {
    /// Which of them is reached by the processes below `pid`, if one is.
    fn reached(&self, pid: u32) -> Option<String> {
        let (mut memory, mut threads) = (0, 0);
        for pid in below(pid) {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let field = |name| {
                let value = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                value.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
            };
            memory += field("RssAnon:") << 10;
            threads += field("Threads:");
        }
        let over = |is: bool, what: String| is.then_some(what);
        over(memory > self.memory, format!("more than {} MiB of memory", self.memory >> 20))
            .or_else(|| over(threads > self.threads, format!("more than {} threads", self.threads)))
    }
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
