//! 8.6: redirects.

use anyhow::{Context, Result, ensure};
use kit::Program;
use kit::tricks::{Answer, Tricks};

use crate::run::{json, run, same, same_paths};

fn to(answer: &mut Answer, location: &str) -> std::io::Result<()> {
    answer.status("302 Found", &[&format!("Location: {location}")])
}

/// Each kind of redirect is followed, relative to its source, and its target has the depth of the source.
pub(crate) fn the_target_is_as_deep(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/a/301", "/a/302", "/a/303", "/a/307", "/a/308"]),
        path if path.starts_with("/a/") => {
            let code = &path[3..];
            answer.full(&format!("{code} Moved"), &[&format!("Location: ../b/{code}#there")], b"moved")
        }
        path if path.starts_with("/b/") => answer.links(["/end"]),
        "/end" => answer.links([""; 0]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let crawled = json(crawler, &server, &["--depth", "1"])?;
    for code in [301, 302, 303, 307, 308] {
        let (from, to) = (format!("/a/{code}"), format!("/b/{code}"));
        let (source, target) = (crawled.page(&from)?, crawled.page(&to)?);
        same(&from, (source.status, source.depth, source.error), (Some(code), 1, None))?;
        same("final_url", source.final_url, server.url(&to))?;
        same(&to, (target.status, target.depth, target.links), (Some(200), 1, 1))?;
    }
    same("requests for /end", server.seen().count("/end"), 0)
}

/// Ten in a row are followed; the eleventh is an error, and its target is not asked for.
pub(crate) fn at_most_ten(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.split_at(2) {
        ("/a", "10") => answer.page("arrived"),
        ("/a" | "/b", n) => to(answer, &format!("{}{}", &request.path[..2], n.parse().unwrap_or(0) + 1)),
        _ => answer.links(["/a0", "/b0"]),
    })
    .context("a server")?;
    let crawled = run(crawler, ["crawl", &server.url("/start"), "--format", "json", "--ignore-robots"])?;
    same("the tenth target", crawled.page("/a10")?.status, Some(200))?;
    let last = crawled.page("/b10")?;
    ensure!(last.error.is_some_and(|error| error.contains("10")), "expected an error of /b10");
    same("requests beyond", server.seen().count("/b11"), 0)?;
    crawled.expect_errors(1, "redirect")
}

/// A redirect to itself, and one in a circle, are errors; nothing is asked for twice.
pub(crate) fn circles_are_found(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/self", "/a"]),
        "/self" => to(answer, "/self#x"),
        "/a" => to(answer, "/b"),
        "/b" => to(answer, "/c"),
        "/c" => to(answer, "/a"),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let crawled = json(crawler, &server, &[])?;
    for path in ["/self", "/c"] {
        ensure!(crawled.page(path)?.error.is_some(), "expected an error of {path}");
    }
    same_paths(&server.seen().paths(), &["/", "/self", "/a", "/b", "/c"])?;
    crawled.expect_errors(2, "redirect")
}

/// Two ways to one target: it is asked for once.
pub(crate) fn a_target_is_a_page_once(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/a", "/b", "/target"]),
        "/a" | "/b" => to(answer, "/target"),
        "/target" => answer.links(["/a"]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let crawled = run(crawler, ["crawl", &server.url("/")])?;
    same_paths(&crawled.paths(), &["/", "/a", "/b", "/target"])?;
    same_paths(&server.seen().paths(), &["/", "/a", "/b", "/target"])
}

/// To another host only with `--any-host`; never to what is not on the web, or nowhere.
pub(crate) fn not_off_the_hosts(crawler: &Program) -> Result<()> {
    let other = Tricks::start(|request, answer| match request.path.as_str() {
        "/other" => answer.links(["/more"]),
        "/more" => answer.links([""; 0]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let target = other.url("/other");
    let server = Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links(["/off", "/file", "/script", "/none", "/mail"]),
        "/off" => to(answer, &target),
        "/file" => to(answer, "file:///etc/passwd"),
        "/script" => to(answer, "javascript:alert(1)"),
        "/mail" => to(answer, "mailto:ann@example.com"),
        "/none" => answer.status("302 Found", &[]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let crawled = json(crawler, &server, &[])?;
    for path in ["/off", "/file", "/script", "/none", "/mail"] {
        ensure!(crawled.page(path)?.error.is_some(), "expected an error of {path}");
    }
    crawled.expect_errors(5, "redirect")?;
    same("requests to the other host", other.seen().requests.len(), 0)?;
    let crawled = json(crawler, &server, &["--any-host"])?;
    same("the target", crawled.page("/other")?.status, Some(200))?;
    same("its link", crawled.page("/more")?.depth, 2)?;
    crawled.expect_errors(4, "redirect")
}

/// A start that redirects: its target is where the crawl goes on, at depth 0.
pub(crate) fn a_start_may_redirect(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => to(answer, "/home"),
        "/home" => answer.links(["/next"]),
        "/next" => answer.links([""; 0]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let crawled = json(crawler, &server, &[])?;
    same(
        "depths",
        (crawled.page("/")?.depth, crawled.page("/home")?.depth, crawled.page("/next")?.depth),
        (0, 0, 1),
    )
}
