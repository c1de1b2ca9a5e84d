//! What is said between the frontier and whoever fetches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use url::Url;

use super::{HostId, PageId};
use crate::extract::Link;
use crate::http::{Failure, Misdirection};

/// What to do next.
pub(crate) enum Next {
    Fetch(Job),
    /// The page is not to be fetched, and is done.
    Refused(PageId, Refusal),
    /// Ask again then, or after a result.
    WaitUntil(Instant),
    /// Ask again after a result.
    Wait,
    Over,
}

/// Why a page is not fetched.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    Robots,
    /// What robots.txt says could not be learnt.
    NoRobots(Arc<Failure>),
    /// The server wants more time between two pages than we have.
    Delay(Duration),
}

/// One thing to fetch.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    Robots { host: HostId, url: String },
    Page { id: PageId, url: Arc<str> },
}

/// What came of a page, as far as the crawl goes on from there.
pub(crate) enum Outcome {
    Links(Vec<Link>),
    Redirect(Url),
    /// The server asks to come again, after a while if it says so.
    Busy(Option<Duration>),
    Nothing,
}

/// What the crawl makes of an outcome.
pub(crate) enum Verdict {
    Done,
    /// The page will be fetched again.
    Again,
    /// The redirect is not followed.
    Misdirected(Misdirection),
    /// The server is busy for too long.
    GivenUp(Duration),
}
