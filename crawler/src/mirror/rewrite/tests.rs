use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::select;
use url::Url;

use super::*;
use crate::extract::tests::oracle::piece;
use crate::extract::{Html, Wanted};

const FILES: [(&str, &str); 6] = [
    ("http://h/d/p", "h/d/p.html"),
    ("http://h/d/q?a=1&b=2", "h/d/q@a=1&b=2.html"),
    ("http://h/a.css", "h/a.css"),
    ("http://h/i%20%25.png", "h/i %25.png"),
    ("http://h/old", "h/d/p.html"),
    ("http://o:8000/", "o_8000/index.html"),
];

fn place<T>(charset: Option<&str>, f: impl FnOnce(Place<'_>) -> T) -> T {
    let url = Url::parse("http://h/d/p").unwrap();
    let files = BTreeMap::from(FILES);
    f(Place { url: &url, file: "h/d/p.html", charset, local: &|url: &str| files.get(url).copied() })
}

fn page(bytes: &[u8], charset: Option<&str>) -> Vec<u8> {
    place(charset, |place| html(place, bytes)).unwrap()
}

fn text(html: &str) -> String {
    String::from_utf8(page(html.as_bytes(), None)).unwrap()
}

#[test]
fn links() {
    for (before, after) in [
        ("<a href='/a.css#x'>", "<a href=\"../a.css#x\">"),
        ("<A HREF=q?a=1&amp;b=2#ä>", "<A HREF=\"q@a=1&amp;b=2.html#%C3%A4\">"),
        ("<a href=/old>", "<a href=\"p.html\">"),
        ("<a href=#top>", "<a href=\"#top\">"),
        ("<a href=//o:8000>", "<a href=\"../../o_8000/index.html\">"),
        ("<a href=x?y&amp;z#f>", "<a href=\"http://h/d/x?y&amp;z#f\">"),
        (
            "<a href=mailto:a@b><a href=''><a href=javascript:x>",
            "<a href=mailto:a@b><a href=''><a href=javascript:x>",
        ),
        ("<img src='/i %.png'>", "<img src=\"http://h/i%20%.png\">"),
        ("<img src='/i %25.png'>", "<img src=\"../i%20%2525.png\">"),
        ("<img srcset='/a.css 1x, b 2x'>", "<img srcset=\"../a.css 1x, http://h/d/b 2x\">"),
        ("<p style='a:url(/a.css);b:c'>", "<p style=\"a:url(&quot;../a.css&quot;);b:c\">"),
        (
            "<style>@import '/a.css'; /* url(no) */</style>",
            "<style>@import \"../a.css\"; /* url(no) */</style>",
        ),
        ("<noscript><img src=/a.css></noscript>", "<noscript><img src=\"../a.css\"></noscript>"),
        (
            "<meta http-equiv=refresh content=\"3; url='/a.css'\">",
            "<meta http-equiv=refresh content=\"3; url='../a.css'\">",
        ),
        ("<style>@import '/a.css'", "<style>@import \"../a.css\""),
        ("<noscript>a <img src=/a.css", "<noscript>a <img src=/a.css"),
        ("<style></style><noscript></noscript>", "<style></style><noscript></noscript>"),
        (
            "<svg><style>a{b:url(/a.css)}<b/>c</style></svg>",
            "<svg><style>a{b:url(\"../a.css\")}<b/>c</style></svg>",
        ),
        ("<svg/><style>a{b:url(/a.css)}</style>", "<svg/><style>a{b:url(\"../a.css\")}</style>"),
        ("<form action=/old><q cite=/old>", "<form action=\"http://h/old\"><q cite=\"p.html\">"),
        (
            "<link rel=stylesheet href=/a.css integrity=x crossorigin><script src=s integrity=y></script>",
            "<link rel=stylesheet href=\"../a.css\"><script src=\"http://h/d/s\" integrity=y></script>",
        ),
        (
            "<a href=a.css><base href=/x/../ target=_top><base href=/y/>",
            "<a href=\"../a.css\"><base target=_top>",
        ),
        ("<!-- <a href=/old> --><p title=ä>&nbsp;<br/>", "<!-- <a href=/old> --><p title=ä>&nbsp;<br/>"),
    ] {
        assert_eq!(text(before), after);
    }
}

#[test]
fn charsets() {
    for (before, charset, after) in [
        (
            &b"<!DOCTYPE html><head><title>\xe4</title>"[..],
            Some("latin1"),
            &b"<!DOCTYPE html><head><meta charset=\"windows-1252\"><title>\xe4</title>"[..],
        ),
        (b"<meta charset=utf-8><p>\xe4", Some("latin1"), b"<meta charset=\"windows-1252\"><p>\xe4"),
        (
            b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\xc4",
            None,
            b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\xc4",
        ),
        (
            b"<p>\xe4<style>a{b:url(/a.css)}/*\xe4*/</style>",
            None,
            b"<p>\xe4<style>a{b:url(\"../a.css\")}/*\xe4*/</style>",
        ),
        (b"\xef\xbb\xbf<p>\xc3\xa4", Some("latin1"), b"\xef\xbb\xbf<p>\xc3\xa4"),
        (b"\xff\xfe<\0p\0>\0\xe4\0", None, b"<meta charset=\"UTF-8\"><p>\xc3\xa4"),
        (b"<a href='/\xe4?\xe4'>", None, b"<a href=\"http://h/%C3%A4?%E4\">"),
    ] {
        assert_eq!(page(before, charset).escape_ascii().to_string(), after.escape_ascii().to_string());
    }
}

#[test]
fn style_sheets() {
    for (before, charset, after) in [
        (
            &b"@import '/a.css' screen; a { b: url( x\\29 'c ) url(/i\\ %25.png) }"[..],
            None,
            "@import \"../a.css\" screen; a { b: url( x\\29 'c ) url(\"../i%20%2525.png\") }",
        ),
        (b"a { b: url(x?\\\\#\\22) }", None, "a { b: url(\"http://h/d/x?\\\\#%22\") }"),
        (b"/* \xe4 */", Some("latin1"), "\u{feff}/* ä */"),
        (b"@charset \"latin1\"; /* \xe4 */", None, "\u{feff}@charset \"latin1\"; /* ä */"),
    ] {
        let sheet = place(charset, |place| css(place, before));
        assert_eq!(String::from_utf8(sheet).unwrap(), after);
    }
}

/// The URLs that a page at `url` leads to.
fn found(url: &str, html: &[u8], charset: Option<&str>) -> BTreeSet<String> {
    let mut reader = Html::new(&Url::parse(url).unwrap(), charset, Wanted::All);
    reader.push(html).unwrap();
    reader.finish().unwrap().into_iter().map(|link| link.url.into()).collect()
}

fn lead_to_the_same(html: &str, charset: Option<&str>) -> Result<(), TestCaseError> {
    let rewritten = page(html.as_bytes(), charset);
    let before = found("http://h/d/p", html.as_bytes(), charset);
    let before: BTreeSet<_> = before.iter().map(|url| in_the_copy(url)).collect();
    let after = found("http://copy/h/d/p.html", &rewritten, None);
    prop_assert_eq!(before, after, "{}\n{}", html, rewritten.escape_ascii());
    Ok(())
}

/// Where a copy in a folder is, as a URL.
fn in_the_copy(url: &str) -> String {
    match FILES.iter().find(|(known, _)| *known == url) {
        Some((_, file)) => {
            let mut url = Url::parse("http://copy/").unwrap();
            url.path_segments_mut().unwrap().clear().extend(file.split('/'));
            crate::address::normal(url).unwrap().into()
        }
        None => url.to_owned(),
    }
}

proptest! {
    /// The links of a rewritten page, from where its file is, are the files of the links of the page.
    #[test]
    fn links_lead_to_the_same(
        places in prop::collection::vec((0..8, 0..FILES.len() + 3, select(vec!["", "#x", "#ä\"'"])), 0..8),
        base in select(vec!["", "<base href=/d/>", "<base href='//o:8000/x/'>"]),
        charset in select(vec![None, Some("utf-8"), Some("latin1")]),
    ) {
        let mut html = base.to_owned();
        for (form, which, fragment) in places {
            let others = ["x?\\y", "data:,x", "../z'&amp;ä"];
            let url = FILES.get(which).map_or_else(|| others[which - FILES.len()], |(url, _)| url);
            let url = format!("{url}{fragment}").replace('"', "&quot;");
            let css = url.replace('\\', "\\\\").replace('\'', "\\'");
            html += &match form {
                0 => format!("<a href=\"{url}\">"),
                1 => format!("<img src=\"{url}\" srcset=\"{url} 1x, {url} 2x\">"),
                2 => format!("<p style=\"a:url('{css}')\">"),
                3 => format!("<style>@import '{css}';</style>").replace("&quot;", "%22").replace("&amp;", "&"),
                4 => format!("<meta http-equiv=refresh content=\"1;url={url}\">"),
                5 => format!("<link rel=stylesheet href=\"{url}\"><svg><use xlink:href=\"{url}\"/></svg>"),
                6 => format!("<noscript><iframe src=\"{url}\"></iframe></noscript>"),
                _ => format!("<object data=\"{url}\"><video poster=\"{url}\">"),
            };
        }
        lead_to_the_same(&html, charset)?;
    }

    /// The same for pages that are hard to read.
    #[test]
    fn broken_pages_too(
        pieces in prop::collection::vec(piece(), 0..10),
        charset in select(vec![None, Some("utf-8"), Some("latin1")]),
    ) {
        lead_to_the_same(&pieces.concat(), charset)?;
    }
}
