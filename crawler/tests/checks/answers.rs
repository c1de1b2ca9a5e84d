//! 8.6: answers that are slow or wrong.

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::tricks::{Answer, Tricks};
use kit::{FullPort, Program};

use crate::run::{Crawled, ending, json, run, same};

/// The head of a page of this length.
pub(crate) const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

/// A page with one link.
pub(crate) const PAGE: &str = "<!DOCTYPE html><title>A page</title><a href=\"/found\">found</a>";

/// Serves `trick` at `/trick`, which the start links to, and pages that are in order.
pub(crate) fn serve(trick: impl Fn(&mut Answer) -> io::Result<()> + Send + Sync + 'static) -> Result<Tricks> {
    Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links(["/trick", "/after"]),
        "/trick" => trick(answer),
        "/after" | "/found" => answer.links([""; 0]),
        _ => answer.status("404 Not Found", &[]),
    })
}

/// The trick is a page all the same: its link is followed.
pub(crate) fn is_a_page(
    crawler: &Program,
    flags: &[&str],
    trick: impl Fn(&mut Answer) -> io::Result<()> + Send + Sync + 'static,
) -> Result<Crawled> {
    let server = serve(trick)?;
    let crawled = json(crawler, &server, flags)?;
    same("its error", crawled.page("/trick")?.error, None)?;
    same("its link", crawled.page("/found")?.status, Some(200))?;
    same("the page after", crawled.page("/after")?.status, Some(200))?;
    Ok(crawled)
}

/// The trick is an error of one of these kinds, which alone is counted; nothing else suffers.
pub(crate) fn is_an_error(
    crawler: &Program,
    flags: &[&str],
    kinds: &[&str],
    trick: impl Fn(&mut Answer) -> io::Result<()> + Send + Sync + 'static,
) -> Result<Crawled> {
    let server = serve(trick)?;
    let crawled = json(crawler, &server, flags)?;
    ensure!(crawled.page("/trick")?.error.is_some(), "expected an error");
    let counted = kinds.iter().any(|kind| crawled.stderr.contains(&format!("1 {kind}")));
    ensure!(counted, "expected one error of {kinds:?} in\n{}", crawled.stderr);
    same("the page after", crawled.page("/after")?.status, Some(200))?;
    Ok(crawled)
}

