//! A program whose end is the outcome: this very executable, started again, watched and killed.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use common::exit;

/// How long it may take to say something.
const LIMIT: Duration = Duration::from_secs(20);

/// How often an end is asked for.
const ASK: Duration = Duration::from_millis(2);

/// What the user may have set for himself, and what these programs are about.
const VARIABLES: [&str; 4] =
    ["TOKIO_WORKER_THREADS", "ASYNC_STD_THREAD_COUNT", "SMOL_THREADS", "BLOCKING_MAX_THREADS"];

/// The program of one experiment on one runtime.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) runtime: &'static str,
}

/// One that was started. Dropping it kills it.
pub(crate) struct Watched {
    child: Child,
    /// Open, and nothing comes on it.
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Program {
    /// Starts it with these variables.
    pub(crate) fn start(&self, environment: &[(&str, &str)]) -> Result<Watched> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["program", self.name, "--runtime", self.runtime]);
        for name in VARIABLES {
            command.env_remove(name);
        }
        command.envs(environment.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the program that is to be watched")?;
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().context("stdout is no pipe")?);
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            // The receiver is gone when nobody wants to know any more.
            stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line).ok())
        });
        Ok(Watched { child, stdin, lines })
    }
}

impl Watched {
    /// The next line that it says; none at its end.
    pub(crate) fn line(&self) -> Result<Option<String>> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Ok(Some(line)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Ok(None),
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("it said nothing in {LIMIT:?}"),
        }
    }

    /// Its end, if it comes within `limit`.
    #[expect(clippy::disallowed_methods, reason = "a plain thread that waits; no executor is here")]
    pub(crate) fn end(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            match self.child.try_wait()? {
                None if start.elapsed() < limit => thread::sleep(ASK),
                end => return Ok(end),
            }
        }
    }

    /// Ends its stdin.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It may have ended long ago.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What such a program says.
pub(crate) fn say(line: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(exit::stdout)
}
