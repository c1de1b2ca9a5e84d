//! What `compare` does to the programs of an exercise: one file each.

mod chat;
mod clock;
mod crawler;
mod du;
mod echo;
mod pipeline;

mod footprint;

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use kit::{Children, Implementation, Program, Running, Server, Signal, Start};

use crate::results::{Better, Group, Settings, Unit, Value};

/// What is done to each implementation in a round, and what comes out of it.
pub(crate) struct Workload {
    pub(crate) round: fn(&Contestant, &Settings) -> Result<Samples>,
}

/// What is done to the programs of each exercise.
const WORKLOADS: [(&str, &Workload); 6] = [
    ("chat", &chat::WORKLOAD),
    ("clock", &clock::WORKLOAD),
    ("crawler", &crawler::WORKLOAD),
    ("du", &du::WORKLOAD),
    ("echo", &echo::WORKLOAD),
    ("pipeline", &pipeline::WORKLOAD),
];

/// What is done to the programs of the exercise `name`.
///
/// # Errors
/// When nobody has written that yet.
pub(crate) fn of(name: &str) -> Result<&'static Workload> {
    let workload = WORKLOADS.iter().find(|(of, _)| *of == name).map(|(_, workload)| *workload);
    workload.with_context(|| format!("{name} has no workload: add it to xtask/src/workloads/mod.rs"))
}

/// What one round gave.
pub(crate) type Samples = Vec<(&'static Measure, f64)>;

/// Something that is measured. Its fields are those of a `Metric` in the results.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) group: Group,
    pub(crate) headline: bool,
    pub(crate) unit: Unit,
    pub(crate) better: Better,
}

impl Measure {
    /// Things in a second, the more the better.
    pub(crate) const fn rate(name: &'static str, title: &'static str) -> Self {
        Self { better: Better::Higher, ..Self::lower(name, title, Unit::PerSecond) }
    }

    /// Seconds, the fewer the better.
    pub(crate) const fn time(name: &'static str, title: &'static str) -> Self {
        Self::lower(name, title, Unit::Seconds)
    }

    /// Bytes, the fewer the better.
    pub(crate) const fn bytes(name: &'static str, title: &'static str) -> Self {
        Self::lower(name, title, Unit::Bytes)
    }

    /// Something of which there should be little.
    pub(crate) const fn lower(name: &'static str, title: &'static str, unit: Unit) -> Self {
        Self { name, title, group: Group::Workload, headline: false, unit, better: Better::Lower }
    }

    /// This is what the exercise is about in the first place.
    pub(crate) const fn headline(self) -> Self {
        Self { headline: true, ..self }
    }

    /// It belongs to `group`; else to the workload.
    pub(crate) const fn of(self, group: Group) -> Self {
        Self { group, ..self }
    }
}

/// An implementation that takes part.
pub(crate) struct Contestant {
    pub(crate) implementation: Implementation,
    /// From elsewhere: its faults are its own, and are told instead of ending the comparison.
    pub(crate) outside: bool,
    program: Program,
}

/// What tells runtimes how many threads they may have, where no flag does.
const THREADS: [&str; 4] = ["GOMAXPROCS", "TOKIO_WORKER_THREADS", "ASYNC_STD_THREAD_COUNT", "SMOL_THREADS"];

impl Contestant {
    /// `children` learns of each process that is started.
    pub(crate) fn new(implementation: Implementation, outside: bool, children: &Children) -> Self {
        let program = Program::new(implementation.clone(), children.clone());
        Self { implementation, outside, program }
    }

    pub(crate) fn name(&self) -> &str {
        &self.implementation.name
    }

    /// Whether it knows the flags of our programs: it is one, or another build of one.
    pub(crate) fn takes_flags(&self) -> bool {
        !self.outside || self.implementation.flags
    }

    /// Those of the programs `all` that it has.
    ///
    /// # Errors
    /// When it has none of them: there is nothing to measure.
    pub(crate) fn has(&self, all: &[&'static str]) -> Result<Vec<&'static str>> {
        let there = |name: &&&'static str| self.implementation.command_line(&[(**name).to_owned()]).is_ok();
        let there: Vec<_> = all.iter().filter(there).copied().collect();
        ensure!(
            !there.is_empty(),
            "`{}` has no program for {}; give it a `command`, or the `exercise` that it is for",
            self.name(),
            all.join(", "),
        );
        Ok(there)
    }

    /// Where its server always listens, if it cannot be told where.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.implementation.commands.get("serve").and_then(|serve| serve.address)
    }

    /// Starts its server; `flags` are for those that know them.
    pub(crate) fn serve(&self, settings: &Settings, flags: &[&str]) -> Result<Server> {
        self.start(settings, if self.takes_flags() { flags } else { &[] }).serve()
    }

    /// Starts it as a program that ends by itself. One from elsewhere gets the same arguments.
    pub(crate) fn run(&self, settings: &Settings, args: &[&str]) -> Result<Running> {
        self.start(settings, args).start()
    }

    /// With as many threads as all others.
    fn start(&self, settings: &Settings, args: &[&str]) -> Start<'_> {
        let threads = settings.threads.to_string();
        let flag = ["--threads", &threads];
        let start = self.program.command(args.iter().chain(if self.takes_flags() { &flag[..] } else { &[] }));
        let start = THREADS.iter().fold(start, |start, name| start.env(name, &threads));
        // One zone for all, so that their times can be compared.
        start.env("TZ", "UTC")
    }

    /// Ends a server as its user would. One of ours that does not end is a fault; another is killed.
    pub(crate) fn end(&self, server: &mut Running) -> Result<()> {
        let ended = server.signal(Signal::TERM).and_then(|()| server.wait());
        if self.outside { Ok(()) } else { ended.map(drop) }
    }

    /// What it was asked to do, for messages: the beginning of `args`.
    pub(crate) fn asked(&self, args: &[&str]) -> String {
        let shown = args.iter().take(SHOWN).copied().collect::<Vec<_>>().join(" ");
        format!("`{} {shown}{}`", self.name(), if args.len() > SHOWN { " …" } else { "" })
    }
}

/// The arguments that a message shows.
const SHOWN: usize = 8;

/// The median of what was measured in one round.
pub(crate) fn median(samples: Vec<f64>) -> Result<f64> {
    Ok(Value::new(samples).context("nothing was measured")?.median)
}

#[cfg(test)]
mod tests;
