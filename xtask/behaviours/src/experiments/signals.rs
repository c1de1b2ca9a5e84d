//! A program listens for a signal that would end it, gets one, stops listening, and gets another.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Signal, getpid, kill_process};

use crate::experiment::experiment;
use crate::watch::{Program, say};

experiment! {
    title: "a signal comes, and comes again when nobody listens any more",
    why: "Signals are built into tokio; for the others there is the crate async-signal. On each, what a signal does by \
          itself does not come back with the end of the listener: a program that has once listened for Ctrl-C has to \
          go on listening, or end the process itself.",
    watch: watch,
    tokio: "it is heard; the second is swallowed",
    async_std: "it is heard (async-signal); the second is swallowed",
    smol: "it is heard (async-signal); the second is swallowed",
}

/// How long the end may take.
const LIMIT: Duration = Duration::from_secs(20);

fn watch(program: &Program) -> Result<String> {
    let mut watched = program.start(&[])?;
    let heard = watched.line()?.context("it ended before it heard the signal")?;
    let status = watched.end(LIMIT)?.context("it does not end")?;
    let second = match status.signal() {
        Some(_) => "the second ends the program",
        None => "the second is swallowed",
    };
    Ok(format!("{heard}; {second}"))
}

/// Sends this process the signal.
fn raise() -> Result<()> {
    Ok(kill_process(getpid(), Signal::USR1)?)
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::signal::unix::{SignalKind, signal};

    use super::{raise, say};

    pub(super) fn program() -> Result<()> {
        common::runtime::tokio::start(1, async {
            let mut signals = signal(SignalKind::user_defined1())?;
            raise()?;
            signals.recv().await;
            say("it is heard")?;
            drop(signals);
            raise()
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_signal::{Signal, Signals};
    use async_std::stream::StreamExt;

    use super::{raise, say};

    pub(super) fn program() -> Result<()> {
        common::runtime::async_std::start(1, async {
            let mut signals = Signals::new([Signal::Usr1])?;
            raise()?;
            signals.next().await;
            say("it is heard (async-signal)")?;
            drop(signals);
            raise()
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use async_signal::{Signal, Signals};
    use smol::stream::StreamExt;

    use super::{raise, say};

    pub(super) fn program() -> Result<()> {
        common::runtime::smol::start(1, async |_| {
            let mut signals = Signals::new([Signal::Usr1])?;
            raise()?;
            signals.next().await;
            say("it is heard (async-signal)")?;
            drop(signals);
            raise()
        })?
    }
}
