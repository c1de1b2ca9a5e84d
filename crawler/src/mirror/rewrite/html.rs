//! Pages. They stay as they are, byte for byte, but for the links.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use encoding_rs::{Encoding, UTF_8};
use lol_html::errors::RewritingError;
use lol_html::html_content::{ContentType, Element, TextChunk};
use lol_html::{
    AsciiCompatibleEncoding, ElementContentHandlers, HandlerResult, HtmlRewriter, MemorySettings, OutputSink,
    Selector, Settings,
};

use super::Place;
use super::link::Links;
use crate::extract::{self, ALL, MEMORY, UNKNOWN, Unreadable, Use, Wanted, each};

/// The page with its links rewritten.
///
/// # Errors
/// If it can't be read to its end.
pub(in super::super) fn html(place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let (said, mark) = extract::encoding(place.charset, bytes);
    let text = said.filter(|said| !said.is_ascii_compatible()).map(|said| said.decode(bytes).0);
    let (encoding, bytes) = match &text {
        Some(text) => (Some(UTF_8), text.as_bytes()),
        None => (said, bytes),
    };
    // A mark that is still there says it in the copy too.
    let marked = mark > 0 && text.is_none();
    let page = Page {
        charset: encoding.filter(|_| !marked).map(Encoding::name),
        encoding: Cell::new(encoding.unwrap_or(UNKNOWN)),
        adjust: encoding.is_none(),
        links: Links::new(place, base(encoding, bytes)?.as_deref()),
    };
    page.rewritten(bytes)
}

/// The `href` of the first `<base>`.
fn base(encoding: Option<&'static Encoding>, bytes: &[u8]) -> Result<Option<String>, Unreadable> {
    let read = Cell::new(encoding.unwrap_or(UNKNOWN));
    let found = RefCell::new(None);
    let handler = ElementContentHandlers::default().element(|element: &mut Element<'_, '_>| {
        each(element, Wanted::Pages, |_, held, value| {
            if held == Use::Base {
                found.borrow_mut().get_or_insert_with(|| extract::value(&value, read.get()));
            }
        });
        Ok(())
    });
    let settings =
        settings(read.get(), encoding.is_none()).append_element_content_handler(on("base", handler)?);
    run(settings, Sink { encoding: Some(&read), out: None }, bytes).map_err(|_| Unreadable)?;
    Ok(found.into_inner())
}

/// What is known of a page while it is rewritten.
struct Page<'a> {
    links: Links<'a>,
    /// What the copy has to say of its charset.
    charset: Option<&'static str>,
    /// What it is read in, and whether it may say otherwise.
    encoding: Cell<&'static Encoding>,
    adjust: bool,
}

impl Page<'_> {
    fn rewritten(&self, bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8);
        let mut settings = settings(self.encoding.get(), self.adjust);
        if let Some(charset) = self.charset {
            settings = settings.append_element_content_handler(on("*", say(charset))?);
        }
        let settings =
            self.handlers(settings)?.append_element_content_handler(on("noscript", self.noscript())?);
        run(settings, Sink { encoding: Some(&self.encoding), out: Some(&mut out) }, bytes)
            .map_err(|_| Unreadable)?;
        Ok(out)
    }

    fn handlers<'h>(&'h self, settings: Settings<'h, 'static>) -> Result<Settings<'h, 'static>, Unreadable> {
        let element = ElementContentHandlers::default().element(|element: &mut Element<'_, '_>| {
            self.element(element);
            Ok(())
        });
        let mut css = Text::default();
        let style = ElementContentHandlers::default().text(move |chunk: &mut TextChunk<'_>| {
            css.collect(chunk, |text| Ok(self.links.css(text, self.encoding.get())))
        });
        Ok(settings
            .append_element_content_handler(on(ALL, element)?)
            .append_element_content_handler(on("style", style)?))
    }

    /// Rewrites what is shown where no scripts run; not that of one inside another, so that nothing nests.
    fn noscript(&self) -> ElementContentHandlers<'_> {
        let mut content = Text::default();
        ElementContentHandlers::default().text(move |chunk: &mut TextChunk<'_>| {
            content.collect(chunk, |text| {
                let mut out = Vec::with_capacity(text.len());
                let settings = self.handlers(settings(UTF_8, false))?;
                run(settings, Sink { encoding: None, out: Some(&mut out) }, text.as_bytes())?;
                Ok(String::from_utf8(out).ok())
            })
        })
    }

    fn element(&self, element: &mut Element<'_, '_>) {
        let mut changes = Vec::new();
        let mut base = false;
        each(element, Wanted::All, |name, held, raw| {
            base |= held == Use::Base;
            changes.extend(
                self.links.attribute(name, held, &raw, self.encoding.get()).map(|new| (name, held, new)),
            );
        });
        if base {
            element.remove_attribute("href");
            if element.attributes().is_empty() {
                element.remove();
            }
        }
        for (name, held, new) in changes {
            // The name is one of ours, so it is one that an attribute may have.
            let _ = element.set_attribute(name, &new.value);
            if new.local && held == Use::Requisite {
                element.remove_attribute("integrity");
                element.remove_attribute("crossorigin");
            }
        }
    }
}

