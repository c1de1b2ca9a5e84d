//! 8.6: robots.txt, and servers that ask for a pause.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use kit::Program;
use kit::tricks::{Answer, Tricks};

use crate::run::{STRATEGIES, ending, json, run, same, same_paths};

/// Serves this robots.txt, a start with links to these, and empty pages.
fn serve(
    robots: impl Fn(&mut Answer) -> std::io::Result<()> + Send + Sync + 'static,
    links: &'static [&'static str],
) -> Result<Tricks> {
    Tricks::start(move |request, answer| match request.path.as_str() {
        "/robots.txt" => robots(answer),
        "/" => answer.links(links),
        _ => answer.links([""; 0]),
    })
}

fn text(answer: &mut Answer, text: &str) -> std::io::Result<()> {
    answer.full("200 OK", &["Content-Type: text/plain"], text.as_bytes())
}

const LINKS: &[&str] = &["/public", "/private/a", "/private/open", "/image.png?x", "/pub", "/PRIVATE/b"];

/// What it forbids is neither asked for nor printed, and told in json; the longest rule wins, and the more
/// permissive of equals.
pub(crate) fn what_is_forbidden(crawler: &Program) -> Result<()> {
    let rules = "# A comment\nUser-agent: *\nDisallow: /private/ # also here\nAllow: /private/open\nDisallow: /*.png\n\
                 disallow: /pub$\n\nUser-agent: somebody-else\nDisallow: /\n";
    for strategy in STRATEGIES {
        let server = serve(|answer| text(answer, rules), LINKS)?;
        let crawled = run(crawler, ["crawl", &server.url("/"), "--strategy", strategy])?;
        let expected = ["/", "/public", "/private/open", "/PRIVATE/b"];
        same_paths(&crawled.paths(), &expected)?;
        same_paths(&server.seen().paths(), &expected)?;
        same("requests for it", server.seen().count("/robots.txt"), 1)?;
        crawled.expect_errors(3, "robots")?;
        let crawled = json(crawler, &server, &["--strategy", strategy])?;
        let forbidden = crawled.page("/private/a")?;
        same("error", forbidden.error.as_deref(), Some("forbidden by robots.txt"))?;
        same("status, depth", (forbidden.status, forbidden.depth), (None, 1))?;
    }
    Ok(())
}

/// Rules for the crawler's own name take the place of those for all; the name is the first word of `--user-agent`.
pub(crate) fn its_own_name(crawler: &Program) -> Result<()> {
    let rules =
        "User-agent: *\nDisallow: /\n\nUser-Agent: CH8-Crawler\nUser-agent: archivist\nDisallow: /private/\n";
    let server = serve(|answer| text(answer, rules), &["/public", "/private/a"])?;
    let expected = ["/", "/public"];
    same_paths(&run(crawler, ["crawl", &server.url("/")])?.paths(), &expected)?;
    let named = run(crawler, ["crawl", &server.url("/"), "--user-agent", "Archivist/2.0 (for all)"])?;
    same_paths(&named.paths(), &expected)?;
    let other = ending(crawler, 1, ["crawl", &server.url("/"), "--user-agent", "other/1.0"])?;
    ensure!(other.stdout.is_empty(), "expected nothing to be fetched\n     got {}", other.stdout);
    ensure!(other.stderr.contains("robots.txt"), "expected the reason in\n{}", other.stderr);
    Ok(())
}

/// Without one (4xx) all is allowed; when it cannot be had (5xx, an end, silence) nothing is (RFC 9309, 2.3.1).
pub(crate) fn none_and_none_to_be_had(crawler: &Program) -> Result<()> {
    for status in ["404 Not Found", "403 Forbidden", "410 Gone"] {
        let server = serve(move |answer| answer.status(status, &[]), &["/private/a"])?;
        let crawled = run(crawler, ["crawl", &server.url("/")])?;
        same_paths(&crawled.paths(), &["/", "/private/a"]).context(status)?;
    }
    type Robots = fn(&mut Answer) -> std::io::Result<()>;
    let errors: [(&str, Robots); 4] = [
        ("500", |answer| answer.status("500 Internal Server Error", &[])),
        ("503", |answer| answer.status("503 Service Unavailable", &[])),
        ("an end", |answer| {
            answer.close();
            Ok(())
        }),
        ("silence", |answer| answer.never()),
    ];
    for (what, robots) in errors {
        let server = serve(robots, &["/private/a"])?;
        let crawled = ending(crawler, 1, ["crawl", &server.url("/"), "--timeout", "1s"]).context(what)?;
        ensure!(crawled.stderr.contains("robots.txt"), "{what}: expected the reason in\n{}", crawled.stderr);
        same(what, server.seen().paths(), vec![])?;
        run(crawler, ["crawl", &server.url("/"), "--ignore-robots"]).context(what)?;
    }
    Ok(())
}

