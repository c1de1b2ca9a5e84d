//! A crawl as a whole, without a task or a socket: what is fetched next, what is printed of it, and how it ended.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use common::exit::Interrupted;
use globset::{Glob, GlobSet};
use hyper::StatusCode;
use url::Url;

use crate::cli::{Format, Polite};
use crate::frontier::{Bounds, Frontier, HostId, Job, Next, Outcome, PageId, Refusal, Rules, Verdict};
use crate::http::Failure;
use crate::report::{Record, Report};

/// What was fetched.
pub(crate) enum Done {
    Robots { host: HostId, rules: Rules },
    Page(Visit),
}

/// What one request for a page brought.
pub(crate) struct Visit {
    pub(crate) id: PageId,
    /// None without an answer.
    pub(crate) status: Option<StatusCode>,
    pub(crate) content_type: Option<String>,
    /// The body, unpacked; of one that was not read, what the server says.
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) error: Option<Failure>,
}

/// What is to be done now.
pub(crate) enum Step {
    Fetch(Job),
    /// Ask again then, or after a result.
    WaitUntil(Instant),
    /// Ask again after a result.
    Wait,
    Over,
}

/// How a crawl ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All was fetched that was to be.
    Whole,
    Interrupted,
}

pub(crate) struct Crawl {
    frontier: Frontier,
    report: Report,
}

impl Crawl {
    /// A crawl that begins at `urls`.
    ///
    /// # Errors
    /// Patterns that together are too large.
    pub(crate) fn new(urls: &[Url], polite: &Polite, format: Option<Format>) -> Result<Self> {
        let now = Instant::now();
        let bounds = Bounds {
            depth: polite.depth,
            max_pages: polite.max_pages,
            per_host: polite.per_host,
            any_host: polite.any_host,
            ignore_robots: polite.ignore_robots,
            max_wait: polite.max_wait,
            include: set(&polite.include)?,
            exclude: set(&polite.exclude)?,
        };
        Ok(Self { frontier: Frontier::new(urls, bounds, now), report: Report::new(format, now) })
    }

    /// What is to be done now.
    pub(crate) fn next(&mut self, now: Instant) -> Step {
        loop {
            match self.frontier.next(now) {
                Next::Fetch(job) => {
                    if let Job::Page { id, url } = &job {
                        self.report.begins(url, self.frontier.page(*id).is_tried());
                    }
                    return Step::Fetch(job);
                }
                Next::Refused(id, refusal) => {
                    let failure = match refusal {
                        Refusal::Robots => Failure::Robots,
                        Refusal::NoRobots(why) => Failure::NoRobots(why),
                        Refusal::Delay(delay) => Failure::Delay(delay),
                    };
                    self.record(&Visit::none(id), Some(&failure), &[]);
                }
                Next::WaitUntil(time) => return Step::WaitUntil(time),
                Next::Wait => return Step::Wait,
                Next::Over => return Step::Over,
            }
        }
    }

    /// Takes note of what was fetched.
    pub(crate) fn done(&mut self, done: Done, now: Instant) {
        let mut visit = match done {
            Done::Robots { host, rules } => return self.frontier.know(host, rules),
            Done::Page(visit) => visit,
        };
        self.report.answered(&visit);
        let edges = match &visit.outcome {
            Outcome::Links(links) if self.report.wants_edges() => {
                let wanted = links.iter().filter(|link| self.frontier.is_wanted(&link.url));
                wanted.map(|link| link.url.clone()).collect()
            }
            _ => Vec::new(),
        };
        match self.frontier.done(visit.id, &visit.outcome, now) {
            Verdict::Done => {}
            Verdict::Again => return,
            Verdict::Misdirected(why) => visit.error = Some(Failure::Redirect(why)),
            Verdict::GivenUp(wait) => {
                let status = visit.status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                visit.error = Some(Failure::Busy { status, wait });
            }
        }
        self.record(&visit, visit.error.as_ref(), &edges);
    }

    /// What is to be printed since the last call, if anything.
    pub(crate) fn output(&mut self) -> Option<Vec<u8>> {
        self.report.output()
    }

    /// Ends the report: what is still to be printed.
    pub(crate) fn end(&mut self) -> Option<Vec<u8>> {
        self.report.end();
        self.report.output()
    }

    /// What was done, in a few lines.
    pub(crate) fn summary(&self, now: Instant) -> String {
        self.report.summary(now, self.frontier.is_cut())
    }

    /// How the program ends.
    ///
    /// # Errors
    /// When it was interrupted; when not a single page came: with what went wrong first.
    pub(crate) fn result(&self, end: End) -> Result<()> {
        match (end, self.report.nothing_came()) {
            (End::Interrupted, _) => Err(Interrupted.into()),
            (End::Whole, Some(why)) => bail!("no page came: {why}"),
            (End::Whole, None) => Ok(()),
        }
    }

    fn record(&mut self, visit: &Visit, error: Option<&Failure>, edges: &[Box<str>]) {
        let page = self.frontier.page(visit.id);
        let from = page.from.map(|id| &*self.frontier.page(id).url);
        let (final_url, links) = match &visit.outcome {
            Outcome::Redirect(target) => (target.as_str(), 0),
            Outcome::Links(links) => (&*page.url, links.len()),
            _ => (&*page.url, 0),
        };
        let record = Record {
            url: &page.url,
            final_url,
            status: visit.status.map(|status| status.as_u16()),
            depth: page.depth,
            from,
            content_type: visit.content_type.as_deref(),
            bytes: visit.bytes,
            ms: u64::try_from(visit.took.as_millis()).unwrap_or(u64::MAX),
            links,
            error: error.map(ToString::to_string),
        };
        self.report.page(&record, visit.took, error, edges);
    }
}

impl Visit {
    /// Nothing yet.
    pub(crate) fn none(id: PageId) -> Self {
        Self {
            id,
            status: None,
            content_type: None,
            bytes: 0,
            took: Duration::ZERO,
            outcome: Outcome::Nothing,
            error: None,
        }
    }
}

fn set(patterns: &[Glob]) -> Result<GlobSet> {
    let mut set = GlobSet::builder();
    for pattern in patterns {
        set.add(pattern.clone());
    }
    Ok(set.build()?)
}
