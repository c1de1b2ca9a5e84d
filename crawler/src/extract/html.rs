//! The links of an HTML page, found while it comes in.
//!
//! lol_html tells tags from text that looks like them (comments, scripts, titles) without building a tree. What it
//! takes as text, but is shown where nothing runs scripts, is read here: the content of `<noscript>`. That of
//! `<template>` counts too, since scripts put it on the page.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use encoding_rs::{Decoder, Encoding, UTF_8};
use lol_html::html_content::TextChunk;
use lol_html::send::{Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, MemorySettings, OutputSink, Selector};
use url::Url;

use super::found::{Found, TextOf};
use super::uses::{self, Use};
use super::values::UNKNOWN;
use super::{Link, Unreadable, Wanted};

/// What lol_html may hold of one page: open elements, and a tag that has not ended yet.
pub(crate) const MEMORY: usize = 32 << 20;

/// Reads the links of one page, piece by piece.
pub(crate) struct Html {
    url: Url,
    charset: Option<&'static Encoding>,
    wanted: Wanted,
    /// The first bytes, until they are enough to tell a byte order mark.
    first: Vec<u8>,
    stage: Stage,
}

/// How far a page is.
enum Stage {
    /// Not far enough to know its encoding.
    First,
    Reading(Box<Reading>),
    Failed,
}

struct Reading {
    found: Arc<Mutex<Found>>,
    rewriter: HtmlRewriter<'static, Sink>,
    /// For encodings that lol_html can't read.
    decoder: Option<Decoder>,
}

impl Html {
    /// A reader for the page at `url`, whose Content-Type says `charset`.
    pub(crate) fn new(url: &Url, charset: Option<&str>, wanted: Wanted) -> Self {
        Self { url: url.clone(), charset: labelled(charset), wanted, first: Vec::new(), stage: Stage::First }
    }

    /// Reads on.
    ///
    /// # Errors
    /// If the page can't be read, now or before.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Unreadable> {
        match &mut self.stage {
            Stage::Reading(reading) => {
                let result = reading.push(chunk, false);
                if result.is_err() {
                    self.stage = Stage::Failed;
                }
                result
            }
            Stage::First if self.first.is_empty() && chunk.len() >= 3 => self.begin(chunk),
            Stage::First => {
                self.first.extend_from_slice(chunk);
                if self.first.len() < 3 {
                    return Ok(());
                }
                let first = std::mem::take(&mut self.first);
                self.begin(&first)
            }
            Stage::Failed => Err(Unreadable),
        }
    }

    /// The links of the page, in its order, each once.
    ///
    /// # Errors
    /// If the page could not be read.
    pub(crate) fn finish(mut self) -> Result<Vec<Link>, Unreadable> {
        if matches!(self.stage, Stage::First) {
            let first = std::mem::take(&mut self.first);
            self.begin(&first)?;
        }
        match self.stage {
            Stage::Reading(reading) => Ok(reading.finish()?.links(&self.url)),
            _ => Err(Unreadable),
        }
    }

    /// Reads the beginning, which says the encoding: the byte order mark, else the header, else the page itself.
    fn begin(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let (said, mark) = marked(self.charset, bytes);
        self.stage = Stage::Reading(Box::new(Reading::new(said, self.wanted)));
        self.push(&bytes[mark..])
    }
}

impl Reading {
    fn new(said: Option<&'static Encoding>, wanted: Wanted) -> Self {
        let decoder =
            said.filter(|said| !said.is_ascii_compatible()).map(Encoding::new_decoder_without_bom_handling);
        let read = if decoder.is_some() { UTF_8 } else { said.unwrap_or(UNKNOWN) };
        let found = Arc::new(Mutex::new(Found::new(read)));
        let settings = settings(&found, wanted)
            .with_encoding(AsciiCompatibleEncoding::new(read).unwrap_or_else(AsciiCompatibleEncoding::utf_8))
            .with_adjust_charset_on_meta_tag(said.is_none());
        let settings = noscript(settings, &found, wanted);
        Self { rewriter: HtmlRewriter::new(settings, Sink(Arc::clone(&found))), found, decoder }
    }

    fn push(&mut self, chunk: &[u8], last: bool) -> Result<(), Unreadable> {
        let Some(decoder) = &mut self.decoder else {
            return self.rewriter.write(chunk).map_err(|_| Unreadable);
        };
        let room = decoder.max_utf8_buffer_length(chunk.len()).ok_or(Unreadable)?;
        let mut text = String::with_capacity(room);
        let (..) = decoder.decode_to_string(chunk, &mut text, last);
        self.rewriter.write(text.as_bytes()).map_err(|_| Unreadable)
    }

