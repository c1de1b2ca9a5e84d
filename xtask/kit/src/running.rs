//! A program that runs.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, WaitId, WaitIdOptions, kill_process, pidfd_open, waitid};

use crate::program::{Children, kill_group, raw};
use crate::{Client, DEADLINE, Reader, Unfinished};

pub use rustix::process::Signal;

/// How much of a program's stderr is kept: its end.
const STDERR_KEPT: usize = 64 << 10;

/// A program that was started, in a process group of its own, which is killed when this is dropped. Reads
/// its stdout as a [`Reader`] does.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<Reader>,
    stderr: Arc<Stderr>,
    children: Children,
}

impl Running {
    pub(crate) fn spawn(mut command: Command, label: String, children: &Children) -> Result<Self> {
        let mut child =
            command.process_group(0).spawn().with_context(|| format!("cannot start `{label}`"))?;
        let pipe = child.stderr.take().context("stderr is no pipe")?;
        let stderr = Stderr::collect(pipe, Unfinished::new(children.clone()));
        children.add(label, child.id(), Arc::clone(&stderr));
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(Reader::new);
        Ok(Self { child, stdin, stdout, stderr, children: children.clone() })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes to its stdin.
    ///
    /// # Errors
    /// When stdin is closed, at either end.
    pub fn stdin(&mut self, bytes: &[u8]) -> Result<()> {
        let stdin = self.stdin.as_mut().context("stdin is closed")?;
        Ok(stdin.write_all(bytes).and_then(|()| stdin.flush())?)
    }

    /// Hands its stdin over, for a thread that writes while the check reads; it ends when that is dropped.
    pub fn take_stdin(&mut self) -> Option<impl Write + Send + 'static + use<>> {
        self.stdin.take()
    }

    /// Ends its stdin.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Goes away as the reader of its stdout.
    pub fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// Waits until its stderr contains `needle`.
    ///
    /// # Errors
    /// When it ends without, or time does.
    pub fn expect_stderr(&self, needle: &str) -> Result<()> {
        ensure!(
            self.stderr.wait_for(needle),
            "expected {needle:?} on stderr\n     got {:?}",
            self.stderr.text()
        );
        Ok(())
    }

    /// What it has written to stderr so far (the last 64 KiB of it).
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(kill_process(raw(self.pid())?, signal)?)
    }

    /// Stops it as Ctrl-Z does, and waits until all of it has stopped; [`Signal::CONT`] lets it go on.
    ///
    /// # Errors
    /// When it has ended.
    pub fn stop(&self) -> Result<()> {
        self.signal(Signal::STOP)?;
        let pid = raw(self.pid())?;
        // Only looked at: the end is waited for elsewhere.
        let news = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let status = rustix::io::retry_on_intr(|| waitid(WaitId::Pid(pid), news))?;
        ensure!(status.is_some_and(|s| s.stopped()), "expected it to stop\n     got its end");
        Ok(())
    }

    /// Waits for its end. What it writes to stdout meanwhile stays unread: ask for it first.
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        self.wait_for(DEADLINE)?
            .with_context(|| format!("expected it to end\n     got no end in {DEADLINE:?}"))
    }

    /// Waits for its end, for at most `limit`; none when it still runs then.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn wait_for(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        let mut status = self.child.try_wait()?;
        if status.is_none() && self.ends_within(limit)? {
            status = self.child.try_wait()?;
        }
        if status.is_some() {
            self.children.reaped(self.pid());
            self.stderr.wait_end();
        }
        Ok(status)
    }

    /// Whether it ends within `limit`. It is not waited for yet: the system still knows what it used.
    ///
    /// # Errors
    /// When it was waited for already, or the system cannot tell.
    pub fn ends_within(&self, limit: Duration) -> Result<bool> {
        let process = pidfd_open(raw(self.pid())?, PidfdFlags::empty())?;
        let left = Timespec::try_from(limit)?;
        let mut polled = [PollFd::new(&process, PollFlags::IN)];
        Ok(rustix::io::retry_on_intr(|| poll(&mut polled, Some(&left)))? > 0)
    }

    /// Waits for its end and expects this exit code; a program ended by a signal counts as 128 + its number.
    ///
    /// # Errors
    /// When it does not end in time, or with another code.
    pub fn expect_exit(&mut self, code: i32) -> Result<()> {
        let status = self.wait()?;
        let got = status.code().or(status.signal().map(|s| 128 + s));
        ensure!(got == Some(code), "expected exit code {code}\n     got {status}");
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill_group(self.pid());
        // Killed: it cannot be waited for in vain.
        self.child.wait().ok();
        self.children.reaped(self.pid());
    }
}

