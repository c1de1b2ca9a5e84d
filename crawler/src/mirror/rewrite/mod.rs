//! Pages and style sheets with links that lead to the files of the copy.
//!
//! A link whose target is in the copy becomes relative to its own file, every other one absolute, so that the copy
//! can be opened and moved without a server. What says where links lead (`<base>`), what forbids files without a
//! server (`integrity`, `crossorigin`) and what only a server could say (the charset) is taken out or put in.

mod html;
mod link;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use encoding_rs::UTF_8;
use url::Url;

pub(super) use self::html::html;
use self::link::Links;
use crate::extract;

/// A file of the copy.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Where it comes from.
    pub(super) url: &'a Url,
    /// Its path in the folder of the copy.
    pub(super) file: &'a str,
    /// What the server said of its charset.
    pub(super) charset: Option<&'a str>,
    /// The file of a URL in its one form, if the copy has one.
    pub(super) local: &'a dyn Fn(&str) -> Option<&'a str>,
}

/// A style sheet, in UTF-8.
pub(super) fn css(place: Place<'_>, bytes: &[u8]) -> Vec<u8> {
    let text = extract::css_text(place.charset, bytes);
    let text = Links::new(place, None).css(&text, UTF_8).map_or(text, Cow::Owned);
    // The mark wins over an `@charset` that the sheet may have, and over that of the page that loads it.
    let mark = if text.is_ascii() { "" } else { "\u{feff}" };
    [mark, &text].concat().into_bytes()
}
