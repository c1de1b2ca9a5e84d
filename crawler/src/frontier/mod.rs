//! What a crawl fetches next: pure bookkeeping, without a task, a socket or a clock of its own.
//!
//! A crawl goes level by level. A level is all pages that are as many links away from the beginning; only when all of
//! it is done, the next one is known: each page at its shortest distance, found by the first page that links to it, and
//! none that a slow answer has let slip (exercise 8.6). The target of a redirect belongs to the level of its source, in
//! a step of its own. So what is fetched, at which depth and from where does not depend on the order in which answers
//! come, and a crawl is the same on each runtime, with each strategy, every time.
//!
//! The price is a wait at the end of each level, for its slowest page; at most for the limits of time of that page.

mod candidates;
mod hosts;
mod terms;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use globset::GlobSet;
use hashbrown::HashMap;
use url::Url;

use self::candidates::Candidates;
pub(crate) use self::hosts::{HostId, Rules};
use self::hosts::{Hosts, Turn, origin};
pub(crate) use self::terms::{Job, Next, Outcome, Refusal, Verdict};
use crate::extract::{Kind, Link};
use crate::http::{MAX_REDIRECTS, Misdirection};

/// A page's place among all that were chosen to be fetched, in their order.
pub(crate) type PageId = usize;

/// Tries of a page whose server is busy, after the first.
const MAX_RETRIES: u8 = 3;

/// The wait for a busy server that does not say how long; twice as long after each try.
const BUSY: Duration = Duration::from_secs(1);

/// How far a crawl goes.
pub(crate) struct Bounds {
    pub(crate) depth: Option<u32>,
    pub(crate) max_pages: usize,
    pub(crate) per_host: usize,
    pub(crate) any_host: bool,
    pub(crate) ignore_robots: bool,
    pub(crate) max_wait: Duration,
    pub(crate) include: GlobSet,
    pub(crate) exclude: GlobSet,
}

/// A page that is or was to be fetched.
pub(crate) struct Page {
    pub(crate) url: Arc<str>,
    /// The page that links to it first; none for those that were given.
    pub(crate) from: Option<PageId>,
    /// Links away from where the crawl begins.
    pub(crate) depth: u32,
    host: HostId,
    /// Redirects before it, in a row.
    hops: u8,
    retries: u8,
    /// Its links are followed. Not those of what only belongs to a page, found beyond the depth.
    follow: bool,
}

impl Page {
    /// Whether this is not the first try.
    pub(crate) fn is_tried(&self) -> bool {
        self.retries > 0
    }
}

pub(crate) struct Frontier {
    bounds: Bounds,
    /// Origins of the given URLs.
    home: HashSet<String>,
    pages: Vec<Page>,
    chosen: HashMap<Arc<str>, PageId>,
    hosts: Hosts,
    /// Pages of this step that are not done.
    open: usize,
    depth: u32,
    hops: u8,
    /// Targets of this step's redirects: the next step of the level.
    redirects: Candidates,
    /// What this level's pages link to.
    links: Candidates,
    /// Pages that might still be chosen when the level began: redirects can take some of the links since then, but not
    /// more than they take of the room.
    room: usize,
    is_cut: bool,
}

impl Frontier {
    /// A crawl that begins at `urls`, which are in their one form.
    pub(crate) fn new(urls: &[Url], bounds: Bounds, now: Instant) -> Self {
        let mut frontier = Self {
            home: urls.iter().flat_map(homes).collect(),
            pages: Vec::new(),
            chosen: HashMap::new(),
            hosts: Hosts::new(bounds.per_host, bounds.ignore_robots),
            open: 0,
            depth: 0,
            hops: 0,
            redirects: Candidates::new(),
            links: Candidates::new(),
            room: 0,
            is_cut: false,
            bounds,
        };
        for url in urls {
            frontier.choose(url.as_str().into(), None, true, now);
        }
        frontier.room = frontier.left();
        frontier
    }

    pub(crate) fn page(&self, id: PageId) -> &Page {
        &self.pages[id]
    }

