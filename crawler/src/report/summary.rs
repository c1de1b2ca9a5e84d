//! What a crawl has done, counted.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use super::Record;
use crate::http::Failure;

pub(super) struct Summary {
    began: Instant,
    /// That came, and were no redirect.
    pages: u64,
    redirects: u64,
    requests: u64,
    /// Requests without an answer so far.
    under_way: u64,
    bytes: u64,
    errors: BTreeMap<&'static str, u64>,
    /// What went wrong first, with its URL.
    first_error: Option<String>,
    slowest: Option<(Duration, String)>,
}

impl Summary {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            began,
            pages: 0,
            redirects: 0,
            requests: 0,
            under_way: 0,
            bytes: 0,
            errors: BTreeMap::new(),
            first_error: None,
            slowest: None,
        }
    }

    pub(super) fn begins(&mut self) {
        self.requests += 1;
        self.under_way += 1;
    }

    pub(super) fn answered(&mut self, bytes: u64) {
        self.under_way -= 1;
        self.bytes += bytes;
    }

    pub(super) fn page(&mut self, page: &Record, took: Duration, error: Option<&Failure>) {
        match error {
            Some(error) => {
                *self.errors.entry(error.kind()).or_default() += 1;
                self.first_error.get_or_insert_with(|| format!("{}: {error}", page.url));
            }
            None if page.final_url != page.url => self.redirects += 1,
            None => self.pages += 1,
        }
        if self.slowest.as_ref().is_none_or(|(longest, _)| took > *longest) {
            self.slowest = Some((took, page.url.to_owned()));
        }
    }

    pub(super) fn nothing_came(&self) -> Option<&str> {
        (self.pages == 0).then(|| self.first_error.as_deref().unwrap_or("nothing was left to fetch"))
    }

    pub(super) fn text(&self, now: Instant, is_cut: bool) -> String {
        let took = now.saturating_duration_since(self.began);
        let rate = self.pages as f64 / took.as_secs_f64().max(1e-9);
        let mut text = format!(
            "{}, {}, {}, {} in {took:.2?}: {rate:.0} pages/s\n",
            counted(self.pages, "page"),
            counted(self.redirects, "redirect"),
            counted(self.requests, "request"),
            size(self.bytes),
        );
        if !self.errors.is_empty() {
            let kinds: Vec<String> = self.errors.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
            // Writing to memory does not fail.
            writeln!(text, "errors: {}", kinds.join(", ")).ok();
        }
        if self.under_way > 0 {
            writeln!(text, "cancelled: {}", counted(self.under_way, "request")).ok();
        }
        if let Some((took, url)) = &self.slowest {
            writeln!(text, "slowest: {took:.2?} {url}").ok();
        }
        if is_cut {
            text.push_str("not all: there are more pages than --max-pages\n");
        }
        text
    }
}

fn counted(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..0x10_0000 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done() {
        let (now, mut summary) = (Instant::now(), Summary::new(Instant::now()));
        let record = |url, final_url| Record {
            url,
            final_url,
            status: None,
            depth: 0,
            from: None,
            content_type: None,
            bytes: 0,
            ms: 0,
            links: 0,
            error: None,
        };
        for _ in 0..4 {
            summary.begins();
        }
        let second = Duration::from_secs(1);
        summary.page(&record("http://a/", "http://b/"), second, None);
        assert_eq!(summary.nothing_came(), Some("nothing was left to fetch"));
        summary.page(&record("http://c/", "http://c/"), second * 2, Some(&Failure::Robots));
        assert_eq!(summary.nothing_came(), Some("http://c/: forbidden by robots.txt"));
        summary.page(&record("http://b/", "http://b/"), second, None);
        assert_eq!(summary.nothing_came(), None);
        for _ in 0..3 {
            summary.answered(1024);
        }
        let text = summary.text(now + second * 2, true);
        assert!(text.starts_with("1 page, 1 redirect, 4 requests, 3.0 KiB in "), "{text}");
        for line in ["errors: 1 robots", "cancelled: 1 request", "slowest: 2.00s http://c/", "--max-pages"] {
            assert!(text.contains(line), "{text}");
        }
    }
}
