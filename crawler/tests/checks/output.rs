//! 8.6: what `crawl` prints, and how it ends.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::mpsc;

use anyhow::{Result, ensure};
use kit::tricks::Tricks;
use kit::{Program, ReservedPort};

use crate::run::{STRATEGIES, ending, json, run, same, same_paths};

/// A few pages, one of which is not there.
fn small() -> Result<Tricks> {
    Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/a", "/b", "/missing"]),
        "/a" => answer.links(["/b", "/", "/c?x=&quot;1&quot;"]),
        "/b" | "/c?x=%221%22" => answer.page("<p>The end.</p>"),
        _ => answer.status("404 Not Found", &[]),
    })
}

/// The book prints each URL before it is fetched: it is there while the server has not answered yet.
pub(crate) fn each_url_as_its_fetch_begins(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let (go, wait) = mpsc::channel();
        let wait = Mutex::new(wait);
        let server = Tricks::start(move |request, answer| {
            if request.path == "/robots.txt" {
                return answer.status("404 Not Found", &[]);
            }
            wait.lock().expect("no panic").recv().ok();
            if request.path == "/" { answer.links(["/next"]) } else { answer.links([""; 0]) }
        })?;
        let mut run = crawler.start(["crawl", &server.url("/"), "--strategy", strategy])?;
        run.expect_line(&server.url("/"))?;
        server.wait_for("the request", |seen| seen.busy == 1)?;
        go.send(())?;
        run.expect_line(&server.url("/next"))?;
        go.send(())?;
        run.expect_end()?;
        run.expect_exit(0)?;
    }
    Ok(())
}

/// robots.txt is asked for, and not printed: it is no page.
pub(crate) fn text_is_what_was_asked_for(crawler: &Program) -> Result<()> {
    let server = small()?;
    let crawled = run(crawler, ["crawl", &server.url("/")])?;
    same_paths(&crawled.paths(), &["/", "/a", "/b", "/c?x=%221%22", "/missing"])?;
    let seen = server.seen();
    same_paths(&seen.paths(), &["/", "/a", "/b", "/c?x=%221%22", "/missing"])?;
    same("requests for robots.txt", seen.count("/robots.txt"), 1)
}

/// An object a page, with all of its fields.
pub(crate) fn json_objects(crawler: &Program) -> Result<()> {
    let server = small()?;
    let crawled = json(crawler, &server, &[])?;
    same("objects", crawled.pages()?.len(), 5)?;
    let root = crawled.page("/")?;
    same("url", root.url, server.url("/"))?;
    same("final_url", root.final_url, server.url("/"))?;
    same("status, depth, links", (root.status, root.depth, root.links), (Some(200), 0, 3))?;
    same("from, error", (root.from, root.error), (None, None))?;
    let named = root.content_type.as_deref().is_some_and(|named| named.starts_with("text/html"));
    ensure!(named, "expected its content type\n     got {:?}", root.content_type);
    ensure!(
        root.bytes > 100 && root.ms < 10_000,
        "expected its size and time\n     got {} {}",
        root.bytes,
        root.ms
    );
    let a = crawled.page("/a")?;
    same("from", a.from, Some(server.url("/")))?;
    same("depth, links", (a.depth, a.links), (1, 3))?;
    let missing = crawled.page("/missing")?;
    same("status", missing.status, Some(404))?;
    ensure!(missing.error.is_some_and(|error| error.contains("404")), "expected the error to be told");
    Ok(())
}

/// Graphviz's language: nodes and edges of quoted names, one a line, between `digraph … {` and `}`.
pub(crate) fn dot_is_a_graph(crawler: &Program) -> Result<()> {
    let server = small()?;
    let crawled = run(crawler, ["crawl", &server.url("/"), "--format", "dot"])?;
    let mut lines: Vec<&str> = crawled.stdout.lines().map(str::trim).collect();
    ensure!(
        lines[0].starts_with("digraph ") && lines[0].ends_with('{'),
        "expected a digraph\n     got {}",
        lines[0]
    );
    same("the last line", lines.pop(), Some("}"))?;
    let mut edges = BTreeSet::new();
    for line in &lines[1..] {
        ensure!(line.ends_with(';'), "expected a statement\n     got {line:?}");
        ensure!(
            line.matches('[').count() == line.matches(']').count(),
            "expected a statement\n     got {line:?}"
        );
        let quotes = line.matches('"').count() - 2 * line.matches("\\\"").count();
        ensure!(quotes % 2 == 0, "expected closed quotes\n     got {line:?}");
        if let Some((from, to)) = line.trim_end_matches(';').split_once(" -> ") {
            let name = |quoted: &str| quoted.trim().trim_matches('"').replace(&server.url(""), "");
            edges.insert((name(from), name(to)));
        }
    }
    let edge = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let c = "/c?x=%221%22";
    let expected = [("/", "/a"), ("/", "/b"), ("/", "/missing"), ("/a", "/b"), ("/a", "/"), ("/a", c)];
    same("edges", edges, expected.into_iter().map(|(from, to)| edge(from, to)).collect())
}

