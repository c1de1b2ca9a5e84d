//! Bytes that come from a program, by line and with a deadline.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::DEADLINE;

/// The most that is kept of what came and was not asked for: a program that floods is not read further, and
/// then waits for its pipe.
const MOST: usize = 16 << 20;

/// What a program writes to a pipe or a socket. Nothing is read ahead: a check that does not ask for more is
/// a reader that has stopped reading.
#[derive(Debug)]
pub struct Reader {
    source: OwnedFd,
    /// Read, but not yet asked for.
    buffer: Vec<u8>,
    ended: bool,
    /// The end was a reset.
    reset: bool,
}

impl Reader {
    /// Reads from a pipe or a socket.
    pub fn new(source: impl Into<OwnedFd>) -> Self {
        Self { source: source.into(), buffer: Vec::new(), ended: false, reset: false }
    }

    /// The next line, without its newline.
    ///
    /// # Errors
    /// When it does not come in time, or the end does.
    pub fn line(&mut self) -> Result<String> {
        let line = self.until("\n").context("expected a line")?;
        Ok(line.strip_suffix('\n').unwrap_or(&line).to_owned())
    }

    /// Expects `expected` as the next line.
    ///
    /// # Errors
    /// When another line comes, the end, or nothing in time.
    pub fn expect_line(&mut self, expected: &str) -> Result<()> {
        let line = self.line().with_context(|| format!("expected the line {expected:?}"))?;
        ensure!(line == expected, "expected the line {expected:?}\n     got {line:?}");
        Ok(())
    }

    /// Everything up to and with `needle`.
    ///
    /// # Errors
    /// When it does not come in time, or the end does.
    pub fn until(&mut self, needle: &str) -> Result<String> {
        let deadline = Instant::now() + DEADLINE;
        let mut searched = 0;
        loop {
            if let Some(at) = memmem::find(&self.buffer[searched..], needle.as_bytes()) {
                let rest = self.buffer.split_off(searched + at + needle.len());
                let text = std::mem::replace(&mut self.buffer, rest);
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
            searched = self.buffer.len().saturating_sub(needle.len() - 1);
            if !self.more(deadline)? {
                let got = String::from_utf8_lossy(&self.buffer);
                let end = if self.ended { "the end".to_owned() } else { format!("nothing for {DEADLINE:?}") };
                bail!("expected {needle:?}\n     got {end}, after {got:?}");
            }
        }
    }

    /// Expects the end, with nothing before it.
    ///
    /// # Errors
    /// When something else comes first, or nothing in time.
    pub fn expect_end(&mut self) -> Result<()> {
        let rest = self.rest().context("expected the end")?;
        ensure!(rest.is_empty(), "expected the end\n     got {rest:?}");
        Ok(())
    }

    /// Everything up to the end. A connection that is reset has ended.
    ///
    /// # Errors
    /// When the end does not come in time, or 16 MiB come before it.
    pub fn rest(&mut self) -> Result<String> {
        self.rest_within(DEADLINE)
    }

    /// Everything up to the end, for what takes longer than others.
    ///
    /// # Errors
    /// When the end does not come within `limit`, or 16 MiB come before it.
    pub fn rest_within(&mut self, limit: Duration) -> Result<String> {
        let deadline = Instant::now() + limit;
        while self.more(deadline)? {}
        let text = String::from_utf8_lossy(&self.buffer).into_owned();
        ensure!(self.ended, "expected the end\n     got none for {limit:?}, after {text:?}");
        self.buffer.clear();
        Ok(text)
    }

    /// Everything up to the end, which has to be an orderly one: after a reset, a part may be missing.
    ///
    /// # Errors
    /// When the end does not come in time, is a reset, or 16 MiB come before it.
    pub fn rest_in_order(&mut self) -> Result<String> {
        let rest = self.rest()?;
        ensure!(!self.reset, "expected the end\n     got a reset, after {} bytes", rest.len());
        Ok(rest)
    }

    /// Whether nothing comes for `quiet`, nor the end: for what must *not* happen.
    ///
    /// # Errors
    /// When reading fails.
    pub fn is_quiet_for(&mut self, quiet: Duration) -> Result<bool> {
        Ok(self.buffer.is_empty() && !self.more(Instant::now() + quiet)? && !self.ended)
    }

    /// How many bytes have come that nobody has asked for yet. A program whose pipe is full waits, and still has all the
    /// memory that it wrote them from.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn unread(&self) -> Result<u64> {
        Ok(self.buffer.len() as u64 + rustix::io::ioctl_fionread(&self.source)?)
    }

    /// Reads once; false at the end and at the deadline.
    fn more(&mut self, deadline: Instant) -> Result<bool> {
        if self.ended || !self.readable(deadline)? {
            return Ok(false);
        }
        ensure!(self.buffer.len() < MOST, "more than {MOST} bytes, and no end of them");
        let mut chunk = [0; 8192];
        let n = match rustix::io::retry_on_intr(|| rustix::io::read(&self.source, &mut chunk)) {
            Ok(n) => n,
            Err(rustix::io::Errno::CONNRESET) => {
                self.reset = true;
                0
            }
            Err(error) => return Err(error.into()),
        };
        self.buffer.extend_from_slice(&chunk[..n]);
        self.ended = n == 0;
        Ok(!self.ended)
    }

    fn readable(&self, deadline: Instant) -> Result<bool> {
        let left = Timespec::try_from(deadline.saturating_duration_since(Instant::now()))?;
        let mut polled = [PollFd::new(&self.source, PollFlags::IN)];
        Ok(rustix::io::retry_on_intr(|| poll(&mut polled, Some(&left)))? > 0)
    }
}
