//! `crawler`: a site of small pages with many links, crawled from its root with each strategy; what is fetched must
//! be every page, once, over no more connections than are allowed, and each is printed.
//!
//! A program from elsewhere gets the URL alone, which counts as the first strategy, and may fetch and print a page more
//! than once.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::DEADLINE;

use super::footprint::{self, Run};
use super::{Contestant, Measure, Samples, Workload, median};
use crate::results::{Better, Group, Settings, Unit};
use load::site::{Seen, Site, fetch, serve_during};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Requests at a time, as flags have it.
const LIMIT: &str = "20";

/// And as a number.
const CONNECTIONS: usize = 20;

/// How long a crawl may take: the book's takes its time, with a connection a page.
const PATIENCE: Duration = Duration::from_secs(60);

/// A strategy, and what is measured of it.
struct Case {
    strategy: &'static str,
    pages: Measure,
    of_floor: Measure,
    cpu: Measure,
    memory: Measure,
}

/// The case of the strategy `$name`.
macro_rules! case {
    ($name:literal, $pages:expr) => {
        Case {
            strategy: $name,
            pages: $pages,
            of_floor: Measure {
                better: Better::Higher,
                ..Measure::lower(
                    concat!($name, "_of_floor"),
                    concat!("pages crawled, ", $name, ", of those of a bare client"),
                    Unit::Ratio,
                )
            },
            cpu: Measure::time(concat!($name, "_cpu"), concat!("CPU of a crawled page, ", $name)),
            memory: Measure::bytes(concat!($name, "_memory"), concat!("peak memory, ", $name))
                .of(Group::Footprint),
        }
    };
}

static CASES: [Case; 2] = [
    case!("workers", Measure::rate("workers_pages", "pages crawled, workers").headline()),
    case!("semaphore", Measure::rate("semaphore_pages", "pages crawled, semaphore")),
];

static REQUESTS: Measure = Measure::lower("requests", "requests of a crawl", Unit::Count);
static CONNECTED: Measure = Measure::lower("connections", "connections of a crawl", Unit::Count);

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    contestant.has(&["crawl"])?;
    let mut samples = smallest(contestant, settings)?;
    let site = site(settings);
    let pages = site.pages.len() as f64;
    // One crawl takes a fraction of a second: a round takes the median of some.
    let crawls = settings.scale.pick(3, 3, 9);
    let floor = median((0..crawls).map(|_| bare(site)).collect::<Result<_>>()?)?;
    let (mut requests, mut connections, mut foot) = (0, 0, footprint::Seen::default());
    for case in if contestant.takes_flags() { &CASES[..] } else { &CASES[..1] } {
        let crawls =
            (0..crawls).map(|_| crawl(contestant, settings, case, site)).collect::<Result<Vec<_>>>()?;
        let of = |what: fn(&Crawl) -> f64| median(crawls.iter().map(what).collect());
        let took = of(|crawl| crawl.run.took.as_secs_f64())?;
        samples.extend([
            (&case.pages, pages / took),
            (&case.of_floor, floor / took),
            (&case.cpu, of(|crawl| crawl.run.cpu.as_secs_f64())? / pages),
            (&case.memory, of(|crawl| crawl.run.seen.peak as f64)?),
        ]);
        requests = crawls.iter().map(|crawl| crawl.seen.requests()).fold(requests, u64::max);
        connections = crawls.iter().map(|crawl| crawl.seen.connections).fold(connections, usize::max);
        foot = crawls.iter().map(|crawl| crawl.run.seen).fold(foot, footprint::Seen::most);
    }
    samples.extend([(&REQUESTS, requests as f64), (&CONNECTED, connections as f64)]);
    samples.extend(foot.samples());
    Ok(samples)
}

/// The site that is crawled, made once.
fn site(settings: &Settings) -> &'static Site {
    static FEW: OnceLock<Site> = OnceLock::new();
    static MANY: OnceLock<Site> = OnceLock::new();
    let many = (&MANY, 5000);
    // A first look is content with a fifth.
    let (site, pages) = settings.scale.pick((&FEW, 1000), many, many);
    site.get_or_init(|| Site::new(pages))
}

/// What it takes to be there: a site of one page.
fn smallest(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    let site = Site::new(1);
    let (samples, _) = serve_during(&site, |address| {
        let root = format!("http://{address}");
        let url = root.clone() + "/";
        let args = args(contestant, &CASES[0], &url);
        footprint::of_program(contestant, settings, &args, |text| printed(contestant, &site, &root, text))
    })?;
    Ok(samples)
}

/// How long the bare client takes, in seconds.
fn bare(site: &Site) -> Result<f64> {
    let (took, seen) = serve_during(site, |address| fetch(site, address, CONNECTIONS))?;
    ensure!(seen.pages.iter().all(|times| *times == 1), "the bare client does not fetch each page once");
    Ok(took.as_secs_f64())
}

/// One crawl of the whole site.
struct Crawl {
    run: Run,
    seen: Seen,
}

