//! The links of HTML and CSS.

mod css;
mod found;
mod html;
mod uses;
mod values;

#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use thiserror::Error;
use url::Url;

pub(crate) use self::css::references;
use self::found::Links;
pub(crate) use self::found::base;
pub(crate) use self::html::{Html, MEMORY, encoding};
pub(crate) use self::uses::{ALL, Use, each};
pub(crate) use self::values::{UNKNOWN, guessed, refresh, srcset, unescaped};
use crate::address::Base;

/// How a link is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It leads to another page, or shows one in this one.
    Page,
    /// The page shows or runs what it leads to.
    Requisite,
}

/// Which links are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those to other pages, of [`Kind::Page`].
    Pages,
    /// All.
    All,
}

/// A link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// How it is used.
    pub(crate) kind: Kind,
    /// Where it leads: http or https, in its one form, without a fragment.
    pub(crate) url: Box<str>,
}

/// The page can't be read on.
#[derive(Debug, Error)]
#[error("more than {} MiB of tags that do not end", MEMORY >> 20)]
pub(crate) struct Unreadable;

/// The links of the style sheet at `url`, whose Content-Type says `charset`: in its order, each once.
pub(crate) fn css(url: &Url, charset: Option<&str>, bytes: &[u8]) -> Vec<Link> {
    let base = Base::new(url.clone());
    let text = css_text(charset, bytes);
    let mut links = Links::with_capacity(0);
    for reference in css::references(&text).take(found::MOST_LINKS) {
        if let Some(url) = base.join(&reference.url, UTF_8) {
            links.add(Kind::Requisite, url);
        }
    }
    links.list
}

/// The value of an attribute that is written as `raw`, which was read in `encoding`.
pub(crate) fn value(raw: &str, encoding: &'static Encoding) -> String {
    unescaped(&guessed(raw, encoding).0).into_owned()
}

/// The text of a style sheet, by its byte order mark, else its Content-Type, else its `@charset`, else in UTF-8 (CSS
/// Syntax Level 3, 3.2).
pub(crate) fn css_text<'a>(charset: Option<&str>, bytes: &'a [u8]) -> Cow<'a, str> {
    let rule = || {
        let label = bytes.strip_prefix(b"@charset \"")?;
        let label = &label[..memchr::memchr(b'"', &label[..label.len().min(1024)])?];
        // A sheet whose rule can be read so is not in UTF-16, whatever it says.
        Encoding::for_label(label).filter(|encoding| encoding.is_ascii_compatible())
    };
    let said = charset.and_then(|label| Encoding::for_label(label.as_bytes())).or_else(rule);
    said.unwrap_or(UTF_8).decode(bytes).0
}