pub(crate) fn whole(body: &str) -> String {
    format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Bytes may come one at a time: of the head, of a tag, of an address.
pub(crate) fn one_byte_at_a_time(crawler: &Program) -> Result<()> {
    let drip = |answer: &mut Answer| answer.drip(whole(PAGE), Duration::from_millis(1));
    is_a_page(crawler, &[], drip).map(drop)
}

/// Each of an answer's parts may take the timeout: the head, and then the body.
pub(crate) fn the_timeout_is_for_each_part(crawler: &Program) -> Result<()> {
    let slowly = |answer: &mut Answer| {
        answer.pause(Duration::from_millis(2000))?;
        answer.raw(format!("{HEAD}Content-Length: {}\r\n\r\n", PAGE.len()))?;
        answer.pause(Duration::from_millis(2000))?;
        answer.raw(PAGE)
    };
    is_a_page(crawler, &["--timeout", "3s"], slowly).map(drop)
}

/// A head that does not come, or comes too slowly, is given up at the timeout, and its connection closed.
pub(crate) fn a_head_that_does_not_come(crawler: &Program) -> Result<()> {
    let flags = ["--timeout", "1s"];
    is_an_error(crawler, &flags, &["timeout"], |answer| answer.never()).context("no byte")?;
    let drip =
        |answer: &mut Answer| answer.drip("HTTP/1.1 200 OK\r\nX: ".repeat(50), Duration::from_millis(100));
    let crawled = is_an_error(crawler, &flags, &["timeout"], drip).context("a byte now and then")?;
    let took = crawled.page("/trick")?.ms;
    ensure!((950..8000).contains(&took), "expected 1 s of patience\n     got {took}");
    Ok(())
}

/// A body that does not end is given up at the timeout.
pub(crate) fn a_body_that_does_not_end(crawler: &Program) -> Result<()> {
    let flags = ["--timeout", "1s"];
    let stall = |answer: &mut Answer| {
        answer.raw(format!("{HEAD}Content-Length: 1000\r\n\r\n{PAGE}"))?;
        answer.never()
    };
    is_an_error(crawler, &flags, &["timeout"], stall).context("it stalls")?;
    let drip = |answer: &mut Answer| {
        answer.raw(format!("{HEAD}Content-Length: 1000\r\n\r\n"))?;
        answer.drip(" ".repeat(1000), Duration::from_millis(20))
    };
    is_an_error(crawler, &flags, &["timeout"], drip).context("it drips").map(drop)
}

/// A server that does not let anybody in is given up at the timeout.
pub(crate) fn connecting_has_a_timeout(crawler: &Program) -> Result<()> {
    let full = FullPort::new()?;
    let url = format!("http://{}/", full.address()?);
    let args = ["crawl", &url, "--timeout", "1s", "--ignore-robots", "--format", "json"];
    let crawled = ending(crawler, 1, args)?;
    crawled.expect_errors(1, "timeout")?;
    let took = crawled.page("/")?.ms;
    ensure!((950..8000).contains(&took), "expected 1 s of patience\n     got {took}");
    Ok(())
}

/// A connection that is closed in the middle of a body, or before the head, is an error.
pub(crate) fn closed_too_early(crawler: &Program) -> Result<()> {
    let parts: [&'static str; 4] =
        ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", "long"];
    for part in parts {
        let cut = move |answer: &mut Answer| {
            answer.close();
            match part {
                "long" => answer.raw(format!("{HEAD}Content-Length: 1000\r\n\r\n{PAGE}")),
                part => answer.raw(part),
            }
        };
        is_an_error(crawler, &[], &["closed", "protocol"], cut).with_context(|| format!("after {part:?}"))?;
    }
    let chunked = |answer: &mut Answer| {
        answer.close();
        answer.raw(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{PAGE}\r\n", PAGE.len()))
    };
    is_an_error(crawler, &[], &["closed"], chunked).context("between two chunks").map(drop)
}

/// More bytes than the length says are no part of the page, and not taken for the next answer.
pub(crate) fn more_than_its_length(crawler: &Program) -> Result<()> {
    let more = |answer: &mut Answer| {
        answer.raw(whole(PAGE) + "HTTP/1.1 200 OK\r\nContent-Length: 26\r\nContent-Type: text/html\r\n\r\n<a href=/smuggled>no</a>  ")
    };
    for limit in ["1", "20"] {
        let crawled = is_a_page(crawler, &["--limit", limit], more)?;
        ensure!(!crawled.stdout.contains("smuggled"), "expected nothing of what is beyond");
    }
    Ok(())
}

/// Two lengths that differ, none that is a number, chunks that are none, a status that is none: errors, not pages.
pub(crate) fn against_the_protocol(crawler: &Program) -> Result<()> {
    for (what, wrong) in [
        ("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n12345"),
        ("no number", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n12345"),
        (
            "chunks",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nrubbish\r\n",
        ),
        (
            "chunk size",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
        ),
        ("status", "HTTP/1.1 two hundred\r\n\r\n"),
        ("not HTTP", "220 mail.example.com ESMTP\r\n"),
        ("header", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
    ] {
        let trick = move |answer: &mut Answer| {
            answer.raw(wrong)?;
            answer.pause(Duration::from_secs(5))
        };
        is_an_error(crawler, &[], &["protocol"], trick).context(what)?;
    }
    Ok(())
}

/// Interim answers (1xx) come before the answer, and are none.
pub(crate) fn interim_answers(crawler: &Program) -> Result<()> {
    let noise = |answer: &mut Answer| {
        answer.raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")?;
        answer.raw(whole(PAGE))
    };
    is_a_page(crawler, &[], noise).map(drop)
}

/// HTTP/1.0, a body that ends with the connection, chunks with extensions and trailers: all pages.
pub(crate) fn old_and_odd_answers(crawler: &Program) -> Result<()> {
    let old = |answer: &mut Answer| {
        answer.close();
        answer.raw(format!("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n{PAGE}"))
    };
    is_a_page(crawler, &[], old).context("HTTP/1.0")?;
    let until_the_end = |answer: &mut Answer| {
        answer.close();
        answer.raw(format!("{HEAD}Connection: close\r\n\r\n{PAGE}"))
    };
    is_a_page(crawler, &[], until_the_end).context("no length")?;
    let chunked = |answer: &mut Answer| {
        let (first, second) = PAGE.split_at(45);
        let chunks = format!("{:x};x=\"y\"\r\n{first}\r\n{:X}\r\n{second}\r\n", first.len(), second.len());
        answer.raw(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\nX-Trailer: x\r\n\r\n"))
    };
    is_a_page(crawler, &[], chunked).context("chunks")?;
    let same_length = |answer: &mut Answer| {
        let length = PAGE.len();
        answer.raw(format!("{HEAD}Content-Length: {length}\r\nContent-Length: {length}\r\n\r\n{PAGE}"))
    };
    is_a_page(crawler, &[], same_length).context("the same length twice").map(drop)
}

/// 204 and 304 have no body, whatever length they tell, and the connection goes on after them.
pub(crate) fn answers_without_a_body(crawler: &Program) -> Result<()> {
    for status in ["204 No Content", "304 Not Modified"] {
        let server =
            serve(move |answer| answer.raw(format!("HTTP/1.1 {status}\r\nContent-Length: 1000\r\n\r\n")))?;
        let crawled = json(crawler, &server, &["--limit", "1", "--timeout", "4s"])?;
        let page = crawled.page("/trick")?;
        same(status, page.status, status[..3].parse().ok())?;
        ensure!(page.ms < 3500, "{status}: expected no wait for a body\n     got {} ms", page.ms);
        same("the page after", crawled.page("/after")?.status, Some(200))?;
    }
    Ok(())
}

/// Statuses from 400 on are errors by their status; their bodies are not searched.
pub(crate) fn error_pages_are_not_searched(crawler: &Program) -> Result<()> {
    for status in
        ["400 Bad Request", "404 Not Found", "418 I'm a teapot", "500 Internal Server Error", "599 Odd"]
    {
        let body = |answer: &mut Answer| answer.full(status, &["Content-Type: text/html"], PAGE.as_bytes());
        let server = serve(body)?;
        let crawled = json(crawler, &server, &[])?;
        same("its status", crawled.page("/trick")?.status, status[..3].parse().ok())?;
        same("requests for its link", server.seen().count("/found"), 0)?;
        crawled.expect_errors(1, "status")?;
    }
    Ok(())
}

/// Control characters that a server sends do not reach a terminal.
pub(crate) fn no_control_characters(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.links(["/\u{1b}[31mred", "/bell\u{7}", "/c1\u{9b}31m", "/away"]),
        "/away" => {
            answer.raw("HTTP/1.1 302 Found\r\nLocation: mailto:\u{9b}31m\r\nContent-Length: 0\r\n\r\n")
        }
        _ => answer
            .raw("HTTP/1.1 200 \u{9b}31m\r\nContent-Type: text/html;\u{9b}\r\nContent-Length: 0\r\n\r\n"),
    })?;
    for (n, format) in ["text", "json", "dot"].into_iter().enumerate() {
        let crawled = run(crawler, ["crawl", &server.url("/"), "--ignore-robots", "--format", format])?;
        same("requests for its last link", server.seen().count("/away"), n + 1)?;
        let all = crawled.stdout + &crawled.stderr;
        let control = all.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        ensure!(control.is_none(), "{format}: expected none\n     got {control:?} in {all:?}");
    }
    Ok(())
}