/// Crawls the site; all that it does must be right.
fn crawl(contestant: &Contestant, settings: &Settings, case: &Case, site: &Site) -> Result<Crawl> {
    let patience = if contestant.outside { PATIENCE } else { DEADLINE };
    let ((root, run), seen) = serve_during(site, |address| {
        let root = format!("http://{address}");
        let url = root.clone() + "/";
        let run = footprint::run(contestant, settings, &args(contestant, case, &url), patience)?;
        Ok((root, run))
    })?;
    let right = || {
        fetched(contestant, site, &seen)?;
        printed(contestant, site, &root, &run.text)
    };
    right().with_context(|| contestant.asked(&args(contestant, case, &root)))?;
    Ok(Crawl { run, seen })
}

fn args<'a>(contestant: &Contestant, case: &'a Case, url: &'a str) -> Vec<&'a str> {
    if !contestant.takes_flags() {
        return vec!["crawl", url];
    }
    vec!["crawl", url, "--limit", LIMIT, "--per-host", LIMIT, "--strategy", case.strategy]
}

/// Whether every page was fetched; by one that takes our flags once, and over few connections.
fn fetched(contestant: &Contestant, site: &Site, seen: &Seen) -> Result<()> {
    let exact = contestant.takes_flags();
    for (page, times) in site.pages.iter().zip(&seen.pages) {
        let few = if exact { "1 request" } else { "a request" };
        let right = if exact { *times == 1 } else { *times > 0 };
        ensure!(right, "expected {few} for {}\n     got {times}", page.path);
    }
    if !exact {
        return Ok(());
    }
    ensure!(seen.others <= 1, "expected a request for robots.txt\n     got {} for no page", seen.others);
    for (what, connections) in [("in all", seen.connections), ("at a time", seen.most_open)] {
        ensure!(
            connections <= CONNECTIONS,
            "expected at most {CONNECTIONS} connections {what}\n     got {connections}"
        );
    }
    Ok(())
}

/// Whether the URL of every page was printed; by one that takes our flags once, and nothing else.
fn printed(contestant: &Contestant, site: &Site, root: &str, text: &str) -> Result<()> {
    let exact = contestant.takes_flags();
    let all: BTreeSet<String> = site.pages.iter().map(|page| format!("{root}{}", page.path)).collect();
    let mut left = all.iter().map(String::as_str).collect::<BTreeSet<_>>();
    for line in text.lines() {
        // Some take a part of a page for one of its own.
        let url = if exact { line } else { line.split('#').next().unwrap_or(line).trim() };
        ensure!(left.remove(url) || !exact, "expected the URL of each page once\n     got {line:?}");
    }
    ensure!(left.is_empty(), "expected the URL of each page\n     got none of {:?}", left.first());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use kit::refused;

    use super::super::tests::{foreign, quick, script};
    use super::*;

    #[test]
    fn every_page_once_over_few_connections() -> Result<()> {
        let site = Site::new(3);
        let ours = script("")?.contestant;
        let good = || Seen { pages: vec![1; 3], others: 1, connections: 20, most_open: 20 };
        fetched(&ours, &site, &good())?;
        for (seen, told) in [
            (Seen { pages: vec![1, 1, 0], ..good() }, ".html\n     got 0"),
            (Seen { pages: vec![2, 1, 1], ..good() }, "for /\n     got 2"),
            (Seen { others: 2, ..good() }, "got 2 for no page"),
            (Seen { connections: 21, ..good() }, "connections in all\n     got 21"),
            (Seen { most_open: 21, ..good() }, "at a time\n     got 21"),
        ] {
            refused(fetched(&ours, &site, &seen), told);
        }
        Ok(())
    }

    #[test]
    fn every_page_is_printed() -> Result<()> {
        let site = Site::new(3);
        let (ours, other) = (script("")?.contestant, foreign("")?.contestant);
        let text = site.pages.iter().fold(String::new(), |mut text, page| {
            writeln!(text, "http://x{}", page.path).ok();
            text
        });
        printed(&ours, &site, "http://x", &text)?;
        for wrong in ["http://x/\n", &text.replace(".html", ".html#part-2"), &[&*text, &*text].concat()] {
            refused(printed(&ours, &site, "http://x", wrong), "expected the URL of each page");
        }
        printed(&other, &site, "http://x", &[&*text, &*text.replace(".html", ".html#part-2")].concat())?;
        refused(printed(&other, &site, "http://x", "http://x/\n"), "got none of");
        Ok(())
    }

    /// One that knows the URLs and prints them, without a request; and one that fetches nothing but the root.
    #[test]
    fn a_crawl_that_fetches_nothing_is_refused() -> Result<()> {
        let site = Site::new(5);
        let pages = site.pages.iter().map(|page| page.path.clone()).collect::<Vec<_>>().join(" ");
        // Its arguments: crawl URL.
        let text = format!("for page in {pages}; do echo \"${{2%/}}$page\"; done");
        for contestant in [script(&text)?.contestant, foreign(&text)?.contestant] {
            refused(crawl(&contestant, &quick(), &CASES[0], &site), "for /\n     got 0");
        }
        Ok(())
    }
}
