//! 8.6: answers that are slow, wrong, packed or without end.

use std::io;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use kit::tricks::{Answer, Tricks};
use kit::{FullPort, Program};

use crate::run::{Crawled, ending, json, run, same};

/// The head of a page of this length.
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";

/// A page with one link.
const PAGE: &str = "<!DOCTYPE html><title>A page</title><a href=\"/found\">found</a>";

/// Serves `trick` at `/trick`, which the start links to, and pages that are in order.
fn serve(trick: impl Fn(&mut Answer) -> io::Result<()> + Send + Sync + 'static) -> Result<Tricks> {
    Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links(["/trick", "/after"]),
        "/trick" => trick(answer),
        "/after" | "/found" => answer.links([""; 0]),
        _ => answer.status("404 Not Found", &[]),
    })
}

/// The trick is a page all the same: its link is followed.
fn is_a_page(
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
fn is_an_error(
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

fn whole(body: &str) -> String {
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
        answer.pause(Duration::from_millis(1300))?;
        answer.raw(format!("{HEAD}Content-Length: {}\r\n\r\n", PAGE.len()))?;
        answer.pause(Duration::from_millis(1300))?;
        answer.raw(PAGE)
    };
    is_a_page(crawler, &["--timeout", "2s"], slowly).map(drop)
}

/// A head that does not come, or comes too slowly, is given up at the timeout, and its connection closed.
pub(crate) fn a_head_that_does_not_come(crawler: &Program) -> Result<()> {
    let flags = ["--timeout", "500ms"];
    is_an_error(crawler, &flags, &["timeout"], |answer| answer.never()).context("no byte")?;
    let drip =
        |answer: &mut Answer| answer.drip("HTTP/1.1 200 OK\r\nX: ".repeat(50), Duration::from_millis(50));
    let crawled = is_an_error(crawler, &flags, &["timeout"], drip).context("a byte now and then")?;
    let took = crawled.page("/trick")?.ms;
    ensure!((450..5000).contains(&took), "expected 500 ms of patience\n     got {took}");
    Ok(())
}

/// A body that does not end is given up at the timeout.
pub(crate) fn a_body_that_does_not_end(crawler: &Program) -> Result<()> {
    let flags = ["--timeout", "500ms"];
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
    let args = ["crawl", &url, "--timeout", "500ms", "--ignore-robots", "--format", "json"];
    let crawled = ending(crawler, 1, args)?;
    crawled.expect_errors(1, "timeout")?;
    let took = crawled.page("/")?.ms;
    ensure!((450..5000).contains(&took), "expected 500 ms of patience\n     got {took}");
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

/// Headers without end, and one without end, are given up in bounded memory.
pub(crate) fn headers_without_end(crawler: &Program) -> Result<()> {
    let kinds = ["protocol", "too_large"];
    let many = |answer: &mut Answer| {
        answer.raw("HTTP/1.1 200 OK\r\n")?;
        loop {
            answer.raw("X-Header: and so on, and so forth\r\n".repeat(100))?;
        }
    };
    let server = serve(many)?;
    bounded(crawler, &server, &kinds).context("many headers")?;
    let long = |answer: &mut Answer| {
        answer.raw("HTTP/1.1 200 OK\r\nX-Header: ")?;
        loop {
            answer.raw([b'x'; 16 << 10])?;
        }
    };
    let server = serve(long)?;
    bounded(crawler, &server, &kinds).context("a long one")
}

/// The trick is an error, and its memory did not grow with what came.
fn bounded(crawler: &Program, server: &Tricks, kinds: &[&str]) -> Result<()> {
    // The second start does not end, so that there is a process whose memory can be looked at.
    let stuck = Tricks::start(|_, answer| answer.never())?;
    let starts = [server.url("/trick"), stuck.url("/")];
    let flags = ["--format", "json", "--ignore-robots", "--timeout", "20s"];
    let mut run = crawler.start(["crawl", &starts[0], &starts[1]].iter().chain(&flags))?;
    let line = run.line()?;
    ensure!(!line.contains("\"error\":null"), "expected an error\n     got {line}");
    let peak = run.peak_resident()?;
    ensure!(peak < 64 << 20, "expected less than 64 MiB of memory\n     got {peak} bytes");
    drop(run);
    let crawled = ending(crawler, 1, ["crawl", &starts[0], "--ignore-robots"])?;
    let counted = kinds.iter().any(|kind| crawled.stderr.contains(&format!("1 {kind}")));
    ensure!(counted, "expected one error of {kinds:?} in\n{}", crawled.stderr);
    Ok(())
}

/// A body that floods is given up at `--max-body`, by default too; one just as large as that is not.
pub(crate) fn a_body_without_bound(crawler: &Program) -> Result<()> {
    let flood = |answer: &mut Answer| {
        answer.close();
        answer.raw(format!("{HEAD}\r\n"))?;
        loop {
            answer.raw([b' '; 64 << 10])?;
        }
    };
    bounded(crawler, &serve(flood)?, &["too_large"])?;
    is_an_error(crawler, &["--max-body", "100KiB"], &["too_large"], flood)?;
    // More than the start is.
    let page = || whole(&(PAGE.to_owned() + &" ".repeat(1000)));
    let exact = (PAGE.len() + 1000).to_string();
    is_a_page(crawler, &["--max-body", &exact], move |answer| answer.raw(page())).context("just as large")?;
    let less = (PAGE.len() + 999).to_string();
    is_an_error(crawler, &["--max-body", &less], &["too_large"], move |answer| answer.raw(page())).map(drop)
}

/// A large page is searched as it comes, and not held.
pub(crate) fn a_large_page_is_not_held(crawler: &Program) -> Result<()> {
    const SIZE: usize = 100 << 20;
    let large = |answer: &mut Answer| {
        answer.raw(format!("{HEAD}Content-Length: {SIZE}\r\n\r\n"))?;
        let text = format!("<p>{}", "and so on, and so forth; ".repeat(2700));
        let part = &text.as_bytes()[..64 << 10];
        for _ in 0..SIZE / part.len() {
            answer.raw(part)?;
        }
        Ok(())
    };
    let server = serve(large)?;
    let stuck = Tricks::start(|_, answer| answer.never())?;
    let (start, other) = (server.url("/trick"), stuck.url("/"));
    let flags = ["--format", "json", "--ignore-robots", "--timeout", "50s", "--max-body", "1GiB"];
    let mut run = crawler.start(["crawl", &start, &other].iter().chain(&flags))?;
    // It parses 100 MiB in a debug build.
    let line = (0..5).find_map(|_| run.line().ok()).context("expected the page")?;
    ensure!(line.contains(&format!("\"bytes\":{SIZE}")), "expected all of it\n     got {line}");
    let peak = run.peak_resident()?;
    ensure!(peak < 64 << 20, "expected less than 64 MiB of memory\n     got {peak} bytes");
    Ok(())
}

fn gzip(text: &[u8]) -> Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text)?;
    Ok(packer.finish()?)
}