/// It may be elsewhere, also on another host, at most five redirects away; in a circle it is nowhere.
pub(crate) fn it_may_be_elsewhere(crawler: &Program) -> Result<()> {
    let other = Tricks::start(|_, answer| text(answer, "User-agent: *\nDisallow: /private/\n"))?;
    let target = other.url("/rules");
    for (location, expected) in [
        ("/elsewhere", &["/", "/public"][..]),
        ("", &["/", "/public"]),
        ("/robots.txt", &["/", "/public", "/private/a"]),
    ] {
        let location = if location.is_empty() { target.clone() } else { location.to_owned() };
        let server = Tricks::start(move |request, answer| match request.path.as_str() {
            "/robots.txt" => answer.status("301 Moved", &[&format!("Location: {location}")]),
            "/elsewhere" => text(answer, "User-agent: *\nDisallow: /private/\n"),
            "/" => answer.links(["/public", "/private/a"]),
            _ => answer.links([""; 0]),
        })?;
        let crawled = run(crawler, ["crawl", &server.url("/")])?;
        same_paths(&crawled.paths(), expected)?;
    }
    Ok(())
}

/// One of a MiB, of strange bytes, packed, or an HTML page: the rules in its first 500 KiB count.
pub(crate) fn strange_ones(crawler: &Program) -> Result<()> {
    const RULES: &str = "User-agent: *\nDisallow: /private/\n";
    let long = RULES.to_owned() + &"# and so on\n".repeat(90_000) + "Disallow: /public\n";
    let strange = [b"\xEF\xBB\xBF\0\xFF\xFE rubbish\r\n:\r\nUser-agent *\r\n\r\n", RULES.as_bytes()].concat();
    let html = b"<!DOCTYPE html><html><body>There are no robots here.</body></html>".to_vec();
    for (what, body, expected) in [
        ("a MiB", long.into_bytes(), &["/", "/public"][..]),
        ("strange bytes", strange, &["/", "/public"]),
        ("HTML", html, &["/", "/public", "/private/a"]),
        ("nothing", Vec::new(), &["/", "/public", "/private/a"]),
    ] {
        let robots = move |answer: &mut Answer| answer.full("200 OK", &["Content-Type: text/plain"], &body);
        let server = serve(robots, &["/public", "/private/a"])?;
        let crawled = run(crawler, ["crawl", &server.url("/")]).context(what)?;
        same_paths(&crawled.paths(), expected).context(what)?;
    }
    Ok(())
}

/// `--ignore-robots` does not even ask.
pub(crate) fn ignored_if_so_told(crawler: &Program) -> Result<()> {
    let server =
        serve(|answer| text(answer, "User-agent: *\nDisallow: /\nCrawl-delay: 30\n"), &["/a", "/b"])?;
    let crawled = run(crawler, ["crawl", &server.url("/"), "--ignore-robots"])?;
    same_paths(&crawled.paths(), &["/", "/a", "/b"])?;
    same("requests for it", server.seen().count("/robots.txt"), 0)
}

/// Crawl-delay is between the beginnings of two requests; a longer one than `--max-wait` is given up.
pub(crate) fn crawl_delay(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let robots = |answer: &mut Answer| text(answer, "User-agent: *\nCrawl-delay: 1.2\n");
        let server = serve(robots, &["/a", "/b"])?;
        run(crawler, ["crawl", &server.url("/"), "--strategy", strategy])?;
        let seen = server.seen();
        let times: Vec<_> = seen.requests.iter().filter(|r| r.path != "/robots.txt").map(|r| r.at).collect();
        same("requests", times.len(), 3)?;
        for pair in times.windows(2) {
            let gap = pair[1] - pair[0];
            ensure!(
                gap >= Duration::from_millis(450),
                "{strategy}: expected 500 ms between two\n     got {gap:?}"
            );
        }
    }
    let server = serve(|answer| text(answer, "User-agent: *\nCrawl-delay: 100\n"), &["/a"])?;
    let crawled = ending(crawler, 1, ["crawl", &server.url("/"), "--max-wait", "10s"])?;
    ensure!(crawled.stderr.contains("--max-wait"), "expected the way out in\n{}", crawled.stderr);
    Ok(())
}