    fn finish(mut self) -> Result<Found, Unreadable> {
        if self.decoder.is_some() {
            self.push(b"", true)?;
        }
        self.rewriter.end().map_err(|_| Unreadable)?;
        let found = Arc::into_inner(self.found).ok_or(Unreadable)?;
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is said about the encoding of a page that begins with `bytes`: by its byte order mark, else by the `charset` of
/// its Content-Type; and how long the mark is.
pub(crate) fn encoding(charset: Option<&str>, bytes: &[u8]) -> (Option<&'static Encoding>, usize) {
    marked(labelled(charset), bytes)
}

fn labelled(charset: Option<&str>) -> Option<&'static Encoding> {
    Encoding::for_label(charset?.as_bytes())
}

fn marked(said: Option<&'static Encoding>, bytes: &[u8]) -> (Option<&'static Encoding>, usize) {
    Encoding::for_bom(bytes).map_or((said, 0), |(encoding, length)| (Some(encoding), length))
}

/// Throws the page away, and learns of its `<meta charset>`.
struct Sink(Arc<Mutex<Found>>);

impl OutputSink for Sink {
    fn handle_chunk(&mut self, _: &[u8]) {}

    fn set_encoding(&mut self, encoding: AsciiCompatibleEncoding) {
        lock(&self.0).encoding = encoding.into();
    }
}

fn lock(found: &Mutex<Found>) -> MutexGuard<'_, Found> {
    found.lock().unwrap_or_else(PoisonError::into_inner)
}

// Parsed once. What is no selector would match nothing.
static LINKS: LazyLock<Option<Selector>> = LazyLock::new(|| uses::LINKS.parse().ok());
static PAGES: LazyLock<Option<Selector>> = LazyLock::new(|| uses::PAGES.parse().ok());
static ALL: LazyLock<Option<Selector>> = LazyLock::new(|| uses::ALL.parse().ok());
static STYLE: LazyLock<Option<Selector>> = LazyLock::new(|| "style".parse().ok());
static NOSCRIPT: LazyLock<Option<Selector>> = LazyLock::new(|| "noscript".parse().ok());

fn on(
    settings: Settings<'static, 'static>,
    selector: &'static Option<Selector>,
    handlers: ElementContentHandlers<'static>,
) -> Settings<'static, 'static> {
    match selector {
        Some(selector) => settings.append_element_content_handler((Cow::Borrowed(selector), handlers)),
        None => settings,
    }
}

/// How a page is read, or the content of its `<noscript>`.
fn settings(found: &Arc<Mutex<Found>>, wanted: Wanted) -> Settings<'static, 'static> {
    let memory =
        MemorySettings::new().with_preallocated_parsing_buffer_size(0).with_max_allowed_memory_usage(MEMORY);
    let selector = if wanted == Wanted::Pages { &PAGES } else { &ALL };
    let sees = Arc::clone(found);
    let element = ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
        see(element, wanted, &sees);
        Ok(())
    });
    // What is ambiguous for want of a tree is no attack on anyone here.
    let settings = Settings::new_send().with_strict(false).with_memory_settings(memory);
    let settings = on(settings, selector, element);
    if wanted == Wanted::Pages {
        return on(settings, &LINKS, link(found));
    }
    let reads = Arc::clone(found);
    let style = begin_text(found, TextOf::Style).text(move |text: &mut TextChunk<'_>| {
        let mut found = lock(&reads);
        if let Some(text) = found.text(TextOf::Style, text) {
            found.style(&text);
        }
        Ok(())
    });
    on(settings, &STYLE, style)
}

/// Has the content of `<noscript>` read too; not that of one inside another, so that nothing nests.
fn noscript(
    settings: Settings<'static, 'static>,
    found: &Arc<Mutex<Found>>,
    wanted: Wanted,
) -> Settings<'static, 'static> {
    let begin = begin_text(found, TextOf::Noscript);
    let found = Arc::clone(found);
    let handler = begin.text(move |text: &mut TextChunk<'_>| {
        let content = lock(&found).text(TextOf::Noscript, text);
        if let Some(content) = content {
            let mut rewriter = HtmlRewriter::new(self::settings(&found, wanted), |_: &[u8]| {});
            rewriter.write(content.as_bytes())?;
            rewriter.end()?;
        }
        Ok(())
    });
    on(settings, &NOSCRIPT, handler)
}

/// For elements whose text is wanted.
fn begin_text(found: &Arc<Mutex<Found>>, of: TextOf) -> ElementContentHandlers<'static> {
    let found = Arc::clone(found);
    ElementContentHandlers::default().element(move |_: &mut Element<'_, '_>| {
        lock(&found).begin_text(of);
        Ok(())
    })
}

/// For the elements of [`uses::LINKS`], which are most: [`see`] would allocate their names.
fn link(found: &Arc<Mutex<Found>>) -> ElementContentHandlers<'static> {
    let found = Arc::clone(found);
    ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
        match element.get_attribute("href") {
            Some(href) => lock(&found).attribute(Use::Page, &href),
            None => see(element, Wanted::Pages, &found),
        }
        Ok(())
    })
}

/// Keeps the links of `element`.
fn see(element: &Element<'_, '_>, wanted: Wanted, found: &Mutex<Found>) {
    let mut found = lock(found);
    uses::each(element, wanted, |_, held, value| found.attribute(held, &value));
}
