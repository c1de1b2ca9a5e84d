//! A check that runs beside the loop: this program itself, whose output is shown as it comes, and which can be
//! stopped with everything that it has started.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::events::Event;

/// How long it may take to end what it has started.
const PATIENCE: Duration = Duration::from_secs(3);

/// A check that was started. Dropped, it is stopped.
pub(crate) struct Job {
    pub(crate) start: Instant,
    child: Child,
}

impl Job {
    /// Starts `cargo xtask check` with `args`, for a terminal of `columns`. Its lines come with its `number`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(number: u64, args: &[&str], columns: usize, events: Sender<Event>) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
        let mut command = Command::new(program);
        command.arg("check").args(args).stdin(Stdio::null()).process_group(0);
        command.stdout(writer.try_clone().context("cannot make a pipe")?).stderr(writer);
        command.env("COLUMNS", columns.to_string()).env_remove("GITHUB_STEP_SUMMARY");
        match console::colors_enabled() {
            true => command.env("CLICOLOR_FORCE", "1"),
            false => command.env("NO_COLOR", "1"),
        };
        let child = command.spawn().context("cannot start the check")?;
        thread::spawn(move || {
            for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if events.send(Event::Line(number, line)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { start: Instant::now(), child })
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        // Whom the system cannot tell of is nobody to wait for.
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Tells its whole group to end: Cargo, the compiler, and the checks, which end what they have started.
    fn tell(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        pid.map(|pid| kill_process_group(pid, signal));
    }

    fn ends_within(&self, limit: Duration) -> Result<bool> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("process id 0")?;
        let process = pidfd_open(pid, PidfdFlags::empty())?;
        let left = Timespec::try_from(limit)?;
        let mut polled = [PollFd::new(&process, PollFlags::IN)];
        Ok(rustix::io::retry_on_intr(|| poll(&mut polled, Some(&left)))? > 0)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if self.has_ended() {
            return;
        }
        self.tell(Signal::TERM);
        if !self.ends_within(PATIENCE).unwrap_or(false) {
            self.tell(Signal::KILL);
        }
        self.child.wait().ok();
    }
}