/// A host that asks for a pause does not slow another.
pub(crate) fn others_do_not_wait(crawler: &Program) -> Result<()> {
    let slow = serve(|answer| text(answer, "User-agent: *\nCrawl-delay: 0.7\n"), &["/a", "/b"])?;
    let quick = Tricks::start(|request, answer| {
        let n: u32 = request.path[1..].parse().unwrap_or(0);
        let robots = request.path == "/robots.txt";
        if robots { text(answer, "") } else { answer.links((n < 30).then(|| format!("/{}", n + 1))) }
    })?;
    for strategy in STRATEGIES {
        let (slow_start, quick_start) = (slow.url("/"), quick.url("/0"));
        let args = ["crawl", &slow_start, &quick_start, "--depth", "1", "--strategy", strategy];
        run(crawler, args)?;
    }
    let (slow, quick) = (slow.seen(), quick.seen());
    let (last_slow, last_quick) = (slow.times("/b"), quick.times("/1"));
    ensure!(
        last_quick.len() == 2
            && last_slow.len() == 2
            && last_quick[0] < last_slow[0]
            && last_quick[1] < last_slow[1],
        "expected the quick one to be done first"
    );
    Ok(())
}

/// A server that is busy `times` times at `/busy`, with this header, and then has a page.
fn busy(
    status: &'static str,
    times: usize,
    after: impl Fn() -> String + Send + Sync + 'static,
) -> Result<Tricks> {
    let asked = AtomicUsize::new(0);
    Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links(["/busy", "/other"]),
        "/busy" if asked.fetch_add(1, Ordering::Relaxed) < times => {
            answer.full(status, &[&after(), "Content-Type: text/html"], b"<a href=/no>no</a>")
        }
        "/robots.txt" => answer.status("404 Not Found", &[]),
        _ => answer.links([""; 0]),
    })
}

/// 429 and 503 with Retry-After, in seconds or as a date: the host is left alone so long, and then asked again.
pub(crate) fn retry_after(crawler: &Program) -> Result<()> {
    let date = || {
        // At least a second, since a date has no parts of one.
        let then = SystemTime::now() + Duration::from_secs(2);
        format!("Retry-After: {}", httpdate::fmt_http_date(then))
    };
    for strategy in STRATEGIES {
        let seconds = busy("429 Too Many Requests", 1, || "Retry-After: 1".to_owned())?;
        let by_date = busy("503 Service Unavailable", 1, date)?;
        for server in [seconds, by_date] {
            let flags = ["--strategy", strategy, "--limit", "1"];
            let crawled = json(crawler, &server, &flags)?;
            let page = crawled.page("/busy")?;
            same("/busy", (page.status, page.error), (Some(200), None))?;
            let seen = server.seen();
            let (asked, other) = (seen.times("/busy"), seen.times("/other"));
            same("requests for it", asked.len(), 2)?;
            let waited = asked[1] - asked[0];
            ensure!(
                waited >= Duration::from_millis(950),
                "{strategy}: expected a pause\n     got {waited:?}"
            );
            let alone = other[0] < asked[0] || other[0] - asked[0] >= Duration::from_millis(950);
            ensure!(alone, "{strategy}: expected the host to be left alone");
            same("requests for the link of the busy page", seen.count("/no"), 0)?;
        }
    }
    Ok(())
}

/// It is asked for again, and printed once.
pub(crate) fn busy_is_printed_once(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let server = busy("503 Service Unavailable", 2, || "Retry-After: 0".to_owned())?;
        let crawled = run(crawler, ["crawl", &server.url("/"), "--strategy", strategy])?;
        same("requests for it", server.seen().count("/busy"), 3)?;
        same_paths(&crawled.paths(), &["/", "/busy", "/other"])?;
    }
    Ok(())
}

/// After three more tries it is given up; one without Retry-After, or with too long a one, too.
pub(crate) fn busy_is_given_up(crawler: &Program) -> Result<()> {
    let server = busy("503 Service Unavailable", 100, || "Retry-After: 0".to_owned())?;
    let crawled = json(crawler, &server, &[])?;
    ensure!(crawled.page("/busy")?.error.is_some(), "expected an error");
    same("its status", crawled.page("/busy")?.status, Some(503))?;
    same("requests for it", server.seen().count("/busy"), 4)?;
    crawled.expect_errors(1, "busy")?;
    let server = busy("429 Too Many Requests", 100, || "Retry-After: 100".to_owned())?;
    let crawled = json(crawler, &server, &["--max-wait", "5s"])?;
    ensure!(crawled.page("/busy")?.error.is_some(), "expected an error");
    same("requests for it", server.seen().count("/busy"), 1)?;
    crawled.expect_errors(1, "busy")
}
