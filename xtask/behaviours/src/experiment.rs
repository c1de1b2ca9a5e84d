//! What an experiment is made of.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::watch::Program;

/// The same small program on each runtime.
pub(crate) struct Experiment {
    /// What is tried, for people.
    pub(crate) title: &'static str,
    /// Why it comes out as it does, and what follows.
    pub(crate) why: &'static str,
    /// For each runtime that is compiled in.
    pub(crate) runs: &'static [Run],
}

/// An experiment on one runtime.
pub(crate) struct Run {
    pub(crate) runtime: &'static str,
    /// What it tells when the runtime does what is known of it.
    pub(crate) known: &'static str,
    pub(crate) how: How,
}

/// How it is found out what happens.
pub(crate) enum How {
    /// The program itself tells.
    Told(fn() -> Result<String>),
    /// The outcome is how a program ends: it has a process of its own, and `watch` tells.
    Watched { program: fn() -> Result<()>, watch: fn(&Program) -> Result<String> },
}

/// What happened.
#[derive(Debug, Serialize)]
pub(crate) struct Happened {
    told: String,
    as_known: bool,
}

impl Run {
    /// Tries it. `name` is the experiment's.
    pub(crate) fn happened(&self, name: &'static str) -> Result<Happened> {
        let told = match self.how {
            How::Told(run) => run()?,
            How::Watched { watch, .. } => watch(&Program { name, runtime: self.runtime })?,
        };
        let as_known = told == self.known;
        Ok(Happened { told, as_known })
    }

    /// Is the program that is watched.
    pub(crate) fn program(&self) -> Result<()> {
        match self.how {
            How::Watched { program, .. } => program(),
            How::Told(_) => bail!("it is no program of its own: see `run`"),
        }
    }
}

/// Writes the table of an experiment: what it tells on each runtime when all is as known, and which functions find
/// that out: `run` in the runtime's module or, where a program is watched, its `program`.
macro_rules! experiment {
    (
        title: $title:literal,
        why: $why:literal,
        tokio: $tokio:literal,
        async_std: $async_std:literal,
        smol: $smol:literal,
    ) => {
        $crate::experiment::experiment! {
            @ $title, $why,
            tokio: $tokio, $crate::experiment::How::Told(tokio::run);
            async_std: $async_std, $crate::experiment::How::Told(async_std::run);
            smol: $smol, $crate::experiment::How::Told(smol::run);
        }
    };
    (
        title: $title:literal,
        why: $why:literal,
        watch: $watch:path,
        tokio: $tokio:literal,
        async_std: $async_std:literal,
        smol: $smol:literal,
    ) => {
        $crate::experiment::experiment! {
            @ $title, $why,
            tokio: $tokio, $crate::experiment::How::Watched { program: tokio::program, watch: $watch };
            async_std: $async_std, $crate::experiment::How::Watched { program: async_std::program, watch: $watch };
            smol: $smol, $crate::experiment::How::Watched { program: smol::program, watch: $watch };
        }
    };
    (
        @ $title:literal, $why:literal,
        tokio: $tokio:literal, $tokio_how:expr;
        async_std: $async_std:literal, $async_std_how:expr;
        smol: $smol:literal, $smol_how:expr;
    ) => {
        pub(super) const EXPERIMENT: $crate::experiment::Experiment = $crate::experiment::Experiment {
            title: $title,
            why: $why,
            runs: &[
                #[cfg(feature = "tokio")]
                $crate::experiment::Run { runtime: "tokio", known: $tokio, how: $tokio_how },
                #[cfg(feature = "async-std")]
                $crate::experiment::Run { runtime: "async-std", known: $async_std, how: $async_std_how },
                #[cfg(feature = "smol")]
                $crate::experiment::Run { runtime: "smol", known: $smol, how: $smol_how },
            ],
        };
    };
}
pub(crate) use experiment;

/// What happened, in its order.
#[derive(Clone, Default)]
pub(crate) struct Events(Arc<Mutex<Vec<&'static str>>>);

impl Events {
    pub(crate) fn push(&self, event: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// An event that happens when the guard is dropped.
    pub(crate) fn on_drop(&self, event: &'static str) -> impl Drop + Send + use<> {
        OnDrop(self.clone(), event)
    }

    /// All of them so far.
    pub(crate) fn told(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).join(", ")
    }
}

struct OnDrop(Events, &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.push(self.1);
    }
}