impl Deref for Running {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        self.stdout.as_ref().expect("stdout was closed by the check itself")
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Reader {
        self.stdout.as_mut().expect("stdout was closed by the check itself")
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    running: Running,
    address: SocketAddr,
}

impl Server {
    /// Waits until `running` says where it listens, or takes connections at its fixed `address`.
    pub(crate) fn new(mut running: Running, address: Option<SocketAddr>) -> Result<Self> {
        let address = match address {
            Some(address) => listening(&mut running, address)?,
            None => {
                let line = running.line().context("expected `listening on ADDR`")?;
                let address = line.strip_prefix("listening on ").and_then(|a| a.parse().ok());
                address.with_context(|| format!("expected `listening on ADDR`\n     got {line:?}"))?
            }
        };
        Ok(Self { running, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new client of it.
    ///
    /// # Errors
    /// When it is not let in in time.
    pub fn connect(&self) -> Result<Client> {
        Client::connect(self.address)
    }

    /// A new client of it that can take about `bytes` before it reads.
    ///
    /// # Errors
    /// When it is not let in in time.
    pub fn connect_narrow(&self, bytes: usize) -> Result<Client> {
        Client::connect_narrow(self.address, bytes)
    }
}

/// Waits until somebody listens at `address`, and it is `running`.
fn listening(running: &mut Running, address: SocketAddr) -> Result<SocketAddr> {
    let deadline = Instant::now() + DEADLINE;
    while Client::connect(address).is_err() {
        // The pause between two tries is also the wait for an early end.
        if let Some(status) = running.wait_for(Duration::from_millis(20))? {
            bail!("expected it to listen at {address}\n     got its end, {status}");
        }
        ensure!(Instant::now() < deadline, "expected it to listen at {address}\n     got nobody there");
    }
    Ok(address)
}

impl Deref for Server {
    type Target = Running;
    fn deref(&self) -> &Running {
        &self.running
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.running
    }
}

/// The end of what a program wrote to stderr, collected by a thread so that it never waits for its reader.
#[derive(Debug, Default)]
pub(crate) struct Stderr {
    state: Mutex<Collected>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Collected {
    bytes: Vec<u8>,
    ended: bool,
}

impl Stderr {
    fn collect(mut pipe: ChildStderr, mut unfinished: Unfinished) -> Arc<Self> {
        let stderr = Arc::new(Self::default());
        let collector = Arc::clone(&stderr);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            loop {
                let n = pipe.read(&mut chunk).unwrap_or(0);
                unfinished.look(&chunk[..n]);
                let mut state = collector.state.lock().unwrap_or_else(PoisonError::into_inner);
                state.bytes.extend_from_slice(&chunk[..n]);
                let over = state.bytes.len().saturating_sub(STDERR_KEPT);
                state.bytes.drain(..over);
                state.ended = n == 0;
                collector.changed.notify_all();
                if n == 0 {
                    return;
                }
            }
        });
        stderr
    }

    pub(crate) fn text(&self) -> String {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&state.bytes).into_owned()
    }

    /// Whether `needle` comes before the end and the deadline.
    fn wait_for(&self, needle: &str) -> bool {
        let found = |s: &Collected| String::from_utf8_lossy(&s.bytes).contains(needle);
        found(&self.wait_while(|s| !s.ended && !found(s)))
    }

    /// Waits for the rest of what an ended program wrote; a grandchild may keep the pipe open.
    pub(crate) fn wait_end(&self) {
        drop(self.wait_while(|s| !s.ended));
    }

    fn wait_while(&self, waits: impl Fn(&Collected) -> bool) -> std::sync::MutexGuard<'_, Collected> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, DEADLINE, |s| waits(s));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
