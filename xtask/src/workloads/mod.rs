//! What `compare` does to the programs of an exercise: one file each.

pub(crate) mod chat;
pub(crate) mod clock;
pub(crate) mod crawler;
pub(crate) mod du;
pub(crate) mod echo;
pub(crate) mod pipeline;

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::{Children, DEADLINE, Implementation, Program, Running, Server, Signal, Start};

use crate::results::{Better, Group, Settings, Unit};

/// What is done to each implementation in a round, and what comes out of it.
pub(crate) struct Workload {
    pub(crate) round: fn(&Contestant, &Settings) -> Result<Samples>,
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
    /// From elsewhere: it knows no flags of ours, and its faults are told instead of ending the comparison.
    pub(crate) outside: bool,
    program: Program,
}

impl Contestant {
    /// `children` learns of each process that is started.
    pub(crate) fn new(implementation: Implementation, outside: bool, children: &Children) -> Self {
        let program = Program::new(implementation.clone(), children.clone());
        Self { implementation, outside, program }
    }

    pub(crate) fn name(&self) -> &str {
        &self.implementation.name
    }

    /// Where its server always listens, if it cannot be told where.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.implementation.commands.get("serve").and_then(|serve| serve.address)
    }

    /// Starts its server; `flags` are for programs of ours only.
    pub(crate) fn serve(&self, flags: &[String]) -> Result<Server> {
        self.command(flags).serve()
    }

    /// Starts it as a program that ends by itself. One from elsewhere gets the same arguments.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Running> {
        self.program.command(args).start()
    }

    fn command(&self, flags: &[String]) -> Start<'_> {
        // One zone for all, so that their times can be compared.
        self.program.command(if self.outside { &[] } else { flags }).env("TZ", "UTC")
    }

    /// Ends a server as its user would. One of ours that does not end is a fault; another is killed.
    pub(crate) fn end(&self, server: &mut Running) -> Result<()> {
        let ended = server.signal(Signal::TERM).and_then(|()| server.wait());
        if self.outside { Ok(()) } else { ended.map(drop) }
    }

    /// How long it takes from its start until it says, or shows, that it listens.
    pub(crate) fn startup(&self) -> Result<Duration> {
        let start = Instant::now();
        let Some(address) = self.address() else {
            let mut server = self.serve(&[])?;
            let startup = start.elapsed();
            self.end(&mut server)?;
            return Ok(startup);
        };
        let (line, _) = self.implementation.command_line(&["serve".to_owned()])?;
        let mut server = self.program.command(["serve"]).env("TZ", "UTC").start()?;
        while TcpStream::connect_timeout(&address, DEADLINE).is_err() {
            // The pause between two tries is also the wait for an early end.
            let ended = server.wait_for(Duration::from_millis(1))?;
            ensure!(ended.is_none() && start.elapsed() < DEADLINE, "`{}` does not listen", line.join(" "));
        }
        let startup = start.elapsed();
        self.end(&mut server)?;
        Ok(startup)
    }
}
