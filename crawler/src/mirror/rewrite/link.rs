//! One link, and the texts with several of them.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::Encoding;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::Place;
use crate::address::Base;
use crate::extract::{self, Use, guessed, references, refresh, srcset, unescaped};

/// What a path keeps as it is: neither what ends it, nor what ends it in CSS and in lists of images.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// The links of one file. All that they are replaced by is ASCII.
pub(super) struct Links<'a> {
    place: Place<'a>,
    base: Base,
    /// Whether an empty link leads to the page itself.
    own_base: bool,
}

/// What an attribute becomes.
pub(super) struct Rewritten {
    pub(super) value: String,
    /// Whether all in it is in the copy.
    pub(super) local: bool,
}

impl<'a> Links<'a> {
    /// Those of a file, with the `href` of its `<base>`.
    pub(super) fn new(place: Place<'a>, base: Option<&str>) -> Self {
        Self { place, base: extract::base(place.url, base), own_base: base.is_none() }
    }

    /// The attribute with this name that is written as `raw`, as it is to be written; none if it stays.
    pub(super) fn attribute(
        &self,
        name: &str,
        held: Use,
        raw: &str,
        encoding: &'static Encoding,
    ) -> Option<Rewritten> {
        let value = unescaped(raw);
        let mut local = true;
        // What a form sends is for the server.
        let sent = name.ends_with("action");
        let mut one = |text: &str| {
            let (text, is_local) = self.target(text, encoding, !sent)?;
            local &= is_local;
            Some(text)
        };
        let value = match held {
            Use::Page | Use::Requisite | Use::Rel | Use::Elsewhere => one(&value),
            Use::Srcset => {
                replaced(&value, srcset(&value).into_iter().map(|at| (at.clone(), one(&value[at]))))
            }
            Use::Refresh => refresh(&value).and_then(|at| {
                // The quote that it may stand in must not be in it.
                let quoted = value[..at.start].ends_with('\'');
                let url =
                    one(&value[at.clone()]).map(|url| if quoted { url.replace('\'', "%27") } else { url });
                replaced(&value, [(at, url)])
            }),
            Use::Style => self.css(&value, encoding),
            Use::Base => None,
        }?;
        Some(Rewritten { value: htmlize::escape_attribute(value).into_owned(), local })
    }

    /// CSS with its URLs replaced; none if all stay.
    pub(super) fn css(&self, text: &str, encoding: &'static Encoding) -> Option<String> {
        let urls = references(text).map(|reference| {
            let new = self.target(&reference.url, encoding, true).map(|(url, _)| {
                let url = url.replace('\\', "\\\\").replace('"', "\\\"");
                if reference.function { format!("url(\"{url}\")") } else { format!("\"{url}\"") }
            });
            (reference.place, new)
        });
        replaced(text, urls)
    }

    /// What `link` becomes, and whether that is in the copy; none if it is no link to http or https.
    fn target(&self, link: &str, encoding: &'static Encoding, wanted: bool) -> Option<(String, bool)> {
        let (link, encoding) = guessed(link, encoding);
        let link = link.trim_matches(|c: char| c <= ' ');
        if link.is_empty() && self.own_base {
            return None;
        }
        let url = self.base.join(link, encoding)?;
        let fragment = link.split_once('#').and_then(|(_, fragment)| {
            let mut url = Url::parse("http://fragment").ok()?;
            url.set_fragment(Some(fragment));
            url.fragment().map(|fragment| format!("#{fragment}"))
        });
        let fragment = fragment.unwrap_or_default();
        Some(match (self.place.local)(&url).filter(|_| wanted) {
            Some(file) if file == self.place.file && !fragment.is_empty() => (fragment, true),
            Some(file) => (relative(self.place.file, file) + &fragment, true),
            None => (String::from(url) + &fragment, false),
        })
    }
}

/// The way from the file `from` to the file `to`, as a URL.
fn relative(from: &str, to: &str) -> String {
    let folders: Vec<_> = from.split('/').collect();
    let parts: Vec<_> = to.split('/').collect();
    let most = folders.len().min(parts.len()) - 1;
    let shared = folders.iter().zip(&parts).take(most).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n(Cow::Borrowed(".."), folders.len() - 1 - shared);
    let down = parts[shared..].iter().map(|part| Cow::from(utf8_percent_encode(part, PATH)));
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// `text` with what stands at some places replaced; none if nothing is.
fn replaced(text: &str, places: impl IntoIterator<Item = (Range<usize>, Option<String>)>) -> Option<String> {
    let mut new = String::with_capacity(text.len());
    let mut rest = 0;
    for (place, value) in places {
        let Some(value) = value else { continue };
        new.push_str(&text[rest..place.start]);
        new.push_str(&value);
        rest = place.end;
    }
    new.push_str(&text[rest..]);
    (rest > 0).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways() {
        for (from, to, way) in [
            ("h/a.html", "h/b c%2F.html", "b%20c%252F.html"),
            ("h/a.html", "h/a.html", "a.html"),
            ("h/d/a.html", "h/b.html", "../b.html"),
            ("h/d/e/a.html", "h/d/f/b@x=1&y=2.html", "../f/b@x=1&y=2.html"),
            ("h/a.html", "o_8000/ä.html", "../o_8000/%C3%A4.html"),
            ("h/h/a.html", "h/h", "../h"),
        ] {
            assert_eq!(relative(from, to), way, "{from} {to}");
        }
    }
}
