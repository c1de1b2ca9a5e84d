//! 8.6: connections, and how many requests are made at a time.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::tricks::{Answer, Request, Tricks};
use kit::{Program, eventually};

use crate::run::{STRATEGIES, ending, finished, json, run, same};

/// A tree of pages `/N` with `width` links each, `count` in all; each is answered after `pause`.
fn tree(count: u64, width: u64, pause: Duration) -> Result<Tricks> {
    Tricks::start(move |request, answer| {
        if request.path == "/robots.txt" {
            return answer.status("404 Not Found", &[]);
        }
        if !pause.is_zero() {
            answer.pause(pause)?;
        }
        let n: u64 = request.path[1..].parse().unwrap_or(0);
        answer.links((n * width + 1..=n * width + width).filter(|n| *n < count).map(|n| format!("/{n}")))
    })
}

/// `--limit` bounds the requests at a time, and is used: of both strategies.
pub(crate) fn the_limit_is_kept_and_used(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        for limit in ["1", "5"] {
            let server = tree(40, 10, Duration::from_millis(30))?;
            let flags = ["--strategy", strategy, "--limit", limit, "--per-host", "100"];
            let crawled = json(crawler, &server, &flags)?;
            same("pages", crawled.pages()?.len(), 40)?;
            let seen = server.seen();
            same(&format!("{strategy}: requests at a time"), seen.most_busy, limit.parse()?)?;
            ensure!(
                seen.most_open <= limit.parse()?,
                "{strategy}: expected {limit} connections at most\n     got {}",
                seen.most_open
            );
        }
    }
    Ok(())
}

/// `--per-host` bounds those to each host, while others are asked as well.
pub(crate) fn per_host_is_kept_and_used(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let servers = [tree(30, 10, Duration::from_millis(30))?, tree(30, 10, Duration::from_millis(30))?];
        let urls = [servers[0].url("/"), servers[1].url("/")];
        let flags = ["--strategy", strategy, "--limit", "20", "--per-host", "3"];
        run(crawler, ["crawl", &urls[0], &urls[1]].iter().chain(&flags))?;
        for server in &servers {
            let seen = server.seen();
            same(&format!("{strategy}: requests at a time"), seen.most_busy, 3)?;
            ensure!(seen.most_open <= 3, "expected 3 connections at most\n     got {}", seen.most_open);
            same("pages", seen.paths().len(), 30)?;
        }
    }
    Ok(())
}

/// By default a host is asked for eight pages at a time.
pub(crate) fn eight_a_host_by_default(crawler: &Program) -> Result<()> {
    let server = tree(60, 30, Duration::from_millis(30))?;
    json(crawler, &server, &[])?;
    same("requests at a time", server.seen().most_busy, 8)
}

/// Connections are kept: many pages need no more of them than there are requests at a time.
pub(crate) fn connections_are_kept(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let server = tree(150, 10, Duration::ZERO)?;
        json(crawler, &server, &["--limit", "4", "--strategy", strategy])?;
        let seen = server.seen();
        same("pages", seen.paths().len(), 150)?;
        ensure!(seen.connections <= 4, "{strategy}: expected 4 connections\n     got {}", seen.connections);
    }
    Ok(())
}

/// `--limit` bounds the connections to all hosts together: to ask another, one that is kept is closed.
pub(crate) fn connections_to_all_hosts(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let routes = |request: &Request, answer: &mut Answer| match request.path.as_str() {
            "/first" => answer.links(["/hold"]),
            "/hold" => answer.never(),
            _ => answer.links([""; 0]),
        };
        let servers = (0..20).map(|_| Tricks::start(routes)).collect::<Result<Vec<_>>>()?;
        let mut urls: Vec<String> = servers.iter().map(|server| server.url("/")).collect();
        urls.push(servers[0].url("/first"));
        let flags = ["crawl", "--limit", "3", "--ignore-robots", "--timeout", "1m", "--strategy", strategy];
        let _run = crawler.start(flags.into_iter().chain(urls.iter().map(String::as_str)))?;
        servers[0].wait_for("the second level", |seen| seen.busy == 1 && seen.count("/hold") == 1)?;
        let open = || Ok(servers.iter().map(|server| server.seen().open).sum::<usize>());
        eventually(&format!("{strategy}: 3 connections at most"), open, |open| *open <= 3)?;
    }
    Ok(())
}

