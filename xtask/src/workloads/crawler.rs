//! `crawler`: a site of small pages with many links, crawled from its root with each strategy; what is fetched must
//! be every page, once, over no more connections than are allowed.
//!
//! A program from elsewhere gets the URL alone, which counts as the first strategy, and may fetch a page more than
//! once.

mod floor;
mod server;
mod site;

use std::collections::BTreeSet;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use kit::{DEADLINE, Running};
use procfs::process::Process;

use self::server::{Seen, serve_during};
use self::site::Site;
use super::{Contestant, Measure, Samples, Workload};
use crate::results::{Better, Scale, Settings, Unit, Value};

pub(crate) const WORKLOAD: Workload = Workload { round };

/// Requests at a time, as flags have it.
const LIMIT: &str = "20";

/// And as a number.
const CONNECTIONS: usize = 20;

/// Crawls of which a round takes the median: one takes a fraction of a second.
const CRAWLS: usize = 3;

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
    ($name:literal) => {
        Case {
            strategy: $name,
            pages: Measure::rate(concat!($name, "_pages"), concat!($name, ": pages")),
            of_floor: Measure {
                better: Better::Higher,
                ..Measure::lower(
                    concat!($name, "_of_floor"),
                    concat!($name, ": pages, of those of a bare client"),
                    Unit::Ratio,
                )
            },
            cpu: Measure::time(concat!($name, "_cpu"), concat!($name, ": CPU of a page")),
            memory: Measure::bytes(concat!($name, "_memory"), concat!($name, ": peak memory")),
        }
    };
}

static CASES: [Case; 2] = [case!("workers"), case!("semaphore")];

static REQUESTS: Measure = Measure::lower("requests", "requests in all", Unit::Count);
static CONNECTED: Measure = Measure::lower("connections", "connections in all", Unit::Count);

fn round(contestant: &Contestant, settings: &Settings) -> Result<Samples> {
    // A first look is content with a fifth.
    let site = Site::new(if settings.scale == Scale::Quick { 1000 } else { 5000 });
    let pages = site.pages.len() as f64;
    let floor = median((0..CRAWLS).map(|_| bare(&site)))?;
    let mut samples = Samples::new();
    let (mut requests, mut connections) = (0, 0);
    for case in if contestant.outside { &CASES[..1] } else { &CASES } {
        let crawls = (0..CRAWLS).map(|_| crawl(contestant, case, &site)).collect::<Result<Vec<_>>>()?;
        let took = median(crawls.iter().map(|crawl| Ok(crawl.took)))?;
        let cpu = median(crawls.iter().map(|crawl| Ok(crawl.cpu)))?;
        samples.extend([
            (&case.pages, pages / took),
            (&case.of_floor, floor / took),
            (&case.cpu, cpu / pages),
            (&case.memory, peak(contestant, case, &site)? as f64),
        ]);
        requests = crawls.iter().map(|crawl| crawl.seen.requests()).fold(requests, u64::max);
        connections = crawls.iter().map(|crawl| crawl.seen.connections).fold(connections, usize::max);
    }
    samples.extend([(&REQUESTS, requests as f64), (&CONNECTED, connections as f64)]);
    Ok(samples)
}

/// The median in seconds.
fn median(times: impl Iterator<Item = Result<Duration>>) -> Result<f64> {
    let seconds = times.map(|time| Ok(time?.as_secs_f64())).collect::<Result<Vec<_>>>()?;
    Ok(Value::new(seconds).context("nothing was measured")?.median)
}

/// How long the bare client takes.
fn bare(site: &Site) -> Result<Duration> {
    let (took, seen) = serve_during(site, |address| floor::fetch(site, address, CONNECTIONS))?;
    ensure!(seen.pages.iter().all(|times| *times == 1), "the bare client does not fetch each page once");
    Ok(took)
}

/// One crawl of the whole site.
struct Crawl {
    /// From the start of the program to its end.
    took: Duration,
    cpu: Duration,
    seen: Seen,
}

fn crawl(contestant: &Contestant, case: &Case, site: &Site) -> Result<Crawl> {
    let ((took, cpu), seen) = during(contestant, case, site, |url| {
        let start = Instant::now();
        let mut program = contestant.run(&args(contestant, case, &url))?;
        let text = output(&mut program)?;
        // Its clock goes with it, as soon as its end is waited for.
        let cpu = program.cpu_time()?;
        expect_good(&mut program)?;
        Ok((text, (start.elapsed(), cpu)))
    })?;
    Ok(Crawl { took, cpu, seen })
}

/// All that a program writes. What came of one that does not end would be all pages that it fetched.
fn output(program: &mut Running) -> Result<String> {
    program.rest().map_err(|_| anyhow!("expected it to end\n     got no end in {DEADLINE:?}"))
}

