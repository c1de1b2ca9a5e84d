//! The links of one page while it comes in, as they are written, and what they lead to in the end.
//!
//! `<base>` counts for the whole page, also for what stands before it and also in the body, so nothing is resolved
//! before the end.

use std::hash::BuildHasher;

use encoding_rs::Encoding;
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use lol_html::html_content::TextChunk;
use url::Url;

use super::uses::Use;
use super::values::{guessed, refresh, srcset, unescaped};
use super::{Kind, Link, css};
use crate::address::{self, Base, LONGEST};

/// Links of one page that are kept, the same ones included: the first ones.
pub(super) const MOST_LINKS: usize = 50_000;

/// Bytes of one text (`<style>`, `<noscript>`) that are kept: its beginning.
pub(super) const LONGEST_TEXT: usize = 256 * 1024;

/// An element whose text has links.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TextOf {
    Style,
    Noscript,
}

/// What was found on a page so far.
pub(super) struct Found {
    /// What the page is read in now.
    pub(super) encoding: &'static Encoding,
    /// The `href` of the first `<base>`.
    base: Option<String>,
    /// The links as they are written, one after the other.
    written: String,
    /// What each is, the encoding of its query, and where it ends in `written`.
    ends: Vec<(Kind, &'static Encoding, usize)>,
    /// Whose text is being read, and the text so far.
    text_of: Option<TextOf>,
    text: String,
}

impl Found {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        let (written, ends) = (String::with_capacity(1024), Vec::with_capacity(32));
        Self { encoding, base: None, written, ends, text_of: None, text: String::new() }
    }

    /// The attribute that is written as `raw` and holds `held`.
    pub(super) fn attribute(&mut self, held: Use, raw: &str) {
        let (raw, encoding) = guessed(raw, self.encoding);
        let value = unescaped(&raw);
        match held {
            Use::Base => {
                self.base.get_or_insert_with(|| value.into_owned());
            }
            Use::Page => self.link(Kind::Page, &value, encoding),
            Use::Requisite => self.link(Kind::Requisite, &value, encoding),
            Use::Srcset => {
                for place in srcset(&value) {
                    self.link(Kind::Requisite, &value[place], encoding);
                }
            }
            Use::Refresh => {
                if let Some(place) = refresh(&value) {
                    self.link(Kind::Page, &value[place], encoding);
                }
            }
            Use::Style => self.css(&value, encoding),
            Use::Rel | Use::Elsewhere => {}
        }
    }

    /// An element begins whose text is wanted.
    pub(super) fn begin_text(&mut self, of: TextOf) {
        self.text_of = Some(of);
        self.text.clear();
    }

    /// A piece of text in such an element; all of it when that was the last piece. In SVG, where it may have others
    /// inside, what follows those is left out.
    pub(super) fn text(&mut self, of: TextOf, piece: &TextChunk<'_>) -> Option<String> {
        if self.text_of != Some(of) {
            return None;
        }
        let text = piece.as_str();
        let mut end = LONGEST_TEXT.saturating_sub(self.text.len()).min(text.len());
        // A character is kept whole, so that it does not matter how the text is cut into pieces.
        while !text.is_char_boundary(end) {
            end += 1;
        }
        self.text.push_str(&text[..end]);
        piece.last_in_text_node().then(|| {
            self.text_of = None;
            std::mem::take(&mut self.text)
        })
    }

    /// The text of a `<style>`.
    pub(super) fn style(&mut self, text: &str) {
        let (text, encoding) = guessed(text, self.encoding);
        self.css(&text, encoding);
    }

    fn css(&mut self, text: &str, encoding: &'static Encoding) {
        for reference in css::references(text) {
            self.link(Kind::Requisite, &reference.url, encoding);
        }
    }

    fn link(&mut self, kind: Kind, text: &str, encoding: &'static Encoding) {
        if self.ends.len() < MOST_LINKS && text.len() <= LONGEST {
            self.written.push_str(text);
            self.ends.push((kind, encoding, self.written.len()));
        }
    }

    /// The links of the page at `url`, each once, in its order.
    pub(super) fn links(self, url: &Url) -> Vec<Link> {
        let base = base(url, self.base.as_deref());
        let mut links = Links::with_capacity(self.ends.len());
        let mut start = 0;
        for (kind, encoding, end) in self.ends {
            if let Some(url) = base.join(&self.written[start..end], encoding) {
                links.add(kind, url);
            }
            start = end;
        }
        links.list
    }
}

/// What the links of the page at `url` are relative to, with the `href` of its `<base>`: one that is neither http nor
/// https is as good as none.
pub(crate) fn base(url: &Url, href: Option<&str>) -> Base {
    let given = href.and_then(|href| address::normal(url.join(href).ok()?));
    Base::new(given.unwrap_or_else(|| url.clone()))
}

/// Links in their order, each once.
pub(super) struct Links {
    pub(super) list: Vec<Link>,
    /// Where each stands in the list, by its URL.
    places: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Links {
    pub(super) fn with_capacity(links: usize) -> Self {
        let places = HashTable::with_capacity(links);
        Self { list: Vec::with_capacity(links), places, hasher: DefaultHashBuilder::default() }
    }

    pub(super) fn add(&mut self, kind: Kind, url: Box<str>) {
        let Self { list, places, hasher } = self;
        let hash = hasher.hash_one(&url);
        match places.entry(hash, |at| list[*at].url == url, |at| hasher.hash_one(&list[*at].url)) {
            Entry::Occupied(entry) => {
                let link = &mut list[*entry.get()];
                link.kind = link.kind.min(kind);
            }
            Entry::Vacant(entry) => {
                entry.insert(list.len());
                list.push(Link { kind, url });
            }
        }
    }
}
