//! A runtime is started as it is, and given more tasks that block than the machine has cores: how many run at a time is
//! how many worker threads there are.

use std::env;
use std::thread::available_parallelism;

use anyhow::{Context, Result};

use crate::experiment::experiment;
use crate::gate::Gate;
use crate::watch::{Program, say};

experiment! {
    title: "worker threads by default",
    why: "smol's global executor has one thread: a program that moves there from async-std or tokio runs its tasks on one \
          core, and one task that blocks stops them all, until SMOL_THREADS or an executor of one's own on more \
          threads says otherwise.",
    watch: watch,
    tokio: "one a core; 3 by TOKIO_WORKER_THREADS=3",
    async_std: "one a core; 3 by ASYNC_STD_THREAD_COUNT=3",
    smol: "one; 3 by SMOL_THREADS=3",
}

/// The variable that tells the program how many are expected. It waits for as many, and then looks for more.
const EXPECTED: &str = "EXPECTED";

/// More tasks than `expected` worker threads.
fn tasks(expected: usize) -> usize {
    expected + 4
}

fn expected() -> Result<usize> {
    Ok(env::var(EXPECTED)?.parse()?)
}

fn watch(program: &Program) -> Result<String> {
    let cores = available_parallelism()?.get();
    let (by_default, told, variable) = match program.runtime {
        "tokio" => (cores, "one a core", "TOKIO_WORKER_THREADS"),
        "async-std" => (cores, "one a core", "ASYNC_STD_THREAD_COUNT"),
        _ => (1, "one", "SMOL_THREADS"),
    };
    let counted = |expected: usize, environment: &[(&str, &str)]| {
        let expected = expected.to_string();
        let line = program.start(&[&[(EXPECTED, &*expected)], environment].concat())?.line()?;
        line.context("it ended before it had counted")
    };
    let n = counted(by_default, &[])?;
    let told = if n == by_default.to_string() { told.to_owned() } else { format!("{n} on {cores} cores") };
    let set = counted(3, &[(variable, "3")])?;
    Ok(format!("{told}; {set} by {variable}=3"))
}

/// Says how many of its tasks run at a time.
fn count(gate: &Gate, expected: usize) -> Result<()> {
    say(&gate.crowd(expected).to_string())?;
    gate.open();
    Ok(())
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::sync::Arc;

    use anyhow::Result;
    use tokio::runtime::Runtime;

    use crate::gate::Gate;

    pub(super) fn program() -> Result<()> {
        let (gate, expected) = (Arc::new(Gate::default()), super::expected()?);
        let runtime = Runtime::new()?;
        for _ in 0..super::tasks(expected) {
            let gate = Arc::clone(&gate);
            drop(runtime.spawn(async move { gate.pass() }));
        }
        super::count(&gate, expected)
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::sync::Arc;

    use anyhow::Result;
    use async_std::task::spawn;

    use crate::gate::Gate;

    pub(super) fn program() -> Result<()> {
        let (gate, expected) = (Arc::new(Gate::default()), super::expected()?);
        for _ in 0..super::tasks(expected) {
            let gate = Arc::clone(&gate);
            drop(spawn(async move { gate.pass() }));
        }
        super::count(&gate, expected)
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::sync::Arc;

    use anyhow::Result;
    use smol::spawn;

    use crate::gate::Gate;

    pub(super) fn program() -> Result<()> {
        let (gate, expected) = (Arc::new(Gate::default()), super::expected()?);
        for _ in 0..super::tasks(expected) {
            let gate = Arc::clone(&gate);
            spawn(async move { gate.pass() }).detach();
        }
        super::count(&gate, expected)
    }
}
