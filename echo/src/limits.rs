//! What a client may do, and why it is let go.

use std::time::Duration;

use common::lines::TooLong;

use crate::cli::Serve;

/// Answers that wait for a client to take them, beside one that each of its shouts holds.
pub(crate) const QUEUED: usize = 16;

/// How long a client that is let go while it still sends may go on: what it sends meanwhile is read and thrown
/// away. A socket that is closed with something unread resets the connection, and the last answers are lost.
pub(crate) const LINGER: Duration = Duration::from_millis(500);

/// What holds for each client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time between two answers to a line.
    pub(crate) delay: Duration,
    /// How long a client may do nothing. Without a limit it is [`Duration::MAX`], which timers take for never.
    pub(crate) idle: Duration,
    /// Bytes of a line.
    pub(crate) max_line: usize,
    /// Shouts at a time: one after another if there is one.
    pub(crate) max_shouts: usize,
}

impl Limits {
    /// What the command line asks for.
    pub(crate) fn new(options: &Serve) -> Self {
        let idle = options.idle_timeout;
        Self {
            delay: options.delay,
            idle: if idle.is_zero() { Duration::MAX } else { idle },
            max_line: options.max_line,
            max_shouts: if options.sequential { 1 } else { options.max_shouts.get() },
        }
    }
}

/// Why no more is read from a client.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum End {
    #[error("end of input")]
    Input,
    #[error("idle for {0:?}")]
    Idle(Duration),
    #[error("{0}")]
    TooLong(#[from] TooLong),
    #[error("shutting down")]
    Shutdown,
}

impl End {
    /// What the client is told, if anything.
    pub(crate) fn farewell(&self) -> Vec<u8> {
        match self {
            Self::Input | Self::Shutdown => Vec::new(),
            Self::Idle(_) | Self::TooLong(_) => format!("{self}; goodbye\n").into_bytes(),
        }
    }

    /// Whether the client may still be sending.
    pub(crate) fn is_early(&self) -> bool {
        !matches!(self, Self::Input)
    }
}