/// On stderr: pages, requests, bytes, pages a second, errors by kind, and the slowest page.
pub(crate) fn a_summary_on_stderr(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/slow", "/missing", "/gone", "/cut"]),
        "/slow" => {
            answer.pause(std::time::Duration::from_millis(500))?;
            answer.links([""; 0])
        }
        "/gone" => answer.status("410 Gone", &[]),
        "/cut" => {
            answer.close();
            answer.raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nshort")
        }
        _ => answer.status("404 Not Found", &[]),
    })?;
    let crawled = run(crawler, ["crawl", &server.url("/")])?;
    for part in ["2 pages", "5 requests", "pages/s", "2 status", "1 closed", &server.url("/slow")] {
        ensure!(crawled.stderr.contains(part), "expected {part:?} in\n{}", crawled.stderr);
    }
    Ok(())
}

/// If nothing can be fetched, it fails, and says what and why; a part that fails is no failure.
pub(crate) fn nothing_is_a_failure(crawler: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    let url = format!("http://{}/", nobody.address()?);
    for flags in [&[][..], &["--ignore-robots"]] {
        let crawled = ending(crawler, 1, [&["crawl", &url], flags].concat())?;
        ensure!(crawled.stderr.contains(&url), "expected {url} to be named in\n{}", crawled.stderr);
        ensure!(crawled.stderr.contains("refused"), "expected the reason in\n{}", crawled.stderr);
        crawled.expect_errors(1, "connect")?;
    }
    let server = small()?;
    let crawled = run(crawler, ["crawl", &url, &server.url("/")])?;
    crawled.expect_errors(1, "connect")?;
    let crawled = ending(crawler, 1, ["crawl", &server.url("/missing")])?;
    ensure!(crawled.stderr.contains("404"), "expected the reason in\n{}", crawled.stderr);
    Ok(())
}

/// A name that the resolver does not know: an error of its own kind. (Its label is too long to be asked for.)
pub(crate) fn an_unknown_name(crawler: &Program) -> Result<()> {
    let host = format!("{}.localhost", "x".repeat(70));
    let crawled = ending(crawler, 1, ["crawl", &format!("http://{host}/"), "--format", "json"])?;
    let page = crawled.page("/")?;
    same("status", page.status, None)?;
    ensure!(page.error.is_some_and(|error| error.contains(&host)), "expected the name in its error");
    crawled.expect_errors(1, "dns")
}

/// `crawl | head -1`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(crawler: &Program) -> Result<()> {
    for strategy in STRATEGIES {
        let server = Tricks::start(|request, answer| {
            let n: u32 = request.path[1..].parse().unwrap_or(0);
            answer.links([format!("/{}", n + 1), format!("/{}", n + 2)])
        })?;
        let mut run =
            crawler.start(["crawl", &server.url("/"), "--ignore-robots", "--strategy", strategy])?;
        run.expect_line(&server.url("/"))?;
        run.close_stdout();
        run.expect_exit(0)?;
        ensure!(!run.stderr().contains("error"), "expected no complaint\n     got {}", run.stderr());
    }
    Ok(())
}

/// Several URLs, also of several hosts: each is a start, once.
pub(crate) fn several_starts(crawler: &Program) -> Result<()> {
    let (one, other) = (small()?, small()?);
    let args = ["crawl", &one.url("/b"), &other.url("/b"), &one.url("/b#again"), &one.url("/c?x=%221%22")];
    let crawled = run(crawler, args)?;
    same("lines", crawled.stdout.lines().count(), 3)?;
    same_paths(&one.seen().paths(), &["/b", "/c?x=%221%22"])?;
    same_paths(&other.seen().paths(), &["/b"])
}