/// One worker thread is enough: it makes many requests at a time.
pub(crate) fn one_thread_is_enough(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let server = tree(40, 10, Duration::from_millis(50))?;
        let url = format!("http://localhost:{}/", server.address().port());
        let flags = ["--threads", "1", "--strategy", strategy, "--per-host", "20"];
        let crawled = run(crawler, [&["crawl", &url], &flags[..]].concat())?;
        same("pages", crawled.paths().len(), 40)?;
        let most = server.seen().most_busy;
        ensure!(most >= 4, "{strategy}: expected many requests at a time\n     got {most}");
    }
    Ok(())
}

/// More requests at a time than files may be open: fewer are made, and no page is lost.
pub(crate) fn few_descriptors(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let server = tree(100, 99, Duration::from_millis(30))?;
        let (url, flags) = (server.url("/"), ["--strategy", strategy, "--limit", "200", "--per-host", "200"]);
        let start = crawler.command(["crawl", &url].iter().chain(&flags)).open_files(64);
        let crawled = finished(start.start()?, 0)?;
        same("pages", crawled.paths().len(), 100)?;
        ensure!(!crawled.stderr.contains("errors:"), "expected no errors\n     got {}", crawled.stderr);
        ensure!(crawled.stderr.contains("ulimit -n"), "expected the reason\n     got {}", crawled.stderr);
        let most = server.seen().most_busy;
        ensure!(most >= 4, "{strategy}: expected many requests at a time\n     got {most}");
    }
    Ok(())
}

/// Each level is done before the next begins, whatever is slow in it.
pub(crate) fn level_by_level(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/quick", "/slow"]),
        "/quick" => answer.links(["/deep"]),
        "/slow" => {
            answer.pause(Duration::from_millis(600))?;
            answer.links(["/deep", "/other"])
        }
        _ => answer.links([""; 0]),
    })?;
    for strategy in STRATEGIES {
        let crawled = json(crawler, &server, &["--ignore-robots", "--strategy", strategy])?;
        let pages = crawled.pages()?;
        let depths: Vec<u32> = pages.iter().map(|page| page.depth).collect();
        ensure!(depths.is_sorted(), "{strategy}: expected level by level\n     got {depths:?}");
        same("/deep comes from", crawled.page("/deep")?.from, Some(server.url("/quick")))?;
    }
    Ok(())
}

/// A kept connection that the server has closed meanwhile costs nothing but a new one.
pub(crate) fn a_closed_connection_is_replaced(crawler: &Program) -> Result<()> {
    for says_so in [false, true] {
        let server = Tricks::start(move |request, answer| {
            if request.path == "/robots.txt" {
                return answer.status("404 Not Found", &[]);
            }
            answer.close();
            let n: u32 = request.path[1..].parse().unwrap_or(0);
            let link = if n < 100 { format!("<a href=/{}>", n + 1) } else { String::new() };
            let headers = ["Content-Type: text/html", "Connection: close"];
            answer.full("200 OK", &headers[..if says_so { 2 } else { 1 }], link.as_bytes())?;
            // Sooner or later, so that now and then it is just when the next request is made.
            let end = Instant::now() + Duration::from_micros((n % 50 * 20).into());
            while Instant::now() < end {
                std::hint::spin_loop();
            }
            Ok(())
        })?;
        let crawled = json(crawler, &server, &[])?;
        same("pages", crawled.pages()?.len(), 101)?;
        ensure!(
            crawled.pages()?.iter().all(|page| page.error.is_none()),
            "expected no error\n     got {}",
            crawled.stdout
        );
        let seen = server.seen();
        let different: HashSet<&str> = seen.paths().into_iter().collect();
        same("different pages", different.len(), 101)?;
    }
    Ok(())
}

