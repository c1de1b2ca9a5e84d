//! The command line.

use std::env;
use std::io::{self, IsTerminal, stdin, stdout};
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::flags::{duration, size};
use socket2::{SockRef, TcpKeepalive};

use crate::entry::Entry;
use crate::runtime::Choice;

/// Bytes that the kernel keeps for a client that does not read (it doubles this); by default it would be
/// megabytes for each.
const SEND_BUFFER: usize = 128 << 10;

/// A chat server that never waits for a slow client, and a client of it, on three async runtimes
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  chat serve --listen 127.0.0.1:8000\n  chat join 127.0.0.1:8000 --name ann\n\n\
    Completions: source <(COMPLETE=bash chat)"
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
    /// Run a room in which everybody hears everybody (8.10, exercises 8.12 to 8.15)
    Serve(Serve),
    /// Talk in a room: on a terminal a full screen, elsewhere plain lines (8.10)
    #[command(after_help = "Example: printf 'hello\\n' | chat join 127.0.0.1:8000 --name ann")]
    Join(Join),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: chat serve --idle-timeout 1m --queue 16")]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) server: common::flags::Server,

    /// How long a client may be silent before it is let go; 0s is for ever
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    idle_timeout: Duration,

    /// Messages that wait for a client that does not read; what does not fit is skipped for it
    #[arg(long, value_name = "N", default_value = "64")]
    pub(crate) queue: NonZeroUsize,

    /// The longest line that a client may send
    #[arg(long, value_name = "SIZE", default_value = "4KiB", value_parser = size)]
    pub(crate) max_line: usize,

    /// The most characters of a name
    #[arg(long, value_name = "N", default_value = "32")]
    pub(crate) max_name: NonZeroUsize,

    /// Lines that a client may send in a second, after twice as many at once; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) rate: u32,
}

impl Serve {
    /// How long a client may be silent.
    pub(crate) fn patience(&self) -> Duration {
        if self.idle_timeout.is_zero() { Duration::MAX } else { self.idle_timeout }
    }

    /// Starts to listen, and says where.
    ///
    /// # Errors
    /// An address that cannot be listened on, named; or a stdout that is gone.
    pub(crate) fn listen(&self) -> anyhow::Result<TcpListener> {
        let listener = common::net::listen(&self.server.listen)?;
        SockRef::from(&listener).set_send_buffer_size(SEND_BUFFER)?;
        common::net::announce(&listener)?;
        Ok(listener)
    }
}

#[derive(Args, Debug)]
pub(crate) struct Join {
    /// The server of the room
    #[arg(value_name = "HOST:PORT")]
    pub(crate) address: String,

    /// Your name; without it you are asked on a terminal, and are your address elsewhere
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(crate) name: Option<String>,

    /// How long to wait for the connection, and to be let in
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub(crate) timeout: Duration,
}

impl Join {
    /// Whether there is a screen to fill and a keyboard to read. Elsewhere, and on a terminal that can do nothing
    /// but write (as in an editor's shell), plain lines come and go.
    pub(crate) fn on_terminal(&self) -> bool {
        stdin().is_terminal()
            && stdout().is_terminal()
            && env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// The way in, if there is anything to be done: on a terminal the user can give the name.
    pub(crate) fn entry(&self) -> Option<Entry> {
        match &self.name {
            None if stdin().is_terminal() => None,
            name => Some(Entry::new(name.as_deref().unwrap_or_default())),
        }
    }
}

/// What a connection to a room needs: lines that go out at once, and a way to learn that the server's machine is
/// gone, since a room can be silent for long.
///
/// # Errors
/// When the connection is gone already.
pub(crate) fn tune(server: &impl AsFd) -> io::Result<()> {
    let server = SockRef::from(server);
    server.set_tcp_nodelay(true)?;
    server.set_tcp_user_timeout(Some(Duration::from_secs(60)))?;
    server.set_tcp_keepalive(
        &TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10)),
    )
}

/// A name that the server will read as one line.
fn name(text: &str) -> Result<String, String> {
    match text.chars().any(char::is_control) {
        true => Err("a name has no control characters".to_owned()),
        false => Ok(text.to_owned()),
    }
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
