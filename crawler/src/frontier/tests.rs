//! The frontier against a reference, with answers that come in any order.

use std::collections::{BTreeMap, BTreeSet};

use globset::Glob;
use proptest::prelude::*;

use super::*;
use crate::extract::Kind;

const HOME: &str = "http://example.com";

fn bounds() -> Bounds {
    Bounds {
        depth: None,
        max_pages: 1000,
        per_host: 3,
        any_host: false,
        ignore_robots: true,
        max_wait: Duration::from_secs(60),
        include: GlobSet::empty(),
        exclude: GlobSet::empty(),
    }
}

fn page(n: usize) -> String {
    format!("{HOME}/{n}")
}

fn frontier(bounds: Bounds, now: Instant) -> Frontier {
    Frontier::new(&[page(0).parse().unwrap()], bounds, now)
}

fn links(to: &[usize]) -> Outcome {
    Outcome::Links(to.iter().map(|n| Link { kind: Kind::Page, url: page(*n).into() }).collect())
}

/// What a site says of its pages: links, or a redirect.
type Site = Vec<(Vec<usize>, Option<usize>)>;

/// Every page with its depth and where it was found, in the order in which they begin.
type Seen = Vec<(String, u32, Option<String>)>;

/// Crawls `site`; of what is under way, the answer number `pick(how many)` comes next.
fn crawl(site: &Site, bounds: Bounds, mut pick: impl FnMut(usize) -> usize) -> Seen {
    let now = Instant::now();
    let (mut frontier, mut under_way, mut seen) = (frontier(bounds, now), Vec::new(), Vec::new());
    loop {
        match frontier.next(now) {
            Next::Fetch(Job::Page { id, url }) => {
                let page = frontier.page(id);
                let from = page.from.map(|id| frontier.page(id).url.to_string());
                seen.push((url.to_string(), page.depth, from));
                under_way.push((id, url));
            }
            Next::Wait => {
                assert!(under_way.len() <= 3, "more at a time than allowed");
                let (id, url) = under_way.remove(pick(under_way.len()));
                let n: usize = url[HOME.len() + 1..].parse().unwrap();
                let outcome = match &site[n] {
                    (_, Some(target)) => Outcome::Redirect(page(*target).parse().unwrap()),
                    (to, None) => links(to),
                };
                frontier.done(id, &outcome, now);
            }
            Next::Over => return seen,
            _ => panic!("nothing else is to happen"),
        }
    }
}

/// The depths of the pages, by a search without the frontier: a redirect is a link of length 0.
fn reference(site: &Site, most: Option<u32>) -> BTreeMap<usize, u32> {
    let mut depths = BTreeMap::from([(0, 0)]);
    loop {
        let before = depths.clone();
        for (n, depth) in &before {
            let (to, depth) = match &site[*n] {
                (_, Some(target)) => (std::slice::from_ref(target), *depth),
                (to, None) => (&to[..], depth + 1),
            };
            for to in to.iter().filter(|_| most.is_none_or(|most| depth <= most)) {
                let known = depths.entry(*to).or_insert(depth);
                *known = depth.min(*known);
            }
        }
        if depths == before {
            return depths;
        }
    }
}

fn sites() -> impl Strategy<Value = Site> {
    let page = (prop::collection::vec(0..12usize, 0..5), prop::option::weighted(0.2, 0..12usize));
    prop::collection::vec(page, 12)
}

proptest! {
    #[test]
    fn the_shortest_distance_in_any_order(
        site in sites(),
        depth in prop::option::of(0..5u32),
        picks in prop::collection::vec(0..3usize, 1..20),
    ) {
        let mut picks = picks.into_iter().cycle();
        let with = |picks: &mut dyn FnMut(usize) -> usize| crawl(&site, Bounds { depth, ..bounds() }, picks);
        let seen = with(&mut |n| picks.next().unwrap_or(0) % n);
        let found: BTreeMap<usize, u32> =
            seen.iter().map(|(url, depth, _)| (url[HOME.len() + 1..].parse().unwrap(), *depth)).collect();
        prop_assert_eq!(found.len(), seen.len(), "a page was fetched twice");
        prop_assert_eq!(found, reference(&site, depth));
        let sorted = |seen: Seen| seen.into_iter().collect::<BTreeSet<_>>();
        prop_assert_eq!(sorted(seen), sorted(with(&mut |n| n - 1)));
    }

    #[test]
    fn the_first_pages_are_the_same_in_any_order(site in sites(), max_pages in 1..12usize, seed in any::<usize>()) {
        let with = |pick: &mut dyn FnMut(usize) -> usize| crawl(&site, Bounds { max_pages, ..bounds() }, pick);
        let seen = with(&mut |n| seed % n);
        prop_assert!(seen.len() <= max_pages);
        let all = crawl(&site, bounds(), |_| 0);
        prop_assert_eq!(seen.len(), all.len().min(max_pages));
        prop_assert_eq!(seen, with(&mut |_| 0));
    }
}

