//! Exercise 8.10: Ctrl-C.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use kit::tricks::Tricks;
use kit::{Program, Running, Signal};

use crate::run::STRATEGIES;

/// A start with forty links that are never answered.
fn stuck() -> Result<Tricks> {
    Tricks::start(|request, answer| match request.path.as_str() {
        "/robots.txt" => answer.status("404 Not Found", &[]),
        "/" => answer.links((0..40).map(|n| format!("/{n}"))),
        _ => answer.never(),
    })
}

/// It ends with 130, soon, with a summary and without a line for each request.
fn ends_well(run: &mut Running, start: Instant, summary: &str) -> Result<()> {
    run.rest()?;
    run.expect_exit(130)?;
    let took = start.elapsed();
    // Asked for are 100 ms; the rest is for a loaded machine.
    ensure!(took < Duration::from_secs(2), "expected its end at once\n     got it after {took:?}");
    let stderr = run.stderr();
    ensure!(stderr.contains(summary), "expected {summary:?} in\n{stderr}");
    ensure!(stderr.lines().count() < 8, "expected no flood\n     got {stderr}");
    Ok(())
}

/// Requests under way are cancelled: the server sees each connection closed; the summary tells what was done.
pub(crate) fn requests_are_cancelled(crawler: &Program) -> Result<()> {
    for signal in [Signal::INT, Signal::TERM] {
        for strategy in STRATEGIES {
            let server = stuck()?;
            let flags = ["--per-host", "20", "--timeout", "1m", "--strategy", strategy];
            let mut run = crawler.start([&["crawl", &server.url("/")], &flags[..]].concat())?;
            server.wait_for("20 requests", |seen| seen.busy == 20)?;
            let start = Instant::now();
            run.signal(signal)?;
            ends_well(&mut run, start, "1 page")?;
            server.wait_for("all of them closed", |seen| seen.left.len() == 20 && seen.open == 0)?;
        }
    }
    Ok(())
}

/// Also while it connects, waits for robots.txt, for a busy host, or for a reader of its output.
pub(crate) fn at_any_wait(crawler: &Program) -> Result<()> {
    let robots = Tricks::start(|_, answer| answer.never())?;
    let mut run = crawler.start(["crawl", &robots.url("/")])?;
    robots.wait_for("a request", |seen| seen.busy == 1)?;
    run.signal(Signal::INT)?;
    ends_well(&mut run, Instant::now(), "0 pages")?;

    let busy = Tricks::start(|_, answer| answer.status("503 Service Unavailable", &["Retry-After: 50"]))?;
    let mut run = crawler.start(["crawl", &busy.url("/"), "--ignore-robots"])?;
    busy.wait_for("a request", |seen| seen.count("/") == 1 && seen.busy == 0)?;
    run.signal(Signal::INT)?;
    ends_well(&mut run, Instant::now(), "0 pages")?;

    let full = kit::FullPort::new()?;
    let url = format!("http://{}/", full.address()?);
    let mut run = crawler.start(["crawl", &url, "--ignore-robots", "--timeout", "1m"])?;
    run.expect_line(&url)?;
    run.signal(Signal::INT)?;
    ends_well(&mut run, Instant::now(), "0 pages")?;

    let long = "x".repeat(1000);
    let endless = Tricks::start(move |request, answer| {
        let n: u64 = request.path.rsplit('/').next().unwrap_or_default().parse().unwrap_or(0);
        answer.links((1..30).map(|k| format!("/{long}/{}", n * 30 + k)))
    })?;
    let mut run = crawler.start(["crawl", &endless.url("/"), "--ignore-robots"])?;
    // Nobody reads: its pipe is full, and then its queue.
    endless.wait_for("some requests", |seen| seen.requests.len() > 50)?;
    run.signal(Signal::INT)?;
    run.expect_exit(130)
}

/// What was found is printed all the same, and a graph is closed.
pub(crate) fn what_was_found_is_printed(crawler: &Program) -> Result<()> {
    for (format, last) in [("json", "}"), ("dot", "}"), ("text", "/7")] {
        // It ends soon, whether all is printed or not: a loaded machine may need more time than there is.
        let tries = (0..5).map(|_| printed_when_cancelled(crawler, format)).collect::<Result<Vec<_>>>()?;
        let whole = tries.iter().any(|printed| printed.trim_end().ends_with(last));
        ensure!(whole, "{format}: expected {last:?} in the end\n     got {tries:?}");
    }
    Ok(())
}

/// What is printed by a crawl that is cancelled while eight requests are under way.
fn printed_when_cancelled(crawler: &Program, format: &str) -> Result<String> {
    let server = stuck()?;
    let mut run = crawler.start(["crawl", &server.url("/"), "--format", format])?;
    server.wait_for("8 requests", |seen| seen.busy == 8)?;
    run.signal(Signal::INT)?;
    let printed = run.rest()?;
    run.expect_exit(130)?;
    ensure!(printed.contains(&server.url("/")), "{format}: expected the start\n     got {printed}");
    server.wait_for("all closed", |seen| seen.open == 0)?;
    Ok(printed)
}
