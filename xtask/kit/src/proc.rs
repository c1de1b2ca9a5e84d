//! What the system knows of a running program (Linux: `/proc`).

use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use procfs::process::Process;

use crate::Running;

impl Running {
    /// How many threads it has.
    ///
    /// # Errors
    /// When it has ended.
    pub fn threads(&self) -> Result<usize> {
        Ok(usize::try_from(self.process()?.stat()?.num_threads)?)
    }

    /// How many descriptors it has open.
    ///
    /// # Errors
    /// When it has ended.
    pub fn open_files(&self) -> Result<usize> {
        Ok(self.process()?.fd_count()?)
    }

    /// Bytes of memory that are resident now.
    ///
    /// # Errors
    /// When it has ended.
    pub fn resident(&self) -> Result<u64> {
        let process = self.process()?;
        // Counted page by page: VmRSS lags by up to 32 pages a core, the memory of hundreds of clients. Some
        // kernels are built without it.
        let counted = process.smaps_rollup().ok().and_then(|maps| {
            let map = maps.memory_map_rollup.0.into_iter().next()?;
            map.extension.map.get("Rss").copied()
        });
        if let Some(bytes) = counted {
            return Ok(bytes);
        }
        Ok(process.status()?.vmrss.context("no VmRSS")? * 1024)
    }

    /// Bytes of memory that were resident at its peak.
    ///
    /// # Errors
    /// When it has ended.
    pub fn peak_resident(&self) -> Result<u64> {
        Ok(self.process()?.status()?.vmhwm.context("no VmHWM")? * 1024)
    }

    /// CPU time in user and kernel mode of all threads that it has or had. Of one that has ended and was not waited for,
    /// what it took in all.
    ///
    /// # Errors
    /// When its end was waited for.
    pub fn cpu_time(&self) -> Result<Duration> {
        // Its clock, since /proc counts in steps of 10 ms, of which a server that idles well takes few.
        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(self.pid())?))?;
        Ok(clock.now().context("it has ended")?.into())
    }

    fn process(&self) -> Result<Process> {
        let pid = i32::try_from(self.pid())?;
        Process::new(pid).with_context(|| format!("process {pid} has ended"))
    }
}
