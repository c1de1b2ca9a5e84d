//! URLs in one form, so that a page that goes by several names is fetched once.
//!
//! What the URL Standard leaves to choice is chosen here (RFC 3986, 6.2.2): the letters that need no
//! percent-encoding have none, and the digits of what has one are upper case. The standard itself sees to the case of
//! scheme and host, IDNA, default ports and dot segments. Fragments and credentials are dropped.

use std::borrow::Cow;

use encoding_rs::Encoding;
use url::Url;

/// The longest URL that is followed, in bytes: what is longer comes from a page that makes them up.
pub(crate) const LONGEST: usize = 8192;

/// A URL of the command line.
///
/// # Errors
/// What is wrong with it, for clap to show.
pub(crate) fn parse(text: &str) -> Result<Url, String> {
    let advice = || format!("like http://{}", text.trim_start_matches('/'));
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err(format!("without http:// or https:// ({})", advice()));
        }
        Err(error) => return Err(error.to_string()),
    };
    // `localhost:8000` is a URL whose scheme is `localhost`.
    normal(url).ok_or_else(|| format!("neither http nor https ({})", advice()))
}

/// `url` in its one form; none if it is not http or https, or too long.
pub(crate) fn normal(mut url: Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.as_str().len() > LONGEST {
        return None;
    }
    url.set_fragment(None);
    if !url.username().is_empty() || url.password().is_some() {
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
    }
    if let Some(path) = recoded(url.path()) {
        url.set_path(&path);
    }
    if let Some(query) = url.query().and_then(recoded) {
        url.set_query(Some(&query));
    }
    Some(url)
}

/// What the links of one page are relative to.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    url: Url,
    /// Scheme, host and port as they stand in front of a path.
    origin: String,
}

impl Base {
    /// Links are relative to `url`.
    pub(crate) fn new(url: Url) -> Self {
        let origin = url[..url::Position::BeforePath].to_owned();
        Self { url, origin }
    }

    /// `link`, which stands in a page of this encoding, as a URL in its one form; none if it leads nowhere.
    pub(crate) fn join(&self, link: &str, encoding: &'static Encoding) -> Option<Box<str>> {
        let link = link.trim_matches(|c: char| c.is_ascii_whitespace());
        let path = link.split_once('#').map_or(link, |(path, _)| path);
        if is_plain(path) && self.origin.len() + path.len() <= LONGEST {
            return Some([&self.origin, path].concat().into());
        }
        let encode = in_encoding(encoding);
        let parser = Url::options().base_url(Some(&self.url)).encoding_override(Some(&encode));
        Some(String::from(normal(parser.parse(link).ok()?)?).into())
    }
}

/// Writes a query in the encoding of its page, as the URL Standard has it.
fn in_encoding(encoding: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
    move |text| encoding.encode(text).0
}

/// Whether `path` begins at the root and is in its one form already, as nearly all are: parsing them takes longer
/// than finding them.
fn is_plain(path: &str) -> bool {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'~' | b'.');
    let bytes = path.as_bytes();
    bytes.first() == Some(&b'/')
        && bytes.iter().all(plain)
        && !bytes.windows(2).any(|pair| pair == b"//" || pair == b"/.")
}

/// `text` with its percent-encodings in their one form; none if they are.
fn recoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let code = |at: usize| {
        let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
    };
    // Behind a `%` that encodes nothing, a digit that lost its own encoding would make it one: `%2%35` is not `%25`.
    let completes = |at: usize| match bytes[..at] {
        [.., b'%'] => true,
        [.., b'%', digit] => digit.is_ascii_hexdigit(),
        _ => false,
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for at in memchr::memchr_iter(b'%', bytes) {
        let Some(byte) = code(at) else { continue };
        out.push_str(&text[rest..at]);
        match char::from(byte) {
            c if c.is_ascii_hexdigit() && completes(at) => out.push_str(&format!("%{byte:02X}")),
            c if c.is_ascii_alphanumeric() || "-._~".contains(c) => out.push(c),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        rest = at + 3;
    }
    out.push_str(&text[rest..]);
    (out != text).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_form() {
        for (text, form) in [
            ("HTTP://Example.COM:80", "http://example.com/"),
            ("https://example.com:443/a/./b/../c", "https://example.com/a/c"),
            ("http://example.com:8080/?q=%7euser%3d%2f", "http://example.com:8080/?q=~user%3D%2F"),
            ("http://example.com/%7Euser/%41%2fb#top", "http://example.com/~user/A%2Fb"),
            ("http://ann:secret@example.com/", "http://example.com/"),
            ("http://[::1]:8000/a b", "http://[::1]:8000/a%20b"),
            ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
            ("http://example.com/%zz%4", "http://example.com/%zz%4"),
            ("http://example.com/%%30a/%2%35/%%7a", "http://example.com/%%30a/%2%35/%z"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), form);
        }
    }

    #[test]
    fn what_is_no_url_is_told() {
        for (text, told) in [
            ("example.com", "http://example.com"),
            ("localhost:8000", "http://localhost:8000"),
            ("file:///etc/passwd", "neither http nor https"),
            ("http://", "empty host"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn links() {
        let base = Base::new(Url::parse("http://example.com/a/b?q").unwrap());
        for (link, url) in [
            ("c", Some("http://example.com/a/c")),
            (" /c/d.html#e ", Some("http://example.com/c/d.html")),
            ("//Other.example/x", Some("http://other.example/x")),
            ("#top", Some("http://example.com/a/b?q")),
            ("/a/../c", Some("http://example.com/c")),
            ("mailto:ann@example.com", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(base.join(link, encoding_rs::UTF_8).as_deref(), url, "{link}");
        }
        let latin = base.join("/?q=ä", encoding_rs::WINDOWS_1252);
        assert_eq!(latin.as_deref(), Some("http://example.com/?q=%E4"));
    }

    proptest! {
        #[test]
        fn the_short_way_is_the_long_one(link in "[ a-zA-Z0-9/._~#-]{0,12}") {
            let base = Base::new(Url::parse("http://example.com/a/b").unwrap());
            let long = base.url.join(&link).ok().and_then(normal).map(String::from);
            prop_assert_eq!(base.join(&link, encoding_rs::UTF_8).map(String::from), long);
        }

        #[test]
        fn once_in_its_form_it_stays(path in "(%[0-9a-fA-F]{2}|%(3[0-9]|[46][1-6])|[0-9a-fz/.%?&=~]){0,12}") {
            if let Ok(url) = parse(&format!("http://example.com/{path}")) {
                prop_assert_eq!(parse(url.as_str()), Ok(url));
            }
        }
    }
}
