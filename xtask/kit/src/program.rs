//! Starting a program.

use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

use crate::running::Stderr;
use crate::suite::End;
use crate::{Implementation, Running, Server, Unfinished};

/// What the runtimes themselves look at.
const RUNTIMES: [&str; 4] =
    ["TOKIO_WORKER_THREADS", "ASYNC_STD_THREAD_COUNT", "SMOL_THREADS", "BLOCKING_MAX_THREADS"];

/// An implementation under test, as a check sees it.
#[derive(Clone, Debug)]
pub struct Program {
    implementation: Implementation,
    children: Children,
}

impl Program {
    /// The program that checks start; `children` learns of each process.
    pub fn new(implementation: Implementation, children: Children) -> Self {
        Self { implementation, children }
    }

    /// The implementation's name.
    pub fn name(&self) -> &str {
        &self.implementation.name
    }

    /// Another program of the same check.
    pub(crate) fn beside(&self, implementation: Implementation) -> Self {
        Self { implementation, children: self.children.clone() }
    }

    /// For what it writes to where the kit does not read, a terminal: the check has to show it that.
    pub fn unfinished(&self) -> Unfinished {
        Unfinished::new(self.children.clone())
    }

    /// Prepares `args`: a subcommand and its flags.
    pub fn command<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Start<'_> {
        let args = args.into_iter().map(|s| s.as_ref().to_owned()).collect();
        Start { program: self, args, env: Vec::new(), open_files: None, under: Vec::new() }
    }

    /// Starts `args`, with pipes to and from it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start<S: AsRef<str>>(&self, args: impl IntoIterator<Item = S>) -> Result<Running> {
        self.command(args).start()
    }

    /// Starts `serve` with these flags, on a free port, and waits until it listens.
    ///
    /// # Errors
    /// When it does not say `listening on ADDR` in time.
    pub fn serve<S: AsRef<str>>(&self, flags: impl IntoIterator<Item = S>) -> Result<Server> {
        self.command(flags).serve()
    }

    /// Starts a server whose subcommand has another name than `serve`, as [`serve`](Self::serve) does.
    ///
    /// # Errors
    /// When it does not say `listening on ADDR` in time.
    pub fn listen<S: AsRef<str>>(
        &self,
        subcommand: &str,
        flags: impl IntoIterator<Item = S>,
    ) -> Result<Server> {
        self.command(flags).listen(subcommand)
    }
}

/// A command line with its surroundings, not yet started.
#[derive(Debug)]
#[must_use = "does nothing until it is started"]
pub struct Start<'a> {
    program: &'a Program,
    args: Vec<String>,
    env: Vec<(String, String)>,
    open_files: Option<u32>,
    under: Vec<String>,
}

impl Start<'_> {
    /// Adds an argument.
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Sets a variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets it open at most `n` files, soft and hard limit (`ulimit -n`).
    pub fn open_files(mut self, n: u32) -> Self {
        self.open_files = Some(n);
        self
    }

    /// Starts it by another command, which gets the program and its arguments as its last ones: another user
    /// (`setpriv`), another folder (`env -C`), mounts of its own (`unshare`).
    pub fn under<S: AsRef<str>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.under = command.into_iter().map(|s| s.as_ref().to_owned()).collect();
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(self) -> Result<Running> {
        let (line, _) = self.program.implementation.command_line(&self.args)?;
        let mut command = self.prepared(&line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running::spawn(command, line.join(" "), &self.program.children)
    }

    /// Starts it as `serve` with its arguments as flags, and waits until it listens: on a free port, unless
    /// there is a `--listen` among them.
    ///
    /// # Errors
    /// When it does not say `listening on ADDR` in time.
    pub fn serve(self) -> Result<Server> {
        self.listen("serve")
    }

    /// Starts it as this subcommand, a server, as [`serve`](Self::serve) does.
    ///
    /// # Errors
    /// When it does not say `listening on ADDR` in time.
    pub fn listen(mut self, subcommand: &str) -> Result<Server> {
        self.args.insert(0, subcommand.to_owned());
        let (_, address) = self.program.implementation.command_line(&self.args)?;
        if address.is_none() && !self.args.iter().any(|arg| arg == "--listen") {
            self.args.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
        }
        Server::new(self.start()?, address)
    }

    /// The command itself, for what runs on a terminal of its own. Whoever starts it has to end it.
    ///
    /// # Errors
    /// When the implementation has no such subcommand.
    pub fn into_command(self) -> Result<Command> {
        let (line, _) = self.program.implementation.command_line(&self.args)?;
        Ok(self.prepared(&line))
    }

    fn prepared(&self, line: &[String]) -> Command {
        let line = [&self.under, line].concat();
        let mut command = match self.open_files {
            None => Command::new(&line[0]),
            Some(n) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("ulimit -n {n} && exec \"$0\" \"$@\""), &line[0]]);
                shell
            }
        };
        // What the user has set for himself must not decide a verdict.
        for name in ["CH8_RUNTIME", "CH8_THREADS", "RUST_LOG", "NO_COLOR", "TZ"].iter().chain(&RUNTIMES) {
            command.env_remove(name);
        }
        command.args(&line[1..]).envs(self.env.iter().map(|(n, v)| (n, v)));
        command
    }
}

