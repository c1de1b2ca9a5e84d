//! The links of HTML and CSS.

mod css;
mod found;
mod html;
mod uses;
mod values;

#[cfg(test)]
mod tests;

use encoding_rs::{Encoding, UTF_8};
use indexmap::IndexSet;
use thiserror::Error;
use url::Url;

pub(crate) use self::html::Html;
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
#[error("more than {} MiB of tags that do not end", html::MEMORY >> 20)]
pub(crate) struct Unreadable;

/// The links of the style sheet at `url`, whose Content-Type says `charset`: in its order, each once.
pub(crate) fn css(url: &Url, charset: Option<&str>, bytes: &[u8]) -> Vec<Link> {
    let base = Base::new(url.clone());
    let text = css_text(charset, bytes);
    let urls = css::references(&text).filter_map(|reference| base.join(&reference.url, UTF_8));
    let urls: IndexSet<_> = urls.take(found::MOST_LINKS).collect();
    urls.into_iter().map(|url| Link { kind: Kind::Requisite, url }).collect()
}

/// The text of a style sheet, by its byte order mark, else its Content-Type, else its `@charset`, else in UTF-8 (CSS
/// Syntax Level 3, 3.2).
pub(crate) fn css_text<'a>(charset: Option<&str>, bytes: &'a [u8]) -> std::borrow::Cow<'a, str> {
    let rule = || {
        let label = bytes.strip_prefix(b"@charset \"")?;
        let label = &label[..memchr::memchr(b'"', &label[..label.len().min(1024)])?];
        // A sheet whose rule can be read so is not in UTF-16, whatever it says.
        Encoding::for_label(label).filter(|encoding| encoding.is_ascii_compatible())
    };
    let said = charset.and_then(|label| Encoding::for_label(label.as_bytes())).or_else(rule);
    said.unwrap_or(UTF_8).decode(bytes).0
}