/// Lets the first page begin, and ends it with `outcome`.
fn after(outcome: &Outcome, bounds: Bounds) -> (Frontier, Verdict) {
    let now = Instant::now();
    let mut frontier = frontier(bounds, now);
    let Next::Fetch(Job::Page { id, .. }) = frontier.next(now) else { panic!("the first page is to begin") };
    let verdict = frontier.done(id, outcome, now);
    (frontier, verdict)
}

#[test]
fn redirects_in_a_circle_and_without_an_end() {
    let to = |n: usize| Outcome::Redirect(page(n).parse().unwrap());
    let (_, verdict) = after(&to(0), bounds());
    assert!(matches!(verdict, Verdict::Misdirected(Misdirection::Loop(_))));
    let now = Instant::now();
    let mut frontier = frontier(bounds(), now);
    for n in 0..=10 {
        let Next::Fetch(Job::Page { id, .. }) = frontier.next(now) else { panic!("hop {n} is to begin") };
        assert_eq!(frontier.page(id).depth, 0);
        let verdict = frontier.done(id, &to(n + 1), now);
        let too_many = matches!(verdict, Verdict::Misdirected(Misdirection::TooMany(10)));
        assert_eq!(too_many, n == 10);
    }
    assert!(matches!(frontier.next(now), Next::Over));
}

#[test]
fn other_hosts_are_left_alone() {
    let link = |url: &str| Outcome::Links(vec![Link { kind: Kind::Page, url: url.into() }]);
    for (url, near) in [
        ("https://example.com/", true),
        ("http://example.com/x", true),
        ("http://example.com:8080/", false),
        ("http://www.example.com/", false),
        ("http://example.com.evil.example/", false),
    ] {
        let (mut frontier, _) = after(&link(url), bounds());
        let goes_on = matches!(frontier.next(Instant::now()), Next::Fetch(_));
        assert_eq!(goes_on, near, "{url}");
        let (mut frontier, _) = after(&link(url), Bounds { any_host: true, ..bounds() });
        assert!(matches!(frontier.next(Instant::now()), Next::Fetch(_)), "{url}");
    }
}

#[test]
fn patterns() {
    let set = |pattern: &str| GlobSet::builder().add(Glob::new(pattern).unwrap()).build().unwrap();
    let (mut frontier, _) =
        after(&links(&[1, 2, 12]), Bounds { include: set("*/1*"), exclude: set("*2"), ..bounds() });
    let now = Instant::now();
    let Next::Fetch(Job::Page { url, .. }) = frontier.next(now) else { panic!("one is left") };
    assert_eq!(*url, *page(1));
    assert!(matches!(frontier.next(now), Next::Wait));
}

#[test]
fn a_busy_server_is_left_alone_for_a_while() {
    let now = Instant::now();
    let mut frontier = frontier(bounds(), now);
    let second = Duration::from_secs(1);
    for (n, wait) in [(0, 5), (1, 2), (2, 4)] {
        let Next::Fetch(Job::Page { id, .. }) = frontier.next(now + second * 100 * n) else {
            panic!("try {n}")
        };
        let asked = (n == 0).then_some(second * 5);
        assert!(matches!(frontier.done(id, &Outcome::Busy(asked), now + second * 100 * n), Verdict::Again));
        let Next::WaitUntil(time) = frontier.next(now + second * 100 * n) else { panic!("a wait") };
        assert_eq!(time, now + second * (100 * n + wait));
    }
    let last = now + second * 300;
    let Next::Fetch(Job::Page { id, .. }) = frontier.next(last) else { panic!("the last try") };
    assert!(matches!(frontier.done(id, &Outcome::Busy(None), last), Verdict::GivenUp(_)));
    assert!(matches!(frontier.next(last), Next::Over));
    let (_, verdict) = after(&Outcome::Busy(Some(second * 61)), bounds());
    assert!(matches!(verdict, Verdict::GivenUp(_)));
}

#[test]
fn robots_are_asked_first_and_obeyed() {
    let now = Instant::now();
    let mut frontier = frontier(Bounds { ignore_robots: false, ..bounds() }, now);
    let Next::Fetch(Job::Robots { host, url }) = frontier.next(now) else { panic!("robots.txt comes first") };
    assert_eq!(url, format!("{HOME}/robots.txt"));
    assert!(matches!(frontier.next(now), Next::Wait));
    let text = b"User-agent: *\nDisallow: /2\nCrawl-delay: 2";
    frontier.know(host, Rules::Some(Box::new(texting_robots::Robot::new("me", text).unwrap())));
    let Next::Fetch(Job::Page { id, .. }) = frontier.next(now) else { panic!("then the page") };
    frontier.done(id, &links(&[1, 2, 3]), now);
    let second = Duration::from_secs(1);
    assert!(matches!(frontier.next(now), Next::WaitUntil(time) if time == now + second * 2));
    let now = now + second * 2;
    assert!(matches!(frontier.next(now), Next::Fetch(Job::Page { .. })));
    assert!(matches!(frontier.next(now), Next::WaitUntil(_)));
    let now = now + second * 2;
    assert!(matches!(frontier.next(now), Next::Refused(_, Refusal::Robots)));
    assert!(matches!(frontier.next(now), Next::Fetch(Job::Page { .. })), "a page left out costs no delay");
}
