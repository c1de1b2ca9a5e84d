use std::collections::BTreeSet;

use proptest::prelude::*;
use url::Url;

use super::*;

mod oracle;

/// The links of `html` at `http://h/d/p`, which comes in pieces of `size` bytes.
fn links_in_pieces(html: &[u8], charset: Option<&str>, wanted: Wanted, size: usize) -> Vec<Link> {
    let mut reader = Html::new(&page(), charset, wanted);
    for piece in html.chunks(size) {
        reader.push(piece).unwrap();
    }
    reader.finish().unwrap()
}

fn links(html: &[u8], charset: Option<&str>, wanted: Wanted) -> Vec<Link> {
    links_in_pieces(html, charset, wanted, usize::MAX)
}

fn page() -> Url {
    Url::parse("http://h/d/p").unwrap()
}

/// Their URLs, without `http://h` in front.
fn paths(links: &[Link]) -> Vec<&str> {
    links.iter().map(|link| link.url.strip_prefix("http://h").unwrap_or(&link.url)).collect()
}

#[test]
fn pages_in_their_order_each_once() {
    let html = br#"<a href=b>b</a> <A HREF='/a'>a</A><a href="b#x">b</a><area href=//H:80/c><iframe src=e></iframe>
        <img src=no.png><link href=no rel=next><meta http-equiv=Refresh content="3; url='f'"><a name=no><a href=/d/b>"#;
    assert_eq!(paths(&links(html, None, Wanted::Pages)), ["/d/b", "/a", "/c", "/d/e", "/d/f"]);
}

#[test]
fn what_a_page_needs() {
    let html = br#"<link rel=stylesheet href=1><link rel=canonical href=no><script src=2></script><body background=3>
        <img src=4 srcset="5 1x, 6 2x"><video src=7 poster=8><source src=9><track src=10></video><object data=11></object>
        <input type=image src=12><input src=no><p style="background: url('13')"><style>@import "14"; a { b: url(15) }</style>
        <svg><image href=16 /><use xlink:href="17#x"/><a xlink:href=18 /></svg><form action=no></form><image src=19>"#;
    let links = links(html, None, Wanted::All);
    let expected: Vec<_> = (1..=19).map(|n| format!("/d/{n}")).collect();
    assert_eq!(paths(&links), expected);
    assert!(links.iter().all(|link| (link.kind == Kind::Page) == (&*link.url == "http://h/d/18")));
}

#[test]
fn a_page_wins_over_a_requisite() {
    let html = b"<img src=a><a href=b></a><a href=a#x></a><img src=b>";
    let expected = |url: &str| Link { kind: Kind::Page, url: url.into() };
    assert_eq!(links(html, None, Wanted::All), [expected("http://h/d/a"), expected("http://h/d/b")]);
}

#[test]
fn a_base_counts_for_the_whole_page() {
    for (html, url) in [
        (&b"<base href=/x/><a href=a>"[..], "/x/a"),
        (b"<a href=a><p><base href='/x&#47;'><base href=/y/>", "/x/a"),
        (b"<base target=_top><base href=//o/x><a href=a>", "http://o/a"),
        (b"<base href=ftp://o/><a href=/a>", "/a"),
        (b"<svg><base href=/x/></svg><a href=a>", "/d/a"),
        (b"<base href=http://u:p@o/x/y#z><a href=/a>", "http://o/a"),
    ] {
        assert_eq!(paths(&links(html, None, Wanted::Pages)), [url], "{}", html.escape_ascii());
    }
}

