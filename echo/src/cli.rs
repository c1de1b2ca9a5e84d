//! The command line.

use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::flags::{duration, period, size};

use crate::runtime::Choice;

/// An echo server whose shouts overlap, and its client, on three async runtimes
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  echo serve --listen 127.0.0.1:8000\n  \
    printf 'Hello\\nBye\\n' | echo connect 127.0.0.1:8000\n\nCompletions: source <(COMPLETE=bash echo)"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) common: common::flags::Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The programs of the section.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer each line three times: louder, as it is, and softer (8.3)
    Serve(Serve),
    /// Send stdin to a server and show what it answers (8.3: netcat2 and netcat3, exercise 8.3)
    #[command(after_help = "Example: printf 'Hello\\n' | echo connect 127.0.0.1:8000")]
    Connect(Connect),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: echo serve --delay 250ms --idle-timeout 1m")]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) server: common::flags::Server,

    /// The time between two answers to a line; 0s answers at once
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub(crate) delay: Duration,

    /// How long a client may neither send nor take its answers, with none to wait for; 0s is for ever
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub(crate) idle_timeout: Duration,

    /// Answer a client's lines one after another (the book's first version)
    #[arg(long)]
    pub(crate) sequential: bool,

    /// The longest line; a longer one ends the connection
    #[arg(long, value_name = "SIZE", default_value = "64KiB", value_parser = size)]
    pub(crate) max_line: usize,

    /// Lines of a client that are answered at a time; no more is read until one is done
    #[arg(long, value_name = "N", default_value = "64")]
    pub(crate) max_shouts: NonZeroUsize,
}

impl Serve {
    /// Starts to listen, and says where.
    ///
    /// # Errors
    /// An address that cannot be listened on, named; or a stdout that is gone.
    pub(crate) fn listen(&self) -> anyhow::Result<TcpListener> {
        let listener = common::net::listen(&self.server.listen)?;
        common::net::announce(&listener)?;
        Ok(listener)
    }
}

#[derive(Args, Debug)]
pub(crate) struct Connect {
    /// The server
    #[arg(value_name = "HOST:PORT")]
    pub(crate) address: String,

    /// How long to wait for the connection
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = period)]
    pub(crate) timeout: Duration,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
