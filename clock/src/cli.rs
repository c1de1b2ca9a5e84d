//! The command line.

use std::net::TcpListener;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use common::flags::{duration, period};
use jiff::tz::TimeZone;

use crate::runtime::Choice;
use crate::tick::Clock;
use crate::wall::{Named, Wall};
use crate::zone;

/// Bytes of unread lines that the kernel keeps for a client (it doubles this): minutes of them, where by
/// default it would take megabytes.
const SEND_BUFFER: usize = 4096;

/// A clock server, its clients, a countdown and a spinner, on three async runtimes
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  clock serve --tz Asia/Tokyo --listen 127.0.0.1:8010\n  \
    clock wall Tokyo=127.0.0.1:8010\n\nCompletions: source <(COMPLETE=bash clock)"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) common: common::flags::Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The programs of the chapter that are here.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell each client the time, at once and then every second (8.2)
    Serve(Serve),
    /// Show what a clock tells, until it ends (8.2: netcat1)
    #[command(after_help = "Example: clock watch 127.0.0.1:8000")]
    Watch(Watch),
    /// Show several clocks side by side (exercise 8.1)
    #[command(after_help = "Example: clock wall NewYork=127.0.0.1:8010 Tokyo=127.0.0.1:8020")]
    Wall(WallArgs),
    /// Count down to a launch, unless Return or Ctrl-C aborts it (8.7)
    #[command(after_help = "Example: clock countdown --from 3 --every 500ms")]
    Countdown(Countdown),
    /// Turn a spinner while the N-th Fibonacci number is computed the slow way (8.1)
    #[command(after_help = "Example: clock spin 42 --on-executor --threads 1    (the spinner freezes)")]
    Spin(Spin),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: TZ=Europe/Paris clock serve --listen 127.0.0.1:8010")]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) server: common::flags::Server,

    /// The zone whose time is told, as Europe/Paris [default: $TZ, else the system's]
    #[arg(long, value_name = "ZONE", value_parser = zone::named)]
    tz: Option<TimeZone>,

    /// Serve one client after another; the next waits (the book's first version)
    #[arg(long)]
    pub(crate) sequential: bool,

    /// How often the time is told; less than a second shows what load does
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = period)]
    every: Duration,
}

impl Serve {
    /// The clock that is told to the clients.
    ///
    /// # Errors
    /// A usage error for a `TZ` that names no zone.
    pub(crate) fn clock(&self) -> anyhow::Result<Clock> {
        let zone = match &self.tz {
            Some(zone) => zone.clone(),
            None => zone::local().map_err(|e| Cli::command().error(ErrorKind::ValueValidation, e))?,
        };
        Ok(Clock::new(zone, self.every))
    }

    /// Starts to listen, and says where.
    ///
    /// # Errors
    /// An address that cannot be listened on, named; or a stdout that is gone.
    pub(crate) fn listen(&self) -> anyhow::Result<TcpListener> {
        let listener = common::net::listen(&self.server.listen)?;
        socket2::SockRef::from(&listener).set_send_buffer_size(SEND_BUFFER)?;
        common::net::announce(&listener)?;
        Ok(listener)
    }
}

#[derive(Args, Debug)]
pub(crate) struct Watch {
    /// The clock to watch
    #[arg(value_name = "HOST:PORT")]
    pub(crate) address: String,

    /// How long to wait for the connection, and for the next line
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    pub(crate) timeout: Duration,
}

#[derive(Args, Debug)]
pub(crate) struct WallArgs {
    /// The clocks to show
    #[arg(value_name = "NAME=HOST:PORT", required = true)]
    clocks: Vec<Named>,
}

impl WallArgs {
    /// The wall with these clocks, none of them dialled yet.
    ///
    /// # Errors
    /// A usage error for a name that comes twice.
    pub(crate) fn wall(&self) -> anyhow::Result<Wall> {
        Wall::new(self.clocks.clone()).map_err(|e| Cli::command().error(ErrorKind::ValueValidation, e).into())
    }
}

#[derive(Args, Debug)]
pub(crate) struct Countdown {
    /// The first number
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) from: u32,

    /// The time between two numbers
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = period)]
    pub(crate) every: Duration,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Spin {
    /// Which Fibonacci number; 93 is the last that fits into 64 bits
    #[arg(value_name = "N", default_value_t = 45, value_parser = clap::value_parser!(u8).range(..=93))]
    pub(crate) n: u8,

    /// Compute on the executor instead of the blocking pool, and see the spinner freeze
    #[arg(long)]
    pub(crate) on_executor: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