    /// Whether there were more pages than `--max-pages`.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// What to do next.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        match self.hosts.turn(now) {
            Turn::Robots(host) => Next::Fetch(Job::Robots { host, url: self.hosts.robots_url(host) }),
            Turn::Page(id) => {
                let page = &self.pages[id];
                let (host, url) = (page.host, Arc::clone(&page.url));
                if let Some(refusal) = self.refusal(host, &url) {
                    self.hosts.ended(host);
                    self.close(now);
                    return Next::Refused(id, refusal);
                }
                self.hosts.begin(host, now);
                Next::Fetch(Job::Page { id, url })
            }
            Turn::At(time) => Next::WaitUntil(time),
            Turn::None if self.open == 0 => Next::Over,
            Turn::None => Next::Wait,
        }
    }

    /// Takes note of what a server's robots.txt says.
    pub(crate) fn know(&mut self, host: HostId, rules: Rules) {
        self.hosts.ended(host);
        self.hosts.know(host, rules);
    }

    /// Takes note of what came of a page.
    pub(crate) fn done(&mut self, id: PageId, outcome: &Outcome, now: Instant) -> Verdict {
        self.hosts.ended(self.pages[id].host);
        let verdict = match outcome {
            Outcome::Links(links) => {
                self.found(id, links);
                Verdict::Done
            }
            Outcome::Redirect(target) => match self.redirected(id, target.as_str()) {
                Ok(()) => Verdict::Done,
                Err(why) => Verdict::Misdirected(why),
            },
            Outcome::Busy(wait) => self.busy(id, *wait, now),
            Outcome::Nothing => Verdict::Done,
        };
        if !matches!(verdict, Verdict::Again) {
            self.close(now);
        }
        verdict
    }

    fn found(&mut self, id: PageId, links: &[Link]) {
        let Page { follow, depth, ref url, .. } = self.pages[id];
        // ANCHOR: ex8.6-depth
        let (url, deeper) = (Arc::clone(url), follow && self.bounds.depth.is_none_or(|most| depth < most));
        // ANCHOR_END: ex8.6-depth
        let own = origin(&url);
        for (link, at) in links.iter().zip(0..) {
            let is_page = link.kind == Kind::Page;
            // Most links stay where they are: that is seen without a look into any table.
            let is_near = link.url.strip_prefix(own).is_some_and(|path| path.starts_with('/'));
            if (deeper || !is_page)
                && (is_near || self.is_near(&link.url))
                && !self.chosen.contains_key(&*link.url)
                && self.is_chosen(&link.url, is_page)
            {
                self.is_cut |= self.links.add(&link.url, (id, at), is_page, self.room);
            }
        }
    }

    fn redirected(&mut self, id: PageId, target: &str) -> Result<(), Misdirection> {
        let page = &self.pages[id];
        if self.chain(id).any(|before| &*before.url == target) {
            return Err(Misdirection::Loop(target.into()));
        }
        if page.hops >= MAX_REDIRECTS {
            return Err(Misdirection::TooMany(MAX_REDIRECTS));
        }
        if !self.is_near(target) {
            return Err(Misdirection::OtherHost(target.into()));
        }
        let follow = page.follow;
        if self.bounds.exclude.is_match(target) {
            return Err(Misdirection::LeftOut(target.into()));
        }
        if !self.chosen.contains_key(target) {
            self.is_cut |= self.redirects.add(target, (id, 0), follow, self.left());
        }
        Ok(())
    }

    /// The page and those that redirect to it, in a row.
    fn chain(&self, id: PageId) -> impl Iterator<Item = &Page> {
        let before = |page: &&Page| page.from.filter(|_| page.hops > 0).map(|id| &self.pages[id]);
        std::iter::successors(Some(&self.pages[id]), before)
    }

    fn busy(&mut self, id: PageId, wait: Option<Duration>, now: Instant) -> Verdict {
        let page = &mut self.pages[id];
        let wait = wait.unwrap_or(BUSY * 2u32.pow(page.retries.into()));
        if wait > self.bounds.max_wait || page.retries >= MAX_RETRIES {
            return Verdict::GivenUp(wait);
        }
        page.retries += 1;
        self.hosts.pause(page.host, now + wait);
        self.hosts.push_again(page.host, id);
        Verdict::Again
    }

    fn refusal(&self, host: HostId, url: &str) -> Option<Refusal> {
        let rules = self.hosts.rules(host)?;
        if let Rules::Closed(why) = rules {
            return Some(Refusal::NoRobots(Arc::clone(why)));
        }
        if !rules.allow(url) {
            return Some(Refusal::Robots);
        }
        rules.delay().filter(|delay| *delay > self.bounds.max_wait).map(Refusal::Delay)
    }

    /// Whether a link to a page is followed, if it is not too deep.
    pub(crate) fn is_wanted(&self, url: &str) -> bool {
        self.is_near(url) && self.is_chosen(url, true)
    }

    /// Whether the patterns have it. What only belongs to a page need not be among the included ones.
    fn is_chosen(&self, url: &str, is_page: bool) -> bool {
        let Bounds { include, exclude, .. } = &self.bounds;
        // An empty set too takes the URL apart before it says no.
        let matches = |set: &GlobSet| !set.is_empty() && set.is_match(url);
        (!is_page || include.is_empty() || matches(include)) && !matches(exclude)
    }

    fn is_near(&self, url: &str) -> bool {
        self.bounds.any_host || self.home.contains(origin(url))
    }

    /// Pages that may still be chosen.
    fn left(&self) -> usize {
        self.bounds.max_pages - self.pages.len()
    }

    /// One page of the step is done. After the last, the next step begins, or the next level.
    fn close(&mut self, now: Instant) {
        self.open -= 1;
        if self.open > 0 {
            return;
        }
        self.hops += 1;
        for page in self.redirects.take() {
            self.choose(page.url, Some(page.from), page.follow, now);
        }
        if self.open == 0 {
            (self.depth, self.hops) = (self.depth + 1, 0);
            for page in self.links.take() {
                self.choose(page.url, Some(page.from), page.follow, now);
            }
            self.room = self.left();
        }
    }

    fn choose(&mut self, url: Arc<str>, from: Option<PageId>, follow: bool, now: Instant) {
        if self.chosen.contains_key(&url) {
            return;
        }
        if self.left() == 0 {
            self.is_cut = true;
            return;
        }
        let (id, host) = (self.pages.len(), self.hosts.id(&url, now));
        self.chosen.insert(Arc::clone(&url), id);
        self.pages.push(Page { url, from, depth: self.depth, host, hops: self.hops, retries: 0, follow });
        self.hosts.push(host, id);
        self.open += 1;
    }
}

/// The origins that are at home with `url`: the same host and port, by http and https. Their default ports belong
/// together, since many sites redirect from one to the other.
fn homes(url: &Url) -> impl Iterator<Item = String> + use<> {
    let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
    ["http", "https"].into_iter().map(move |scheme| format!("{scheme}://{host}"))
}

/// Whether `target` is at home with `url`: a redirect there leaves no host.
pub(crate) fn is_home(url: &Url, target: &Url) -> bool {
    homes(url).any(|home| home == origin(target.as_str()))
}

#[cfg(test)]
mod tests;