fn zlib(text: &[u8]) -> Result<Vec<u8>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text)?;
    Ok(packer.finish()?)
}

/// [`PAGE`] as a brotli encoder packs it when it is told not to: RFC 7932, 9.2.
fn brotli(text: &[u8]) -> Vec<u8> {
    let head = (u32::try_from(text.len()).unwrap_or(0) - 1) << 4 | 1 << 20;
    [&head.to_le_bytes()[..3], text, &[3]].concat()
}

fn packed(answer: &mut Answer, encoding: &str, body: &[u8]) -> io::Result<()> {
    answer.full("200 OK", &["Content-Type: text/html", &format!("Content-Encoding: {encoding}")], body)
}

/// gzip, deflate and brotli, in one part or in several: unpacked, and asked for.
pub(crate) fn packed_pages_are_unpacked(crawler: &Program) -> Result<()> {
    let raw_deflate = zlib(PAGE.as_bytes())?;
    let raw_deflate = raw_deflate[2..raw_deflate.len() - 4].to_vec();
    let (first, second) = PAGE.as_bytes().split_at(30);
    for (what, encoding, body) in [
        ("gzip", "gzip", gzip(PAGE.as_bytes())?),
        ("x-gzip", "x-gzip", gzip(PAGE.as_bytes())?),
        ("capital letters", "GZip", gzip(PAGE.as_bytes())?),
        ("gzip in two members", "gzip", [gzip(first)?, gzip(second)?].concat()),
        ("deflate", "deflate", zlib(PAGE.as_bytes())?),
        ("deflate as some mean it", "deflate", raw_deflate),
        ("brotli", "br", brotli(PAGE.as_bytes())),
        ("identity", "identity", PAGE.as_bytes().to_vec()),
    ] {
        let crawled = is_a_page(crawler, &[], move |answer| packed(answer, encoding, &body)).context(what)?;
        same("bytes", crawled.page("/trick")?.bytes, PAGE.len() as u64).context(what)?;
    }
    let server = serve(|answer| answer.raw(whole(PAGE)))?;
    json(crawler, &server, &[])?;
    let seen = server.seen();
    let asked = seen.requests.iter().find(|request| request.path == "/trick").context("no request")?;
    let accepted = asked.header("accept-encoding").unwrap_or_default();
    for encoding in ["gzip", "br", "deflate"] {
        ensure!(accepted.contains(encoding), "expected {encoding} to be accepted\n     got {accepted:?}");
    }
    Ok(())
}

