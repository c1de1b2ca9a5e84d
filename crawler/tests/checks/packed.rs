//! 8.6: answers that are packed, and answers without bound.

use std::io;
use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use kit::Program;
use kit::tricks::{Answer, Tricks};

use crate::answers::{HEAD, PAGE, is_a_page, is_an_error, serve, whole};
use crate::run::{ending, json, same};

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