/// One that is closed just as the next request comes: that is sent once more, on a new connection.
pub(crate) fn sent_once_more(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match (request.path.as_str(), request.nth) {
        ("/robots.txt", _) => answer.status("404 Not Found", &[]),
        // The second request of a connection is never answered.
        (_, 1..) => {
            answer.close();
            Ok(())
        }
        ("/", _) => answer.links(["/a"]),
        ("/a", _) => answer.links(["/b"]),
        _ => answer.links([""; 0]),
    })?;
    let crawled = json(crawler, &server, &["--limit", "1"])?;
    for path in ["/", "/a", "/b"] {
        let page = crawled.page(path)?;
        same(path, (page.status, page.error), (Some(200), None))?;
        ensure!(
            server.seen().count(path) <= 2,
            "expected {path} twice at most\n     got {}",
            server.seen().count(path)
        );
    }
    Ok(())
}

/// On a new connection it is not sent again: who closes each is not asked for ever.
pub(crate) fn not_sent_for_ever(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|_, answer| {
        answer.close();
        Ok(())
    })?;
    let crawled = ending(crawler, 1, ["crawl", &server.url("/"), "--ignore-robots"])?;
    crawled.expect_errors(1, "closed")?;
    same("requests", server.seen().count("/"), 1)
}

/// A connection whose body was not read to its end is closed, not used again.
pub(crate) fn only_clean_connections_are_kept(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/large", "/after"]),
        "/large" => {
            answer.raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 50000000\r\n\r\n")?;
            answer.raw([b' '; 300_000])?;
            answer.never()
        }
        _ => answer.links([""; 0]),
    })?;
    let flags = ["--limit", "1", "--max-body", "100KiB", "--ignore-robots"];
    let crawled = json(crawler, &server, &flags)?;
    same("the page after", crawled.page("/after")?.status, Some(200))?;
    server.wait_for("the connection closed", |seen| seen.left == ["/large"])?;
    crawled.expect_errors(1, "too_large").map(drop)
}

/// What is asked says whose it is and for whom; `--user-agent` says it otherwise.
pub(crate) fn the_head_of_a_request(crawler: &Program) -> Result<()> {
    let server = tree(1, 1, Duration::ZERO)?;
    json(crawler, &server, &[])?;
    json(crawler, &server, &["--user-agent", "Archivist/2.0 (+http://example.com)"])?;
    let seen = server.seen();
    let requests: Vec<_> = seen.requests.iter().filter(|request| request.path == "/").collect();
    let [first, second] = &requests[..] else {
        anyhow::bail!("expected two requests\n     got {requests:?}")
    };
    same("the first line", first.head.lines().next(), Some("GET / HTTP/1.1"))?;
    same("Host", first.header("host"), Some(server.address().to_string().as_str()))?;
    let agent = first.header("user-agent").context("no User-Agent")?;
    ensure!(agent.contains("crawler"), "expected it to say what it is\n     got {agent:?}");
    same("User-Agent", second.header("user-agent"), Some("Archivist/2.0 (+http://example.com)"))?;
    ensure!(
        first.header("referer").is_none() && first.header("cookie").is_none(),
        "expected no more\n     got {}",
        first.head
    );
    Ok(())
}

/// IPv6, with its brackets in the URL and in Host.
pub(crate) fn ipv6(crawler: &Program) -> Result<()> {
    let server = Tricks::wrapped(
        "[::1]:0",
        |socket| Ok(Box::new(socket)),
        |request, answer| {
            if request.path == "/" { answer.links(["/a"]) } else { answer.links([""; 0]) }
        },
    )
    .context("this machine has no IPv6")?;
    let crawled = run(crawler, ["crawl", &server.url("/"), "--ignore-robots"])?;
    same("pages", crawled.paths(), vec!["/", "/a"])?;
    let seen = server.seen();
    same("Host", seen.requests[0].header("host"), Some(server.address().to_string().as_str()))
}

/// A name of several addresses: that nobody listens at the first does not matter.
pub(crate) fn localhost(crawler: &Program) -> Result<()> {
    let server = tree(3, 2, Duration::ZERO)?;
    let url = format!("http://LOCALHOST:{}/", server.address().port());
    let crawled = run(crawler, ["crawl", &url])?;
    same("pages", crawled.paths(), vec!["/", "/1", "/2"])?;
    let host = format!("localhost:{}", server.address().port());
    same("Host", server.seen().requests[0].header("host"), Some(host.as_str()))
}
