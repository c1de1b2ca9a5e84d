//! Links of any bytes at all: no panic, only links in their one form, and the same ones however the bytes come in.
//!
//! The first byte says which charset the header names and which links are wanted, the second where the pieces end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;

#[allow(dead_code, reason = "the crawler's command line uses the rest")]
#[path = "../../src/address.rs"]
mod address;
#[allow(dead_code, unused_imports, reason = "the crawler's mirror uses the rest")]
#[path = "../../src/extract/mod.rs"]
mod extract;

use extract::{Html, Link, Wanted};

const CHARSETS: [Option<&str>; 8] = [
    None,
    Some("utf-8"),
    Some("windows-1252"),
    Some("utf-16le"),
    Some("shift_jis"),
    Some("iso-2022-jp"),
    Some("gb18030"),
    Some("replacement"),
];

fuzz_target!(|data: &[u8]| {
    let [how, cut, bytes @ ..] = data else { return };
    let url = Url::parse("http://h/d/p?q").unwrap();
    let charset = CHARSETS[usize::from(how >> 1) % CHARSETS.len()];
    let links = |size: usize| {
        let wanted = if how & 1 == 0 { Wanted::Pages } else { Wanted::All };
        let mut html = Html::new(&url, charset, wanted);
        for piece in bytes.chunks(size) {
            html.push(piece).ok()?;
        }
        html.finish().ok()
    };
    let whole = links(usize::MAX);
    for link in whole.iter().flatten() {
        check(link);
    }
    for size in [1, usize::from(*cut) + 2] {
        assert_eq!(links(size), whole, "in pieces of {size}");
    }
    extract::css(&url, charset, bytes).iter().for_each(check);
});

fn check(link: &Link) {
    let url = Url::parse(&link.url).unwrap();
    assert!(matches!(url.scheme(), "http" | "https") && url.fragment().is_none());
    assert!(link.url.len() <= address::LONGEST);
    assert_eq!(address::normal(url.clone()), Some(url));
}
