//! A command, and an end of all that it has started: where there are no namespaces whose end would be that.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::process::{Child, Command};
use std::thread;

use anyhow::{Context, Result};
use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, set_parent_process_death_signal,
    wait,
};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The subcommand's name, for who starts it.
pub const NAME: &str = "keep";

/// What [`keep`] is told.
#[derive(clap::Args)]
pub struct Args {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Runs the command; when it has ended, this process is told to end, or its parent dies, kills all that is left of it.
/// Returns whether the command has ended well.
///
/// # Errors
/// When it cannot be started.
pub fn keep(args: &Args) -> Result<bool> {
    let [program, rest @ ..] = &args.command[..] else { anyhow::bail!("no command to keep") };
    // What loses its parent becomes a child of this process, and is found.
    set_child_subreaper(Some(getpid())).context("cannot adopt what is left")?;
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot wait for a signal")?;
    set_parent_process_death_signal(Some(Signal::TERM)).context("cannot end with the parent")?;
    let mut child = Command::new(program).args(rest).spawn().context("cannot start the command")?;
    let first = child.id();
    thread::spawn(move || {
        for _ in signals.forever() {
            kill(first);
        }
    });
    let good = ended(&mut child)?;
    end_the_rest();
    Ok(good)
}

fn ended(child: &mut Child) -> Result<bool> {
    Ok(child.wait().context("cannot wait for the command")?.success())
}

/// Kills what is below this process until nothing is.
fn end_the_rest() {
    loop {
        let left = below(std::process::id());
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(kill);
        // At least one of them is a child of this process; the children of the dead are that too from now on.
        wait(WaitOptions::empty()).ok();
    }
}

fn kill(pid: u32) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    // That it is gone already is as good.
    pid.map(|pid| kill_process(pid, Signal::KILL));
}

/// The processes that descend from `pid`, as far as they are no orphans of others.
pub fn below(pid: u32) -> BTreeSet<u32> {
    let (mut found, mut next) = (BTreeSet::new(), vec![pid]);
    while let Some(pid) = next.pop() {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let children: Vec<u32> = children
            .flat_map(|pids| pids.split_whitespace().map(str::parse).collect::<Vec<_>>())
            .flatten()
            .collect();
        next.extend(children.into_iter().filter(|child| found.insert(*child)));
    }
    found
}
