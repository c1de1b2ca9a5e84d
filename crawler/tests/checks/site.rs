//! 8.6: `crawler site`, the server.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::{Client, Program, Signal, eventually};

use crate::run::same;

/// Asks for `path` and returns the head of the answer; its body stays unread.
fn ask(client: &mut Client, request: &str) -> Result<String> {
    client.send_bytes(format!("{request} HTTP/1.1\r\nHost: site\r\n\r\n").as_bytes())?;
    client.until("\r\n\r\n")
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    headers.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The same flags give the same page, on a connection that is kept; another seed gives another.
pub(crate) fn the_seed_makes_the_site(site: &Program) -> Result<()> {
    let page = |seed: &str| -> Result<(String, String)> {
        let server = site.listen("site", ["--seed", seed, "--pages", "1000"])?;
        let mut client = server.connect()?;
        let first = ask(&mut client, "GET /page/7")? + &client.until("</html>\n")?;
        let second = ask(&mut client, "GET /page/8")? + &client.until("</html>\n")?;
        let body = |answer: String| answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        Ok((body(first).context("no body")?, body(second).context("no body")?))
    };
    let (one, again, other) = (page("1")?, page("1")?, page("2")?);
    ensure!(one == again, "expected the same pages of the same seed");
    ensure!(one != other && one.0 != one.1, "expected other pages");
    Ok(())
}

/// GET and HEAD are answered, HEAD without a body, and others are told what is.
pub(crate) fn it_is_only_read(site: &Program) -> Result<()> {
    let server = site.listen("site", ["--pages", "10"])?;
    let mut client = server.connect()?;
    let head = ask(&mut client, "HEAD /page/1")?;
    ensure!(head.starts_with("HTTP/1.1 200"), "expected 200\n     got {head}");
    ensure!(header(&head, "content-length").is_some(), "expected the length\n     got {head}");
    // No body came in between.
    let head = ask(&mut client, "DELETE /page/1")?;
    ensure!(head.starts_with("HTTP/1.1 405"), "expected 405\n     got {head}");
    same("allow", header(&head, "allow"), Some("GET, HEAD"))
}

/// Who has a page already does not get it again.
pub(crate) fn not_modified(site: &Program) -> Result<()> {
    let server = site.listen("site", ["--pages", "10"])?;
    for path in ["/page/1", "/corners", "/assets/dot.png", "/gzip"] {
        let mut client = server.connect()?;
        let head = ask(&mut client, &format!("HEAD {path}"))?;
        let tag = header(&head, "etag").with_context(|| format!("no ETag for {path}"))?;
        let date = header(&head, "last-modified").with_context(|| format!("no Last-Modified for {path}"))?;
        for known in [format!("If-None-Match: {tag}"), format!("If-Modified-Since: {date}")] {
            client.send_bytes(format!("GET {path} HTTP/1.1\r\nHost: site\r\n{known}\r\n\r\n").as_bytes())?;
            let head = client.until("\r\n\r\n")?;
            ensure!(head.starts_with("HTTP/1.1 304"), "{path}, {known}: expected 304\n     got {head}");
        }
        client.send_bytes(
            format!("GET {path} HTTP/1.1\r\nHost: site\r\nIf-None-Match: \"x\"\r\n\r\n").as_bytes(),
        )?;
        let head = client.until("\r\n\r\n")?;
        ensure!(head.starts_with("HTTP/1.1 200"), "{path}: expected 200\n     got {head}");
    }
    Ok(())
}

/// No answer comes before its latency, and `/slow` not before its own.
pub(crate) fn the_latency_is_waited(site: &Program) -> Result<()> {
    let server = site.listen("site", ["--latency", "300ms"])?;
    for (path, least) in [("/page/1", 300), ("/robots.txt", 300), ("/nothing", 300), ("/deep/short", 1300)] {
        let (mut client, least) = (server.connect()?, Duration::from_millis(least));
        let start = Instant::now();
        ask(&mut client, &format!("GET {path}"))?;
        let took = start.elapsed();
        ensure!(took >= least, "{path}: expected {least:?}\n     got its answer after {took:?}");
    }
    Ok(())
}

/// `--max-clients`: the one too many gets a 503 that says so; when one leaves there is room again.
pub(crate) fn too_many_are_told(site: &Program) -> Result<()> {
    let server = site.listen("site", ["--max-clients", "2"])?;
    let (mut first, mut second) = (server.connect()?, server.connect()?);
    for client in [&mut first, &mut second] {
        ask(client, "HEAD /")?;
    }
    let mut third = server.connect()?;
    third.send_bytes(b"GET / HTTP/1.1\r\nHost: site\r\n\r\n").ok();
    let told = third.rest_in_order()?;
    ensure!(
        told.starts_with("HTTP/1.1 503") && told.contains("too many clients"),
        "expected to be turned away\n     got {told:?}"
    );
    drop(first);
    let let_in = || Ok(ask(&mut server.connect()?, "HEAD /")?.starts_with("HTTP/1.1 200"));
    eventually("room again", let_in, |let_in| *let_in)?;
    ask(&mut second, "HEAD /").map(drop)
}

/// Ctrl-C and SIGTERM: what was asked for is answered, who asks for nothing is let go at once, and it ends with 0.
pub(crate) fn pending_is_answered(site: &Program) -> Result<()> {
    for signal in [Signal::INT, Signal::TERM] {
        let mut server = site.listen("site", ["--latency", "500ms", "--grace", "1h"])?;
        let (mut idle, mut kept, mut asking) = (server.connect()?, server.connect()?, server.connect()?);
        ask(&mut kept, "HEAD /")?;
        asking.send_bytes(b"GET / HTTP/1.1\r\nHost: site\r\n\r\n")?;
        ensure!(asking.is_quiet_for(Duration::from_millis(150))?, "expected its latency");
        server.signal(signal)?;
        idle.expect_end().context("one that never asked")?;
        kept.expect_end().context("one that was answered")?;
        let answer = asking.rest_in_order()?;
        ensure!(answer.ends_with("</html>\n"), "expected the page\n     got {answer:?}");
        server.expect_exit(0).with_context(|| format!("after {signal:?}"))?;
        ensure!(server.stderr().is_empty(), "expected no complaint\n     got {}", server.stderr());
    }
    Ok(())
}

/// A page without end is given up after `--grace`, with 0.
pub(crate) fn the_grace_at_most(site: &Program) -> Result<()> {
    let mut server = site.listen("site", ["--grace", "300ms"])?;
    let mut client = server.connect()?;
    ask(&mut client, "GET /endless")?;
    client.until("so forth")?;
    let start = Instant::now();
    server.signal(Signal::INT)?;
    server.expect_exit(0)?;
    let (elapsed, grace) = (start.elapsed(), Duration::from_millis(300));
    ensure!(elapsed >= grace, "expected it to wait for {grace:?}\n     got its end after {elapsed:?}");
    server.expect_stderr("still busy")
}

/// With all descriptors taken it still serves whom it has, does not spin, and lets others in when there is room.
pub(crate) fn no_descriptors_left(site: &Program) -> Result<()> {
    let server = site.command([""; 0]).open_files(40).listen("site")?;
    let mut clients = Vec::new();
    for _ in 0..60 {
        clients.push(server.connect()?);
    }
    ask(&mut clients[0], "HEAD /").context("the first of them")?;
    let used = server.cpu_time()?;
    ensure!(clients[0].is_quiet_for(Duration::from_millis(500))?, "expected nothing more");
    let spent = server.cpu_time()?.saturating_sub(used);
    ensure!(spent < Duration::from_millis(250), "expected it to wait\n     got {spent:?} of work in 500 ms");
    clients.truncate(1);
    ask(&mut server.connect()?, "HEAD /").map(drop).context("when there is room again")
}
