//! The servers of a crawl: what each allows (robots.txt, RFC 9309), and when the next request to it may begin.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use texting_robots::Robot;

use super::PageId;
use crate::http::Failure;

/// A server's place in the table.
pub(crate) type HostId = usize;

/// What a server's robots.txt says.
pub(crate) enum Rules {
    /// Nothing: all is allowed.
    None,
    /// Nothing is allowed: the server could not tell (RFC 9309, 2.3.1.4).
    Closed(Arc<Failure>),
    Some(Box<Robot>),
}

enum Robots {
    /// Nobody has asked.
    Unknown,
    Asked,
    Known(Rules),
}

struct Host {
    /// Scheme, host and port, as a URL has them before its path.
    origin: Box<str>,
    robots: Robots,
    /// To be fetched.
    queue: VecDeque<PageId>,
    under_way: usize,
    /// No request begins before.
    not_before: Instant,
    /// It is among those that are ready, or those that wait for their time.
    is_listed: bool,
}

/// What can begin.
pub(super) enum Turn {
    Robots(HostId),
    Page(PageId),
    /// One of these, and not before.
    At(Instant),
    /// Nothing, until something that is under way has ended.
    None,
}

pub(super) struct Hosts {
    hosts: Vec<Host>,
    by_origin: HashMap<Box<str>, HostId>,
    /// Those that may have something to begin: each has its turn.
    ready: VecDeque<HostId>,
    waiting: BinaryHeap<Reverse<(Instant, HostId)>>,
    per_host: usize,
    ignore_robots: bool,
}

/// Scheme, host and port of a URL in its one form.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("//").map_or(0, |at| at + 2);
    url[host..].find('/').map_or(url, |path| &url[..host + path])
}

impl Hosts {
    pub(super) fn new(per_host: usize, ignore_robots: bool) -> Self {
        let (hosts, by_origin) = (Vec::new(), HashMap::new());
        Self { hosts, by_origin, ready: VecDeque::new(), waiting: BinaryHeap::new(), per_host, ignore_robots }
    }

    /// The server of `url`.
    pub(super) fn id(&mut self, url: &str, now: Instant) -> HostId {
        let origin = origin(url);
        if let Some(id) = self.by_origin.get(origin) {
            return *id;
        }
        let robots = if self.ignore_robots { Robots::Known(Rules::None) } else { Robots::Unknown };
        let origin: Box<str> = origin.into();
        self.hosts.push(Host {
            origin: origin.clone(),
            robots,
            queue: VecDeque::new(),
            under_way: 0,
            not_before: now,
            is_listed: false,
        });
        self.by_origin.insert(origin, self.hosts.len() - 1);
        self.hosts.len() - 1
    }

    /// Where the server's robots.txt is.
    pub(super) fn robots_url(&self, id: HostId) -> String {
        format!("{}/robots.txt", self.hosts[id].origin)
    }

    /// A page to be fetched after those that wait already.
    pub(super) fn push(&mut self, id: HostId, page: PageId) {
        self.hosts[id].queue.push_back(page);
        self.list(id);
    }

    /// A page to be fetched again, before all others.
    pub(super) fn push_again(&mut self, id: HostId, page: PageId) {
        self.hosts[id].queue.push_front(page);
        self.list(id);
    }

    /// Leaves the server alone until `time`.
    pub(super) fn pause(&mut self, id: HostId, time: Instant) {
        let host = &mut self.hosts[id];
        host.not_before = host.not_before.max(time);
    }

    /// What can begin now; it counts as under way from here on.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        while let Some(Reverse((time, id))) = self.waiting.peek().copied()
            && time <= now
        {
            self.waiting.pop();
            self.ready.push_back(id);
        }
        while let Some(id) = self.ready.pop_front() {
            let host = &mut self.hosts[id];
            host.is_listed = false;
            if host.queue.is_empty()
                || host.under_way >= self.per_host
                || matches!(host.robots, Robots::Asked)
            {
                continue;
            }
            if host.not_before > now {
                host.is_listed = true;
                self.waiting.push(Reverse((host.not_before, id)));
                continue;
            }
            host.under_way += 1;
            if matches!(host.robots, Robots::Unknown) {
                host.robots = Robots::Asked;
                return Turn::Robots(id);
            }
            let page = host.queue.pop_front();
            self.list(id);
            if let Some(page) = page {
                return Turn::Page(page);
            }
        }
        self.waiting.peek().map_or(Turn::None, |Reverse((time, _))| Turn::At(*time))
    }

    /// Takes note that a request to the server begins now.
    pub(super) fn begin(&mut self, id: HostId, now: Instant) {
        if let Some(delay) = self.rules(id).and_then(Rules::delay) {
            self.pause(id, now + delay);
        }
    }

    /// Takes note that a request to the server is no longer under way.
    pub(super) fn ended(&mut self, id: HostId) {
        self.hosts[id].under_way -= 1;
        self.list(id);
    }

    pub(super) fn know(&mut self, id: HostId, rules: Rules) {
        self.hosts[id].robots = Robots::Known(rules);
        self.list(id);
    }

    /// What the server says of robots; none before it is known.
    pub(super) fn rules(&self, id: HostId) -> Option<&Rules> {
        match &self.hosts[id].robots {
            Robots::Known(rules) => Some(rules),
            Robots::Unknown | Robots::Asked => None,
        }
    }

    fn list(&mut self, id: HostId) {
        let host = &mut self.hosts[id];
        if !host.is_listed && !host.queue.is_empty() {
            host.is_listed = true;
            self.ready.push_back(id);
        }
    }
}

impl Rules {
    pub(super) fn allow(&self, url: &str) -> bool {
        match self {
            Self::None => true,
            Self::Closed(_) => false,
            Self::Some(robot) => robot.allowed(url),
        }
    }

    /// The time between the beginnings of two requests.
    pub(super) fn delay(&self) -> Option<Duration> {
        match self {
            Self::Some(robot) => robot.delay.and_then(|seconds| Duration::try_from_secs_f32(seconds).ok()),
            Self::None | Self::Closed(_) => None,
        }
    }
}
