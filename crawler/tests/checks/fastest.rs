//! Exercise 8.11: the first success wins.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kit::tricks::Tricks;
use kit::{Program, ReservedPort, Signal};

use crate::run::{ending, run, same};

/// A server that answers after a while, never, or with an error.
fn server() -> Result<Tricks> {
    Tricks::start(|request, answer| match request.path.trim_end_matches("?2") {
        "/while" => {
            answer.pause(Duration::from_millis(700))?;
            answer.page("while\n")
        }
        "/half" => {
            answer.raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf\n")?;
            answer.never()
        }
        "/never" => answer.never(),
        "/moved" => answer.status("302 Found", &["Location: /while"]),
        "/bytes" => {
            answer.full("200 OK", &["Content-Type: application/octet-stream"], b"\0\xFF\r\n\x1b no newline")
        }
        "/broken" => answer.status("500 Internal Server Error", &[]),
        _ => answer.status("404 Not Found", &[]),
    })
}

/// Of the site's slow page and a quick one, the quick one wins, wherever it stands.
pub(crate) fn the_quick_page_wins(site: &Program, client: &Program) -> Result<()> {
    let server = site.listen("site", ["--pages", "10"])?;
    let url = |path: &str| format!("http://{}{path}", server.address());
    for urls in
        [[url("/slow"), url("/page/1"), url("/endless")], [url("/page/1"), url("/slow"), url("/endless")]]
    {
        let won = run(client, ["fastest", &urls[0], &urls[1], &urls[2]])?;
        ensure!(won.stdout.contains("<title>Page 1</title>"), "expected page 1\n     got {}", won.stdout);
        let told =
            won.stderr.contains(&format!("fastest: {} ({} bytes in ", url("/page/1"), won.stdout.len()));
        ensure!(told, "expected to be told who won\n     got {}", won.stderr);
    }
    Ok(())
}

/// An error that comes first does not win, whatever it is.
pub(crate) fn an_error_does_not_win(crawler: &Program) -> Result<()> {
    let (server, nobody) = (server()?, ReservedPort::new()?);
    let refused = format!("http://{}/", nobody.address()?);
    for error in [server.url("/broken"), server.url("/missing"), refused] {
        let won = run(crawler, ["fastest", &error, &server.url("/while")])?;
        same(&error, won.stdout.as_str(), "while\n")?;
    }
    Ok(())
}

/// A success is a whole body: one that begins first and does not end has not won.
pub(crate) fn half_a_body_does_not_win(crawler: &Program) -> Result<()> {
    let server = server()?;
    let won = run(crawler, ["fastest", &server.url("/half"), &server.url("/while")])?;
    same("the body", won.stdout.as_str(), "while\n")
}

/// The others are cancelled at once: the server sees their connections closed, and it does not wait for them.
pub(crate) fn the_others_are_cancelled(crawler: &Program) -> Result<()> {
    let server = server()?;
    let start = Instant::now();
    let urls = [server.url("/never"), server.url("/half"), server.url("/while"), server.url("/never?2")];
    let mut run = crawler.start(["fastest"].into_iter().chain(urls.iter().map(String::as_str)))?;
    same("the body", run.rest()?.as_str(), "while\n")?;
    run.expect_exit(0)?;
    let took = start.elapsed();
    ensure!(took < Duration::from_secs(5), "expected its end at once\n     got it after {took:?}");
    let closed = |seen: &kit::tricks::Seen| {
        ["/never", "/half"].iter().all(|path| seen.left.iter().any(|left| left == path)) && seen.open == 0
    };
    server.wait_for("the others closed", closed).map(drop)
}

/// The body is written as it came, with nothing added.
pub(crate) fn the_body_as_it_came(crawler: &Program) -> Result<()> {
    let server = server()?;
    let won = run(crawler, ["fastest", &server.url("/bytes")])?;
    same("the body", won.stdout.as_str(), "\0\u{FFFD}\r\n\u{1b} no newline")
}

/// Redirects are followed, and the one that was asked for is the winner.
pub(crate) fn redirects_are_followed(crawler: &Program) -> Result<()> {
    let server = server()?;
    let won = run(crawler, ["fastest", &server.url("/moved")])?;
    same("the body", won.stdout.as_str(), "while\n")?;
    ensure!(won.stderr.contains("fastest: "), "expected to be told who won\n     got {}", won.stderr);
    Ok(())
}

/// When all fail, so does it, and names each with its reason.
pub(crate) fn all_failures_are_named(crawler: &Program) -> Result<()> {
    let (server, nobody) = (server()?, ReservedPort::new()?);
    let refused = format!("http://{}/", nobody.address()?);
    let urls = [server.url("/broken"), server.url("/missing"), refused, server.url("/never")];
    let args = ["fastest", &urls[0], &urls[1], &urls[2], &urls[3], "--timeout", "1s"];
    let failed = ending(crawler, 1, args)?;
    ensure!(failed.stdout.is_empty(), "expected no body\n     got {:?}", failed.stdout);
    for (url, why) in urls.iter().zip(["500", "404", "refused", "longer than 1s"]) {
        let mut lines = failed.stderr.lines();
        let line = lines
            .find(|line| line.contains(url.as_str()))
            .with_context(|| format!("{url} in\n{}", failed.stderr))?;
        ensure!(line.contains(why), "expected {why:?} for {url}\n     got {line:?}");
    }
    Ok(())
}

/// Ctrl-C cancels all of them, with 130.
pub(crate) fn ctrl_c_cancels(crawler: &Program) -> Result<()> {
    let server = server()?;
    let mut run = crawler.start(["fastest", &server.url("/never"), &server.url("/never?2")])?;
    server.wait_for("two requests", |seen| seen.busy == 2)?;
    run.signal(Signal::INT)?;
    run.expect_end()?;
    run.expect_exit(130)?;
    server.wait_for("both closed", |seen| seen.left.len() == 2 && seen.open == 0).map(drop)
}

/// `fastest | head -c 1`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|_, answer| answer.page(&"x".repeat(4 << 20)))?;
    let mut run = crawler.start(["fastest", &server.url("/")])?;
    run.close_stdout();
    run.expect_exit(0)?;
    ensure!(!run.stderr().contains("error"), "expected no complaint\n     got {}", run.stderr());
    server.wait_for("a request", |seen| !seen.requests.is_empty())?;
    Ok(())
}