/// What cannot be unpacked is an error of its own kind: rubbish, a part, a wrong sum, an encoding nobody knows.
pub(crate) fn what_cannot_be_unpacked(crawler: &Program) -> Result<()> {
    let page = gzip(PAGE.as_bytes())?;
    let mut wrong_sum = page.clone();
    let at = page.len() - 6;
    wrong_sum[at] ^= 1;
    for (what, encoding, body) in [
        ("rubbish", "gzip", b"this is no gzip at all".to_vec()),
        ("a part", "gzip", page[..page.len() - 10].to_vec()),
        ("a wrong sum", "gzip", wrong_sum),
        ("rubbish as deflate", "deflate", vec![0xFF; 40]),
        ("rubbish as brotli", "br", vec![0xFF; 40]),
        ("an unknown encoding", "zip", PAGE.as_bytes().to_vec()),
    ] {
        is_an_error(crawler, &[], &["decode"], move |answer| packed(answer, encoding, &body))
            .context(what)?;
    }
    Ok(())
}

/// A bomb: a few KiB that unpack to gigabytes are given up at `--max-body`, in bounded memory.
pub(crate) fn a_bomb(crawler: &Program) -> Result<()> {
    for encoding in ["gzip", "deflate"] {
        let body = bomb(encoding)?;
        ensure!(body.len() < 8 << 20, "expected a small bomb\n     got {} bytes", body.len());
        let server = serve(move |answer| packed(answer, encoding, &body))?;
        bounded(crawler, &server, &["too_large"]).context(encoding)?;
    }
    Ok(())
}

/// Zeros by the gigabyte: what packs a MiB of them after another does so again and again.
fn bomb(encoding: &str) -> Result<Vec<u8>> {
    let zeros = vec![0; 1 << 20];
    let (mut packer, mut zlib) = (GzEncoder::new(Vec::new(), Compression::best()), None);
    if encoding == "deflate" {
        zlib = Some(ZlibEncoder::new(Vec::new(), Compression::best()));
    }
    let mut lengths = [0; 2];
    for length in &mut lengths {
        *length = match &mut zlib {
            Some(zlib) => {
                zlib.write_all(&zeros)?;
                zlib.flush()?;
                zlib.get_ref().len()
            }
            None => {
                packer.write_all(&zeros)?;
                packer.flush()?;
                packer.get_ref().len()
            }
        };
    }
    let packed = zlib.map_or_else(|| packer.get_ref().clone(), |zlib| zlib.get_ref().clone());
    let again = &packed[lengths[0]..lengths[1]];
    Ok([&packed[..lengths[1]], &again.repeat(4096)].concat())
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
        let crawled = json(crawler, &server, &["--limit", "1", "--timeout", "3s"])?;
        let page = crawled.page("/trick")?;
        same(status, page.status, status[..3].parse().ok())?;
        ensure!(page.ms < 2500, "{status}: expected no wait for a body\n     got {} ms", page.ms);
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
    for format in ["text", "json", "dot"] {
        let crawled = run(crawler, ["crawl", &server.url("/"), "--ignore-robots", "--format", format])?;
        let all = crawled.stdout + &crawled.stderr;
        let control = all.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
        ensure!(control.is_none(), "{format}: expected none\n     got {control:?} in {all:?}");
    }
    Ok(())
}
