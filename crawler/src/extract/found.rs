//! The links of one page while it comes in, as they are written, and what they lead to in the end.
//!
//! `<base>` counts for the whole page, also for what stands before it and also in the body, so nothing is resolved
//! before the end. What is written twice is kept once.

use encoding_rs::Encoding;
use indexmap::IndexMap;
use indexmap::map::Entry;
use url::Url;

use super::uses::Use;
use super::values::{guessed, refresh, srcset, unescaped};
use super::{Kind, Link, css};
use crate::address::{self, Base, LONGEST};

/// Links of one page that are kept: the first ones.
pub(super) const MOST_LINKS: usize = 50_000;

/// Bytes of one text (`<style>`, `<noscript>`) that are kept: its beginning.
pub(super) const LONGEST_TEXT: usize = 256 * 1024;

/// What was found on a page so far.
pub(super) struct Found {
    /// What the page is read in now.
    pub(super) encoding: &'static Encoding,
    /// The `href` of the first `<base>`.
    base: Option<String>,
    links: IndexMap<Box<str>, (Kind, &'static Encoding)>,
    /// The text of the `<style>` or `<noscript>` that is being read.
    text: String,
}

impl Found {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self { encoding, base: None, links: IndexMap::with_capacity(32), text: String::new() }
    }

    /// The first `<base>` with an `href` counts.
    pub(super) fn base(&mut self, href: &str) {
        if self.base.is_none() {
            let (href, _) = guessed(href, self.encoding);
            self.base = Some(unescaped(&href).into_owned());
        }
    }

    /// The attribute that is written as `raw` and holds `held`.
    pub(super) fn attribute(&mut self, held: Use, raw: &str) {
        let (raw, encoding) = guessed(raw, self.encoding);
        let value = unescaped(&raw);
        match held {
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

    /// A piece of the text of an element; all of it when it was the `last`.
    pub(super) fn text(&mut self, piece: &str, last: bool) -> Option<String> {
        let room = LONGEST_TEXT.saturating_sub(self.text.len());
        self.text.push_str(&piece[..piece.floor_char_boundary(room)]);
        last.then(|| std::mem::take(&mut self.text))
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
        if let Some((known, _)) = self.links.get_mut(text) {
            *known = kind.min(*known);
        } else if self.links.len() < MOST_LINKS && text.len() <= LONGEST {
            self.links.insert(text.into(), (kind, encoding));
        }
    }

    /// The links of the page at `url`, each once, in its order.
    pub(super) fn links(self, url: &Url) -> Vec<Link> {
        let base = base(url, self.base.as_deref());
        let mut links = IndexMap::with_capacity(self.links.len());
        for (text, (kind, encoding)) in self.links {
            let Some(url) = base.join(&text, encoding) else { continue };
            match links.entry(url) {
                Entry::Vacant(entry) => {
                    entry.insert(kind);
                }
                Entry::Occupied(mut entry) => {
                    let known = *entry.get();
                    entry.insert(kind.min(known));
                }
            }
        }
        links.into_iter().map(|(url, kind)| Link { kind, url }).collect()
    }
}

/// What the links of the page at `url` are relative to, with the `href` of its `<base>`: one that is neither http nor
/// https is as good as none.
pub(crate) fn base(url: &Url, href: Option<&str>) -> Base {
    let given = href.and_then(|href| address::normal(url.join(href).ok()?));
    Base::new(given.unwrap_or_else(|| url.clone()))
}
