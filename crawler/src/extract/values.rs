//! What stands in attributes: text with entities, lists of images, and where a refresh leads.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, X_USER_DEFINED};

/// What a page is read in while nobody has said its encoding: each byte that is not ASCII becomes one character of
/// its own, so that [`guessed`] can read it once more.
pub(super) const UNKNOWN: &Encoding = X_USER_DEFINED;

/// `text`, which was read in `encoding`, and the encoding that it is in: where nobody has said one, UTF-8 if the
/// bytes are, and otherwise windows-1252, which is what the HTML Standard assumes of all.
pub(super) fn guessed<'a>(text: &'a str, encoding: &'static Encoding) -> (Cow<'a, str>, &'static Encoding) {
    if encoding != UNKNOWN {
        return (Cow::Borrowed(text), encoding);
    }
    if text.is_ascii() {
        return (Cow::Borrowed(text), UTF_8);
    }
    let (bytes, ..) = UNKNOWN.encode(text);
    match String::from_utf8(bytes.into_owned()) {
        Ok(text) => (Cow::Owned(text), UTF_8),
        Err(error) => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(error.as_bytes());
            (Cow::Owned(text.into_owned()), WINDOWS_1252)
        }
    }
}

/// The value of an attribute that is written as `raw`.
pub(super) fn unescaped(raw: &str) -> Cow<'_, str> {
    let text = htmlize::unescape_attribute(raw);
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { text }
}

/// Where the URLs of a `srcset` stand in it (HTML Standard, 4.8.4.2.1). One whose descriptor makes no sense counts too.
pub(super) fn srcset(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let skip = |mut at: usize, wanted: fn(u8) -> bool| {
        while bytes.get(at).is_some_and(|b| wanted(*b)) {
            at += 1;
        }
        at
    };
    let mut urls = Vec::new();
    let mut at = 0;
    loop {
        let start = skip(at, |b| b == b',' || b.is_ascii_whitespace());
        if start == bytes.len() {
            return urls;
        }
        at = skip(start, |b| !b.is_ascii_whitespace());
        let url = text[start..at].trim_end_matches(',');
        urls.push(start..start + url.len());
        if start + url.len() == at {
            at = after_descriptor(bytes, at);
        }
    }
}

/// Where the descriptor that begins at `at` ends: at a comma that is not in parentheses.
fn after_descriptor(bytes: &[u8], at: usize) -> usize {
    let mut inside = false;
    for (i, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            b'(' => inside = true,
            b')' => inside = false,
            b',' if !inside => return i,
            _ => {}
        }
    }
    bytes.len()
}

/// Where the URL of `<meta http-equiv=refresh content="…">` stands in its content (HTML Standard, 4.2.5.3); none if
/// the page is to be loaded again.
pub(super) fn refresh(content: &str) -> Option<Range<usize>> {
    let space = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_whitespace()).len();
    let rest = |left: usize| &content[content.len() - left..];

    let number = rest(space(content));
    let after = number.trim_start_matches(|c: char| c.is_ascii_digit());
    if after.len() == number.len() && !number.starts_with('.') {
        return None;
    }
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !after.starts_with(|c: char| c == ';' || c == ',' || c.is_ascii_whitespace()) {
        return None;
    }
    let mut url = rest(space(after));
    url = rest(space(url.strip_prefix([';', ',']).unwrap_or(url)));

    let mut quotable = true;
    if url.starts_with(['u', 'U']) {
        match after_equals(url) {
            Some(value) => url = value,
            None => quotable = false,
        }
    }
    if quotable && let Some(quote) = url.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        url = &url[1..];
        let end = content.len() - url.len() + url.find(quote).unwrap_or(url.len());
        return some(content.len() - url.len()..end);
    }
    some(content.len() - url.len()..content.len())
}

/// What follows `url =`.
fn after_equals(text: &str) -> Option<&str> {
    let word = text.get(..3).filter(|word| word.eq_ignore_ascii_case("url"))?;
    let value = text[word.len()..].trim_ascii_start().strip_prefix('=')?;
    Some(value.trim_ascii_start())
}

fn some(range: Range<usize>) -> Option<Range<usize>> {
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_encoding_is_guessed() {
        for (bytes, text, encoding) in
            [(&b"/a"[..], "/a", UTF_8), ("/ä€".as_bytes(), "/ä€", UTF_8), (b"/\xe4\x80", "/ä€", WINDOWS_1252)]
        {
            let (read, _) = UNKNOWN.decode_without_bom_handling(bytes);
            assert_eq!(guessed(&read, UNKNOWN), (Cow::Borrowed(text), encoding));
        }
        assert_eq!(guessed("/\u{f7e4}", UTF_8).0, "/\u{f7e4}");
    }

    #[test]
    fn entities() {
        for (raw, value) in [
            ("/a?b=1&amp;c=2", "/a?b=1&c=2"),
            ("/a?b=1&copy=2", "/a?b=1&copy=2"),
            ("/a?b=1&copy;=2", "/a?b=1©=2"),
            ("/&#x61;&#98;&#x80;", "/ab€"),
            ("/&notit;", "/&notit;"),
            ("a\0b&#0;", "a\u{fffd}b\u{fffd}"),
        ] {
            assert_eq!(unescaped(raw), value, "{raw}");
        }
    }

    #[test]
    fn srcsets() {
        for (text, urls) in [
            ("a.png", &["a.png"][..]),
            (" a.png 1x , b.png 2x,c.png", &["a.png", "b.png", "c.png"]),
            ("a.png, b.png", &["a.png", "b.png"]),
            ("a.png,b.png 2x", &["a.png,b.png"]),
            ("data:,a 1x, b.png,,, c.png,", &["data:,a", "b.png", "c.png"]),
            ("a.png 1x (x, y), b.png", &["a.png", "b.png"]),
            (" ,, ", &[]),
        ] {
            let found: Vec<_> = srcset(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, urls, "{text}");
        }
    }

    #[test]
    fn refreshes() {
        for (content, url) in [
            ("5; url=/a", Some("/a")),
            ("0;URL='/a b' c", Some("/a b")),
            (" 5 ,/a", Some("/a")),
            ("5 /a", Some("/a")),
            (".5;\"/a", Some("/a")),
            ("5; url /a", Some("url /a")),
            ("5; useful.html", Some("useful.html")),
            ("5;url = é", Some("é")),
            ("5", None),
            ("5;", None),
            ("5; url=''", None),
            ("a; url=/a", None),
            ("5a; url=/a", None),
            ("", None),
        ] {
            assert_eq!(refresh(content).map(|range| &content[range]), url, "{content}");
        }
    }
}
