//! 8.6: which links of a page are followed, and how their URLs are written.

use anyhow::{Context, Result, ensure};
use kit::Program;
use kit::tricks::Tricks;

use crate::run::{json, run, same_paths};

/// Serves `html` with this content type at `/dir/page`, and empty pages at other paths.
fn serve(content_type: &'static str, html: impl Into<Vec<u8>>) -> Result<Tricks> {
    let html = html.into();
    Tricks::start(move |request, answer| match request.path.as_str() {
        "/dir/page" => answer.full("200 OK", &[content_type], &html),
        "/robots.txt" => answer.status("404 Not Found", &[]),
        _ => answer.links([""; 0]),
    })
}

const HTML: &str = "Content-Type: text/html";

/// Expects just these to be asked for because of `html`.
fn leads_to(
    crawler: &Program,
    content_type: &'static str,
    html: impl Into<Vec<u8>>,
    paths: &[&str],
) -> Result<()> {
    let server = serve(content_type, html)?;
    let crawled = run(crawler, ["crawl", &server.url("/dir/page")])?;
    let expected = [&["/dir/page"], paths].concat();
    same_paths(&crawled.paths(), &expected).context("printed")?;
    same_paths(&server.seen().paths(), &expected).context("asked for")
}

/// `a`, `area`, `iframe` and a refresh are followed; what only makes up the page is not.
pub(crate) fn pages_are_followed(crawler: &Program) -> Result<()> {
    let html = "<!DOCTYPE html><html><head><meta http-equiv=refresh content='5; url=/refresh'>
        <link rel=stylesheet href=/style.css><script src=/script.js></script></head><body background=/image>
        <a href=/a>a</a><A HREF='/upper'>a</A><a href = /spaced >a</a><map><area href=/area></map>
        <iframe src=/iframe></iframe><img src=/image srcset='/image2 2x'><video src=/video poster=/poster></video>
        <form action=/form></form><object data=/object></object><embed src=/embed><p cite=/cite></p></body>";
    leads_to(crawler, HTML, html, &["/a", "/upper", "/spaced", "/area", "/iframe", "/refresh"])
}

/// What only looks like a link is none.
pub(crate) fn false_links_are_not_followed(crawler: &Program) -> Result<()> {
    let html = "<!DOCTYPE html><title><a href=/title></title><style>/* <a href=/style> */</style>
        <!-- <a href=/comment> --><script>'<a href=/script>'</script><textarea><a href=/textarea></textarea>
        <p title='<a href=/attribute>' data-href=/data>&lt;a href=/text&gt;</p><a name=/name></a>
        <script><!-- <script> <a href=/nested> --></script><xmp><a href=/xmp></xmp><b href=/b></b><a href=/true>";
    leads_to(crawler, HTML, html, &["/true"])
}

/// The first base counts, and what is relative to it.
pub(crate) fn the_base_is_heeded(crawler: &Program) -> Result<()> {
    let html = "<base target=x><base href=/other/place><base href=/second/><a href=x>x</a><a href=/y>y</a><a href='?q'>";
    leads_to(crawler, HTML, html, &["/other/x", "/y", "/other/place?q"])
}

/// Character references are decoded before a URL is made of them.
pub(crate) fn entities_are_decoded(crawler: &Program) -> Result<()> {
    let html =
        "<a href='/q?a=1&amp;b=2'><a href='/q?c&#61;3'><a href='/q?copy=4&copy=5'><a href='/&#x65;nd'>";
    leads_to(crawler, HTML, html, &["/q?a=1&b=2", "/q?c=3", "/q?copy=4&copy=5", "/end"])
}

/// The encoding is that of the header, of a byte order mark, or of a meta element; it makes the query.
pub(crate) fn charsets(crawler: &Program) -> Result<()> {
    // A letter whose path tells its encoding from others: in that of the West it would be an Æ.
    let cyrillic = |head: &str| [head.as_bytes(), b"<a href='/q?n=\xC6'><a href='/\xC6'>"].concat();
    let expected = ["/q?n=%C6", "/%D0%96"];
    let header = "Content-Type: text/html; charset=Windows-1251";
    leads_to(crawler, header, cyrillic(""), &expected).context("header")?;
    leads_to(crawler, header, cyrillic("<meta charset=latin1>"), &expected).context("the header wins")?;
    leads_to(crawler, HTML, cyrillic("<meta charset=windows-1251>"), &expected).context("meta")?;
    let old = "<meta http-equiv=Content-Type content='text/html; charset=cp1251'>";
    leads_to(crawler, HTML, cyrillic(old), &expected).context("http-equiv")?;
    let latin = b"<a href='/q?n=J\xE4ger'><a href='/J\xE4ger'>";
    leads_to(crawler, HTML, latin, &["/q?n=J%E4ger", "/J%C3%A4ger"]).context("none")?;
    let utf16: Vec<u8> = "\u{FEFF}<a href='/q?n=Jäger'>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    leads_to(crawler, HTML, utf16, &["/q?n=J%C3%A4ger"]).context("byte order mark")?;
    let utf8 = "\u{FEFF}<meta charset=latin1><a href='/q?n=Jäger'>";
    leads_to(crawler, "Content-Type: text/html; charset=latin1", utf8, &["/q?n=J%C3%A4ger"])
        .context("the mark wins")
}

