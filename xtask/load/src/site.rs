//! A web site in memory, with each answer and each request as it goes over the wire.

mod floor;
mod server;

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

pub use self::floor::fetch;
pub use self::server::{Seen, serve_during};

/// Links on a page.
const LINKS: usize = 20;

/// Of these, the ones that lead to pages further from the root, as long as there are any: so each page is reached.
const BRANCHES: usize = 4;

/// What stands around the links, so that a page has about 2 KB.
const TEXT: [&str; 4] = [
    "Sigh no more, ladies, sigh no more,",
    "Men were deceivers ever,",
    "One foot in sea, and one on shore,",
    "To one thing constant never.",
];

/// What is said of a page. That the connection stays goes without saying in HTTP/1.1, but not for all.
const FOUND: &str =
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ";

/// What is said of a path without a page.
pub(crate) const NOT_FOUND: &[u8] =
    b"HTTP/1.1 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n";

/// As many names as there are of five digits.
const NAMES: usize = 100_000;

/// The names of pages: others each time that the runner starts, so that nobody knows them without reading the links.
static CALLED: LazyLock<Names> = LazyLock::new(|| Names::new(RandomState::new().hash_one(NAMES)));

/// The pages of a site; the first one is its root.
pub struct Site {
    /// In the order of their distance from the root.
    pub pages: Vec<Page>,
}

/// Each page has a number for a name: its own, times something, and something added.
#[derive(Clone, Copy, Debug)]
struct Names {
    times: usize,
    plus: usize,
    /// What undoes `times`.
    back: usize,
}

impl Names {
    fn new(seed: u64) -> Self {
        let of_seed = |shift: u32| usize::try_from(seed >> shift & 0xffff_ffff).unwrap_or_default() % NAMES;
        // Neither 2 nor 5 divides it: so it has an inverse, and no two pages have the same name.
        let times = of_seed(0) / 10 * 10 + 7;
        let back = (0..NAMES).find(|back| times * back % NAMES == 1).unwrap_or_default();
        Self { times, plus: of_seed(32), back }
    }

    fn path(self, n: usize) -> String {
        if n == 0 {
            return "/".to_owned();
        }
        format!("/pages/{:05}.html", (n * self.times + self.plus) % NAMES)
    }

    fn page(self, name: usize) -> usize {
        (name % NAMES + NAMES - self.plus) * self.back % NAMES
    }
}

/// One page.
pub struct Page {
    /// Absolute, as a request has it.
    pub path: String,
    /// Header and body of the answer.
    pub answer: Vec<u8>,
    /// What asks for it.
    pub request: Vec<u8>,
}

impl Site {
    /// A site of `pages` pages, at most 100,000; the same each time but for their names.
    pub fn new(pages: usize) -> Self {
        Self { pages: (0..pages).map(|n| Page::new(n, pages)).collect() }
    }

    /// Which page `path` names.
    pub fn find(&self, path: &[u8]) -> Option<usize> {
        let n = match path.strip_prefix(b"/pages/").and_then(|name| name.strip_suffix(b".html")) {
            Some(digits) => CALLED.page(std::str::from_utf8(digits).ok()?.parse().ok()?),
            None => 0,
        };
        // There is one way to write it.
        (self.pages.get(n)?.path.as_bytes() == path).then_some(n)
    }
}

impl Page {
    fn new(n: usize, pages: usize) -> Self {
        let (path, body) = (CALLED.path(n), body(n, pages));
        let answer = format!("{FOUND}{}\r\n\r\n{body}", body.len()).into_bytes();
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes();
        Self { path, answer, request }
    }
}

fn body(n: usize, pages: usize) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Page {n}</title></head>\n<body>\n"
    );
    for link in 0..LINKS {
        let (to, text) = (target(n, link, pages), TEXT[link % TEXT.len()]);
        let href = href(*CALLED, n, link, to);
        writeln!(html, "<p id=\"part-{link}\">{text} <a href=\"{href}\">page {to}</a></p>").ok();
    }
    html + "</body>\n</html>\n"
}

/// Where a link of page `n` leads: home, to the branches, or anywhere; each page is linked to about as often.
fn target(n: usize, link: usize, pages: usize) -> usize {
    let branch = n * BRANCHES + link;
    match link {
        0 => 0,
        1..=BRANCHES if branch < pages => branch,
        // The primes spread them: from all pages, one link leads to all pages.
        _ => (n * 7919 + link * 1009) % pages,
    }
}

/// How the link is written: most from the root of the site, some with a fragment, some relative to the page.
fn href(names: Names, n: usize, link: usize, to: usize) -> String {
    let path = names.path(to);
    let here = if n == 0 { "/" } else { "/pages/" };
    match (link % 4, path.strip_prefix(here)) {
        // Three parts: what takes a fragment for a page of its own fetches each page four times.
        (2, _) => format!("{path}#part-{}", link % 12),
        (3, Some(name)) if !name.is_empty() => name.to_owned(),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_is_reached_by_many_links() {
        for pages in [1000, 5000] {
            let mut found = vec![0; pages];
            let mut next = vec![0];
            while let Some(n) = next.pop() {
                for to in (0..LINKS).map(|link| target(n, link, pages)) {
                    if found[to] == 0 {
                        next.push(to);
                    }
                    found[to] += 1;
                }
            }
            assert!(found.iter().all(|links| *links >= LINKS / 2), "{:?}", found.iter().min());
        }
    }

    #[test]
    fn pages() {
        let site = Site::new(1000);
        for (n, page) in site.pages.iter().enumerate() {
            assert_eq!(site.find(page.path.as_bytes()), Some(n));
            assert!((1900..2300).contains(&page.answer.len()), "{} bytes", page.answer.len());
        }
        let none = [0, 1000, 99_999].map(|n| CALLED.path(n + NAMES));
        for path in ["/robots.txt", "/pages/7.html", "/pages/", &none[0], &none[1], &none[2]] {
            assert_eq!(site.find(path.as_bytes()), None, "{path}");
        }
    }

    #[test]
    fn names_are_all_different_and_lead_back() {
        for seed in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
            let names = Names::new(seed);
            let mut paths: Vec<String> = (0..NAMES).map(|n| names.path(n)).collect();
            let name = |path: &String| path[7..12].parse::<usize>().unwrap();
            assert!((1..NAMES).all(|n| names.page(name(&paths[n])) == n), "{names:?}");
            paths.sort_unstable();
            paths.dedup();
            assert_eq!(paths.len(), NAMES, "{names:?}");
        }
    }

    #[test]
    fn links_are_written_in_several_ways() {
        let names = Names { times: 1, plus: 0, back: 1 };
        let href = |n, link, to| href(names, n, link, to);
        assert_eq!(href(7, 4, 12), "/pages/00012.html");
        assert_eq!(href(7, 6, 12), "/pages/00012.html#part-6");
        assert_eq!(href(7, 14, 12), "/pages/00012.html#part-2");
        assert_eq!(href(7, 7, 12), "00012.html");
        assert_eq!(href(0, 7, 12), "pages/00012.html");
        assert_eq!(href(7, 7, 0), "/");
        assert_eq!(href(0, 7, 0), "/");
    }
}
