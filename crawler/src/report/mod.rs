//! What a crawl prints: each page on stdout in one of three formats, and in the end a summary on stderr.

mod dot;
mod summary;

use std::time::{Duration, Instant};

use serde::Serialize;
use tracing::warn;

use self::summary::Summary;
use crate::cli::Format;
use crate::crawl::Visit;
use crate::http::Failure;

/// One page of `--format json`: a line each, as its fetch ends.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    pub(crate) url: &'a str,
    /// The target of a redirect, or the page itself.
    pub(crate) final_url: &'a str,
    /// None without an answer.
    pub(crate) status: Option<u16>,
    pub(crate) depth: u32,
    /// The page that links to it; none for those that were given.
    pub(crate) from: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    /// The body, unpacked.
    pub(crate) bytes: u64,
    pub(crate) ms: u64,
    /// Different URLs that it links to.
    pub(crate) links: usize,
    pub(crate) error: Option<String>,
}

pub(crate) struct Report {
    /// None prints nothing.
    format: Option<Format>,
    /// Not printed so far.
    text: Vec<u8>,
    summary: Summary,
}

impl Report {
    pub(crate) fn new(format: Option<Format>, now: Instant) -> Self {
        let text = if format == Some(Format::Dot) { dot::HEAD.into() } else { Vec::new() };
        Self { format, text, summary: Summary::new(now) }
    }

    /// A page is about to be fetched, or fetched again.
    pub(crate) fn begins(&mut self, url: &str, again: bool) {
        self.summary.begins();
        if self.format == Some(Format::Text) && !again {
            self.text.extend_from_slice(url.as_bytes());
            self.text.push(b'\n');
        }
    }

    /// An answer has come, or none: the page may be fetched again.
    pub(crate) fn answered(&mut self, visit: &Visit) {
        self.summary.answered(visit.bytes);
    }

    /// Whether [`page`](Self::page) is to be told the links of a page.
    pub(crate) fn wants_edges(&self) -> bool {
        self.format == Some(Format::Dot)
    }

    /// A page is done.
    pub(crate) fn page(
        &mut self,
        record: &Record,
        took: Duration,
        error: Option<&Failure>,
        edges: &[Box<str>],
    ) {
        self.summary.page(record, took, error);
        match self.format {
            Some(Format::Json) => {
                // Into memory, and of what has a form in JSON: it cannot fail.
                serde_json::to_writer(&mut self.text, record).ok();
                self.text.push(b'\n');
                return;
            }
            Some(Format::Dot) => dot::page(&mut self.text, record, edges),
            Some(Format::Text) | None => {}
        }
        if let Some(error) = error {
            warn!(
                "{}: {error}{}",
                record.url,
                record.from.map(|from| format!(" (linked from {from})")).unwrap_or_default()
            );
        }
    }

    /// All pages are done.
    pub(crate) fn end(&mut self) {
        if self.format == Some(Format::Dot) {
            self.text.extend_from_slice(dot::TAIL.as_bytes());
        }
    }

    /// What is to be printed since the last call, if anything.
    pub(crate) fn output(&mut self) -> Option<Vec<u8>> {
        (!self.text.is_empty()).then(|| std::mem::take(&mut self.text))
    }

    /// What was done, in a few lines.
    pub(crate) fn summary(&self, now: Instant, is_cut: bool) -> String {
        self.summary.text(now, is_cut)
    }

    /// If no page came: what went wrong first.
    pub(crate) fn nothing_came(&self) -> Option<&str> {
        self.summary.nothing_came()
    }
}