/// Says the charset before the first element that can be in `<head>` or after it, and nowhere else.
fn say<'h>(charset: &'static str) -> ElementContentHandlers<'h> {
    let mut said = false;
    ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
        let name = element.tag_name();
        if !said && !matches!(&*name, "html" | "head") {
            said = true;
            element.before(&format!("<meta charset=\"{charset}\">"), ContentType::Html);
        }
        let says = |value: Option<String>| {
            value.is_some_and(|value| value.trim().eq_ignore_ascii_case("content-type"))
        };
        if name == "meta" && (element.has_attribute("charset") || says(element.get_attribute("http-equiv"))) {
            element.remove();
        }
        Ok(())
    })
}

/// The text of an element, which comes in pieces.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Has the whole text replaced, when it is there.
    fn collect(
        &mut self,
        chunk: &mut TextChunk<'_>,
        new: impl FnOnce(&str) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>>,
    ) -> HandlerResult {
        self.0.push_str(chunk.as_str());
        if !chunk.last_in_text_node() {
            chunk.remove();
            return Ok(());
        }
        let text = std::mem::take(&mut self.0);
        let text = new(&text)?.unwrap_or(text);
        chunk.replace(&text, ContentType::Html);
        Ok(())
    }
}

fn settings<'h>(encoding: &'static Encoding, adjust: bool) -> Settings<'h, 'static> {
    Settings::new()
        .with_strict(false)
        .with_encoding(AsciiCompatibleEncoding::new(encoding).unwrap_or_else(AsciiCompatibleEncoding::utf_8))
        .with_adjust_charset_on_meta_tag(adjust)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MEMORY))
}

fn on<'h>(
    selector: &str,
    handlers: ElementContentHandlers<'h>,
) -> Result<(Cow<'static, Selector>, ElementContentHandlers<'h>), Unreadable> {
    Ok((Cow::Owned(selector.parse().map_err(|_| Unreadable)?), handlers))
}

fn run(settings: Settings<'_, '_>, sink: Sink<'_>, bytes: &[u8]) -> Result<(), RewritingError> {
    let mut rewriter = HtmlRewriter::new(settings, sink);
    rewriter.write(bytes)?;
    rewriter.end()
}

/// Where the page goes, and where is kept what it says of its encoding.
struct Sink<'a> {
    encoding: Option<&'a Cell<&'static Encoding>>,
    out: Option<&'a mut Vec<u8>>,
}

impl OutputSink for Sink<'_> {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        if let Some(out) = &mut self.out {
            out.extend_from_slice(chunk);
        }
    }

    fn set_encoding(&mut self, encoding: AsciiCompatibleEncoding) {
        if let Some(known) = self.encoding {
            known.set(encoding.into());
        }
    }
}