/// The processes that one check started: to end them when its time is over, and to show what they wrote to
/// stderr when it fails.
#[derive(Clone, Debug, Default)]
pub struct Children {
    state: Arc<Mutex<State>>,
    /// Those of the whole suite, of which these are a part.
    all: Option<Arc<Mutex<State>>>,
}

#[derive(Debug, Default)]
struct State {
    children: Vec<Child>,
    /// The check is over: what a thread of it still starts is killed at once.
    over: bool,
    /// What the first of them said that has come to a `todo!`.
    unfinished: Option<String>,
    /// Who is to learn of that.
    judge: Option<Sender<End>>,
}

#[derive(Clone, Debug)]
struct Child {
    label: String,
    pid: u32,
    /// Ended and waited for: its id may be somebody else's by now.
    reaped: bool,
    stderr: Arc<Stderr>,
}

impl Children {
    /// The processes of one check, which are also among these.
    pub(crate) fn group(&self) -> Self {
        Self { state: Arc::default(), all: Some(Arc::clone(&self.state)) }
    }

    /// Kills each process that still lives, with its process group, and those that are still to come.
    pub fn kill(&self) {
        let mut state = lock(&self.state);
        state.over = true;
        for child in state.children.iter().filter(|c| !c.reaped) {
            kill_group(child.pid);
        }
    }

    /// What they wrote to stderr, each under its command line. Waits for their ends: kill them first.
    pub fn stderr(&self) -> String {
        let told = |c: &Child| {
            c.stderr.wait_end();
            match c.stderr.text() {
                text if text.is_empty() => String::new(),
                text => format!("  stderr of `{}`:\n{}", c.label, indented(&text)),
            }
        };
        // Not under the lock: a thread of the check may still want to say that its program has ended.
        let children = lock(&self.state).children.clone();
        children.iter().map(told).collect()
    }

    /// Lets `judge` know as soon as one of them has come to a `todo!`.
    pub(crate) fn judged_by(&self, judge: Sender<End>) {
        lock(&self.state).judge = Some(judge);
    }

    /// One of them has come to a `todo!`, and said this.
    pub(crate) fn unfinished(&self, words: String) {
        let mut state = lock(&self.state);
        if let Some(judge) = state.judge.take() {
            // The judge may have had the check's own end, and be gone.
            judge.send(End::Unfinished).ok();
        }
        state.unfinished.get_or_insert(words);
    }

    /// What the first of them said that has come to a `todo!`. All that an ended program wrote has been looked at once
    /// [`stderr`](Self::stderr) was asked for.
    pub(crate) fn is_unfinished(&self) -> Option<String> {
        lock(&self.state).unfinished.clone()
    }

    pub(crate) fn add(&self, label: String, pid: u32, stderr: Arc<Stderr>) {
        let child = Child { label, pid, reaped: false, stderr };
        for state in self.states() {
            let mut state = lock(state);
            if state.over {
                kill_group(pid);
            }
            state.children.push(child.clone());
        }
    }

    pub(crate) fn reaped(&self, pid: u32) {
        for child in lock(&self.state).children.iter_mut().filter(|c| c.pid == pid) {
            child.reaped = true;
        }
        if let Some(all) = &self.all {
            lock(all).children.retain(|c| c.pid != pid);
        }
    }

    fn states(&self) -> impl Iterator<Item = &Arc<Mutex<State>>> {
        std::iter::once(&self.state).chain(&self.all)
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills the process group of `pid`. That it is gone already is as good.
pub(crate) fn kill_group(pid: u32) {
    if let Ok(pid) = raw(pid) {
        rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).ok();
    }
}

pub(crate) fn raw(pid: u32) -> Result<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(pid)?).context("process id 0")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
