//! Why a page did not come.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use url::Url;

/// Why a page did not come. The URL is not in it: whoever tells it names that.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot find {host}: {error}")]
    Dns { host: String, error: io::Error },
    #[error("cannot connect to {host}: {error}")]
    Connect { host: String, error: io::Error },
    #[error("no secure connection to {host}: {error}")]
    Tls { host: String, error: io::Error },
    #[error("{step} took longer than {limit:?}")]
    Timeout { step: Step, limit: Duration },
    #[error("{0}")]
    Status(StatusCode),
    #[error("{0}")]
    Redirect(Misdirection),
    #[error("forbidden by robots.txt")]
    Robots,
    #[error("nothing may be fetched without robots.txt: {0}")]
    NoRobots(Arc<Failure>),
    #[error("larger than {0} bytes (see --max-body)")]
    TooLarge(usize),
    #[error("not as HTTP has it: {}", Causes(.0))]
    Protocol(hyper::Error),
    #[error("the server closed the connection: {}", Causes(.0))]
    Closed(hyper::Error),
    #[error("cannot unpack the body: {0}")]
    Decode(String),
    #[error("cannot read the page: {0}")]
    Unreadable(String),
    #[error("{status}, and a wait of {wait:?} (see --max-wait)")]
    Busy { status: StatusCode, wait: Duration },
    #[error("robots.txt asks for {0:?} between two pages (see --max-wait)")]
    Delay(Duration),
    #[error("{0}")]
    Store(String),
}

/// A part of a request that has a limit of time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Connecting,
    FirstByte,
    Body,
}

/// A redirect that is not followed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Misdirection {
    #[error("redirects in a circle, to {0}")]
    Loop(Box<str>),
    #[error("redirects more than {0} times")]
    TooMany(u8),
    #[error("redirects to another host, {0} (see --any-host)")]
    OtherHost(Box<str>),
    #[error("redirects to what is no web page, {0}")]
    NoPage(String),
    #[error("redirects to {0}, which the flags leave out")]
    LeftOut(Box<str>),
    #[error("redirects, and does not say where")]
    Nowhere,
}

impl Failure {
    /// Its kind, for counting.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Status(_) => "status",
            Self::Redirect(_) => "redirect",
            Self::Robots => "robots",
            Self::NoRobots(why) => why.kind(),
            Self::TooLarge(_) => "too_large",
            Self::Protocol(_) => "protocol",
            Self::Closed(_) => "closed",
            Self::Decode(_) | Self::Unreadable(_) => "decode",
            Self::Busy { .. } | Self::Delay(_) => "busy",
            Self::Store(_) => "store",
        }
    }

    /// What hyper's `error` means.
    pub(super) fn of(error: hyper::Error) -> Self {
        let reset = source::<io::Error>(&error).is_some_and(|e| {
            use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
            matches!(e.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
        });
        let closed = error.is_closed() || error.is_canceled() || error.is_incomplete_message() || reset;
        if closed { Self::Closed(error) } else { Self::Protocol(error) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::FirstByte => "the wait for an answer",
            Self::Body => "the body",
        })
    }
}

/// An error with what caused it: hyper's own text leaves that out.
struct Causes<'a>(&'a hyper::Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = std::error::Error::source(self.0);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

fn source<E: std::error::Error + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// `HOST:PORT` of `url`, as errors name it.
pub(crate) fn host_of(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}