/// However its URL is written, a page is asked for once.
pub(crate) fn one_page_many_spellings(crawler: &Program) -> Result<()> {
    let spelled = |address: &str| {
        let port = address.rsplit(':').next().unwrap_or_default();
        format!(
            "<a href='/~page'><a href='/%7Epage'><a href='/%7epage'><a href='../~page'><a href='/x/../~page'>
             <a href='/./~page#part'><a href='//{address}/~page'><a href='HTTP://{address}/~page'>
             <a href='http://user:secret@{address}/~page'><a href=' /~page\n'><a href='/~pa\nge'>
             <a href='http://127.1:{port}/~page'><a href='http://0x7f000001:{port}/%7Epage'>
             <a href='/q?x=%2f'><a href='/q?x=%2F'><a href='#here'><a href=''>"
        )
    };
    let server = Tricks::start(move |request, answer| match request.path.as_str() {
        "/dir/page" => answer.page(&spelled(request.header("host").unwrap_or_default())),
        "/robots.txt" => answer.status("404 Not Found", &[]),
        _ => answer.links([""; 0]),
    })?;
    let crawled = run(crawler, ["crawl", &server.url("/dir/page")])?;
    let expected = ["/dir/page", "/~page", "/q?x=%2F"];
    same_paths(&crawled.paths(), &expected)?;
    same_paths(&server.seen().paths(), &expected)
}

/// Neither other schemes nor what is no URL; and URLs of other hosts and ports only with `--any-host`.
pub(crate) fn only_the_web_and_these_hosts(crawler: &Program) -> Result<()> {
    let other = Tricks::start(|_, answer| answer.links([""; 0]))?;
    let html = format!(
        "<a href='mailto:a@b'><a href='javascript:x()'><a href='ftp://127.0.0.1/'><a href='file:///etc/passwd'>
         <a href='data:text/html,<a href=/data>'><a href='http://'><a href='http://[::1'><a href='tel:1'>
         <a href='{}'><a href=/here>",
        other.url("/other")
    );
    leads_to(crawler, HTML, html.clone(), &["/here"])?;
    same_paths(&other.seen().paths(), &[])?;
    let server = serve(HTML, html)?;
    let crawled = run(crawler, ["crawl", &server.url("/dir/page"), "--any-host"])?;
    same_paths(&crawled.paths(), &["/dir/page", "/here", "/other"])
}

/// HTML by its content type; what is something else is fetched, and not searched.
pub(crate) fn only_html_is_searched(crawler: &Program) -> Result<()> {
    const LINK: &str = "<a href=/link>";
    for plain in ["text/plain", "application/json", "image/svg+xml", "application/octet-stream"] {
        let content_type: &'static str = format!("Content-Type: {plain}").leak();
        leads_to(crawler, content_type, LINK, &[]).context(plain)?;
    }
    for html in ["Content-Type: TEXT/HTML", "Content-Type: application/xhtml+xml; charset=utf-8"] {
        leads_to(crawler, html, LINK, &["/link"]).context(html)?;
    }
    Ok(())
}

/// `--include` and `--exclude` choose among what is linked.
pub(crate) fn patterns_choose(crawler: &Program) -> Result<()> {
    let html = "<a href=/news/1><a href=/news/2?print><a href=/shop/1><a href=/news/old/3>";
    for (flags, expected) in [
        (&["--include", "*/news/*"][..], &["/dir/page", "/news/1", "/news/2?print", "/news/old/3"][..]),
        (&["--exclude", "*/old/*"], &["/dir/page", "/news/1", "/news/2?print", "/shop/1"]),
        (&["--include", "*/news/*", "--exclude", "*print*"], &["/dir/page", "/news/1", "/news/old/3"]),
        (&["--include", "*/shop/*", "--include", "*/old/*"], &["/dir/page", "/shop/1", "/news/old/3"]),
    ] {
        let server = serve(HTML, html)?;
        let crawled = run(crawler, [&["crawl", &server.url("/dir/page")], flags].concat())?;
        same_paths(&crawled.paths(), expected).with_context(|| format!("{flags:?}"))?;
        same_paths(&server.seen().paths(), expected)?;
    }
    Ok(())
}

/// A page that makes up URLs without end: one that is too long is not followed.
pub(crate) fn a_url_has_a_length(crawler: &Program) -> Result<()> {
    let html = format!("<a href='/{}'><a href='/{}'>", "x".repeat(20_000), "y".repeat(1000));
    let y = format!("/{}", "y".repeat(1000));
    leads_to(crawler, HTML, html, &[&y])
}

/// Broken HTML, and what is cut in the middle of a tag, is no error.
pub(crate) fn broken_html_is_read(crawler: &Program) -> Result<()> {
    let html = "<a href=/one<a href=\"/two\"><table><a href=/three><td></b></i></html><a href=/four>\0<a href=\"/five";
    let server = serve(HTML, html)?;
    let crawled = run(crawler, ["crawl", &server.url("/dir/page"), "--format", "json"])?;
    let page = crawled.page("/dir/page")?;
    ensure!(page.error.is_none(), "expected no error\n     got {:?}", page.error);
    for path in ["/three", "/four"] {
        crawled.page(path)?;
    }
    let seen = server.seen();
    ensure!(seen.count("/five") == 0, "expected no link of what is cut");
    Ok(())
}

/// A page with many links: each once, and in bounded memory and time.
pub(crate) fn a_page_of_many_links(crawler: &Program) -> Result<()> {
    let links: String = (0..4_000).map(|n| format!("<a href='/page/{}'>x</a>", n % 2_000)).collect();
    let server = serve(HTML, links)?;
    let start = server.url("/dir/page");
    let crawled = run(crawler, ["crawl", &start, "--format", "json", "--max-pages", "50"])?;
    let page = crawled.page("/dir/page")?;
    ensure!(page.links == 2_000, "expected 2,000 different links\n     got {}", page.links);
    ensure!(crawled.pages()?.len() == 50, "expected --max-pages\n     got {}", crawled.pages()?.len());
    let shallow = json(crawler, &server, &["--depth", "0"])?;
    ensure!(shallow.pages()?.len() == 1, "expected one page\n     got {}", shallow.pages()?.len());
    Ok(())
}