#[test]
fn charsets() {
    let utf16: Vec<u8> = "\u{feff}<a href='/ä?ä'>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let utf8 = "/%C3%A4?%C3%A4";
    for (html, charset, url) in [
        (&b"<a href='/\xe4?\xe4'>"[..], Some("ISO-8859-1"), "/%C3%A4?%E4"),
        (b"<a href='/\xe4?\xe4'>", None, "/%C3%A4?%E4"),
        ("<a href='/ä?ä'>".as_bytes(), None, utf8),
        ("\u{feff}<a href='/ä?ä'>".as_bytes(), Some("ISO-8859-1"), utf8),
        (&utf16, Some("utf-8"), utf8),
        (&utf16[2..], Some("utf-16be"), utf8),
        (b"<meta charset=koi8-r><a href='/\xc4?\xc4'>", None, "/%D0%B4?%C4"),
        (
            b"<meta http-equiv=content-type content='text/html; charset=windows-1252'><a href='/\xc3\xa4?\xc3\xa4'>",
            None,
            "/%C3%83%C2%A4?%C3%A4",
        ),
        ("<meta charset=koi8-r><a href='/ä?ä'>".as_bytes(), Some("utf-8"), utf8),
        (b"<noscript><a href='/\xe4?\xe4'></noscript>", None, "/%C3%A4?%E4"),
        (b"<a href='/\x1b$B%\"\x1b(B'>", Some("iso-2022-jp"), "/%E3%82%A2"),
        (b"<a href=/a>", Some("no such"), "/a"),
    ] {
        for size in [1, 2, 3, 1000] {
            let links = links_in_pieces(html, charset, Wanted::Pages, size);
            assert_eq!(paths(&links), [url], "{} {charset:?}", html.escape_ascii());
        }
    }
}

#[test]
fn too_much_is_left_out() {
    let many: String = (0..found::MOST_LINKS + 10).map(|n| format!("<a href={n}>")).collect();
    assert_eq!(links(many.as_bytes(), None, Wanted::Pages).len(), found::MOST_LINKS);
    let long = format!("<a href=/{}><a href=/b>", "a".repeat(crate::address::LONGEST));
    assert_eq!(paths(&links(long.as_bytes(), None, Wanted::Pages)), ["/b"]);
    let style =
        format!("<style>/*{}*/ a {{ b: url(c) }}</style><img src=d>", "x".repeat(found::LONGEST_TEXT));
    assert_eq!(paths(&links(style.as_bytes(), None, Wanted::All)), ["/d/d"]);
}

#[test]
fn a_tag_without_an_end_is_told() {
    let mut reader = Html::new(&page(), None, Wanted::Pages);
    let piece = vec![b'a'; 1 << 20];
    reader.push(b"<a href='").unwrap();
    let end = (0..40).find(|_| reader.push(&piece).is_err());
    assert!(end.is_some());
    assert!(reader.push(b"'>").is_err(), "and stays so");
    assert!(reader.finish().is_err());
}

#[test]
fn style_sheets() {
    for (css, urls) in [
        (
            "@import 'a'; @import url( \"b\" ) screen; c { d: URL(e.png), url('f') }",
            &["/d/a", "/d/b", "/d/e.png", "/d/f"][..],
        ),
        (
            "/* url(no) */ a { b: 'url(no)' } @namespace 'no'; @namespace x url(no); c { d: url(e) }",
            &["/d/e"],
        ),
        (
            r"a { b: u\72 l(c\29 d) url('e\'f\
g') }",
            &["/d/c)d", "/d/e'fg"],
        ),
        ("a { b: url(no no) url(c'no) url( d\n) curl(no) #url(no) 1url(no) }", &["/d/d"]),
        ("a { b: 'no\n url(c) url(d", &["/d/c", "/d/d"]),
        ("@media x { @import/**/\"a\" } @importx 'no'; url(b) url(b)", &["/d/a", "/d/b"]),
        ("url(data:image/png,a) url(#x) url()", &["/d/p"]),
        ("\\", &[]),
        ("url(a\\", &["/d/a%EF%BF%BD"]),
        ("'\\", &[]),
        ("@import 'é\\e9", &["/d/%C3%A9%C3%A9"]),
    ] {
        let links = css_links(css.as_bytes(), None);
        assert_eq!(paths(&links), urls, "{css}");
    }
    let latin = css_links(b"@charset \"iso-8859-1\"; @import '\xe4'", None);
    assert_eq!(paths(&latin), ["/d/%C3%A4"]);
}

fn css_links(bytes: &[u8], charset: Option<&str>) -> Vec<Link> {
    css(&page(), charset, bytes)
}

proptest! {
    #[test]
    fn any_css_has_an_end(css in r#"(url\(|@import|['"\\/*();{}a é\n]){0,24}"#) {
        let mut at = 0;
        for reference in css::references(&css) {
            prop_assert!(at <= reference.place.start && reference.place.start < reference.place.end);
            prop_assert!(css.get(reference.place.clone()).is_some());
            at = reference.place.end;
        }
    }
}