fn expect_good(program: &mut Running) -> Result<()> {
    let ended = program.expect_exit(0);
    ended.with_context(|| format!("it says: {}", program.stderr().trim_end()))
}

/// The most memory of a crawl, which is not timed: who looks takes time of it.
fn peak(contestant: &Contestant, case: &Case, site: &Site) -> Result<u64> {
    let (peak, _) = during(contestant, case, site, |url| {
        let mut program = contestant.run(&args(contestant, case, &url))?;
        let process = Process::new(i32::try_from(program.pid())?)?;
        let (ended, end) = mpsc::channel::<()>();
        let (text, peak) = thread::scope(|scope| {
            let watch = scope.spawn(move || watch(&process, &end));
            let text = output(&mut program).and_then(|text| expect_good(&mut program).map(|()| text));
            drop(ended);
            (text, watch.join())
        });
        Ok((text?, peak.map_err(|_| anyhow!("the watch of its memory has panicked"))?))
    })?;
    Ok(peak)
}

/// The peak of a process that is looked at every millisecond, in bytes.
fn watch(process: &Process, end: &Receiver<()>) -> u64 {
    let mut peak = 0;
    while end.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
        // None when it has ended.
        let now = process.status().ok().and_then(|status| status.vmhwm);
        peak = now.map_or(peak, |kib| kib * 1024);
    }
    peak
}

fn args<'a>(contestant: &Contestant, case: &'a Case, url: &'a str) -> Vec<&'a str> {
    if contestant.outside {
        return vec!["crawl", url];
    }
    vec!["crawl", url, "--limit", LIMIT, "--per-host", LIMIT, "--strategy", case.strategy]
}

/// Does `work`, which crawls the site at a URL and returns what the program wrote; all that it did must be right.
fn during<T>(
    contestant: &Contestant,
    case: &Case,
    site: &Site,
    work: impl FnOnce(String) -> Result<(String, T)>,
) -> Result<(T, Seen)> {
    let mut root = String::new();
    let crawled = serve_during(site, |address| {
        root = format!("http://{address}");
        work(root.clone() + "/")
    });
    let ((text, out), seen) = crawled.with_context(|| case.strategy)?;
    if contestant.outside {
        let missed = seen.pages.iter().filter(|times| **times == 0).count();
        ensure!(missed == 0, "{missed} of {} pages were not fetched", seen.pages.len());
    } else {
        right(site, &root, &text, &seen).with_context(|| case.strategy)?;
    }
    Ok((out, seen))
}

/// Whether a program of ours fetched every page once, over few connections, and wrote them all.
fn right(site: &Site, root: &str, text: &str, seen: &Seen) -> Result<()> {
    for (page, times) in site.pages.iter().zip(&seen.pages) {
        ensure!(*times == 1, "expected 1 request for {}\n     got {times}", page.path);
    }
    ensure!(seen.others <= 1, "expected a request for robots.txt\n     got {} for no page", seen.others);
    for (what, connections) in [("in all", seen.connections), ("at a time", seen.most_open)] {
        ensure!(
            connections <= CONNECTIONS,
            "expected at most {CONNECTIONS} connections {what}\n     got {connections}"
        );
    }
    let expected: BTreeSet<String> = site.pages.iter().map(|page| format!("{root}{}", page.path)).collect();
    let mut left = expected.iter().map(String::as_str).collect::<BTreeSet<_>>();
    for line in text.lines() {
        ensure!(left.remove(line), "expected the URL of each page once\n     got {line:?}");
    }
    ensure!(left.is_empty(), "expected the URL of each page\n     got none of {:?}", left.first());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_once_over_few_connections() {
        let site = Site::new(3);
        let good = || Seen { pages: vec![1; 3], others: 1, connections: 20, most_open: 20 };
        let text = "http://x/\nhttp://x/pages/00001.html\nhttp://x/pages/00002.html\n";
        let right = |text: &str, seen: Seen| right(&site, "http://x", text, &seen);
        right(text, good()).unwrap();
        for (seen, told) in [
            (Seen { pages: vec![1, 1, 0], ..good() }, "for /pages/00002.html\n     got 0"),
            (Seen { pages: vec![2, 1, 1], ..good() }, "for /\n     got 2"),
            (Seen { others: 2, ..good() }, "got 2 for no page"),
            (Seen { connections: 21, ..good() }, "connections in all\n     got 21"),
            (Seen { most_open: 21, ..good() }, "at a time\n     got 21"),
        ] {
            let error = right(text, seen).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        for wrong in ["http://x/\n", &text.replace("2.html", "2.html#part-2"), &[text, text].concat()] {
            assert!(right(wrong, good()).is_err(), "{wrong}");
        }
    }
}
