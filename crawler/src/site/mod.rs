//! `crawler site`: a generated web site, known from its seed, to practise on. Everything here is made without input
//! or output; the runtimes listen, wait and send.
//!
//! Page 0 is `/`, and page `n` is `/page/n`; which links to which is told in [`graph`]. Links name the same page in
//! many ways, so that a crawler that knows URLs only by their letters fetches it many times. Around the pages there
//! are *corners*, each made for one mistake: the table of them is [`corners::CORNERS`], and the page `/corners`,
//! to which page 0 links besides its others.

mod answer;
mod assets;
mod body;
mod corners;
mod encoded;
mod graph;
mod page;
mod patient;

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hyper::header::{ALLOW, HOST};
use hyper::{Method, Request, StatusCode};
use url::Url;

pub(crate) use answer::Answer;
pub(crate) use body::{Body, Pause};
pub(crate) use patient::Patient;

use self::encoded::Packed;
use self::graph::Graph;
use crate::address;

/// How long a client may be silent between two requests, take for the head of one, or take nothing of an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A site, and what it remembers of its visitors.
#[derive(Debug)]
pub(crate) struct Site {
    graph: Graph,
    /// Whether there are any.
    corners: bool,
    /// Seconds between two requests, as robots.txt asks for.
    crawl_delay: Option<u32>,
    /// How long each answer is held back.
    pub(crate) latency: Duration,
    /// Whether `/busy` has time for the next who asks.
    ready: AtomicBool,
    packed: Packed,
}

/// Whom a page is made for: it tells links that begin with the host as the visitor calls it.
#[derive(Clone, Copy)]
struct Visit<'a> {
    host: &'a str,
    query: Option<&'a str>,
}

impl Site {
    /// The site that the command line describes.
    pub(crate) fn new(options: &crate::cli::Site) -> Self {
        Self {
            graph: Graph { pages: options.pages, links: options.links, seed: options.seed },
            corners: !options.no_corners,
            crawl_delay: options.crawl_delay,
            latency: options.latency,
            ready: AtomicBool::new(false),
            packed: Packed::new(),
        }
    }

    /// The answer to `request`, whose body does not matter.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Answer {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let html = page::short("Not allowed", "<p>This site is only read.</p>");
            return Answer::told(StatusCode::METHOD_NOT_ALLOWED, html).header(ALLOW, "GET, HEAD");
        }
        let named = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let host = named.filter(|host| is_host(host)).unwrap_or("localhost");
        let visit = Visit { host, query: request.uri().query() };
        let path = plain(request.uri().path());
        self.at(&path, visit).unwrap_or_else(missing).unless_known(request.headers())
    }

    /// What is at `path`, which is in its one form; none if nothing is.
    fn at(&self, path: &str, visit: Visit<'_>) -> Option<Answer> {
        if let Some(n) = self.page_number(path) {
            return Some(Answer::page(page::numbered(self.graph, n, self.corners, visit.host)));
        }
        match path {
            "/robots.txt" => Some(Answer::of("text/plain", self.robots())),
            _ if self.corners => assets::at(path).or_else(|| self.corner(path, visit)),
            _ => None,
        }
    }

    /// Which page `path` is: `/` or `/page/n`, without zeros in front.
    fn page_number(&self, path: &str) -> Option<u32> {
        let digits = match path {
            "/" => return Some(0),
            _ => path.strip_prefix("/page/")?,
        };
        let n = number(digits)?;
        (1..self.graph.pages).contains(&n).then_some(n)
    }

    fn robots(&self) -> String {
        let private = if self.corners { "/private/" } else { "" };
        let delay = self.crawl_delay.map(|seconds| format!("Crawl-delay: {seconds}\n"));
        format!("User-agent: *\nDisallow: {private}\n{}", delay.unwrap_or_default())
    }
}

/// What a client gets that comes when `most` others are being served: all of an answer, since it is not asked what it
/// wants.
pub(crate) fn turned_away(most: usize) -> String {
    let told = common::net::turned_away(most);
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
         Retry-After: 1\r\nConnection: close\r\n\r\n{told}",
        told.len()
    )
}

/// 404, the answer to everything else.
fn missing() -> Answer {
    Answer::told(StatusCode::NOT_FOUND, page::short("Not found", "<p>There is nothing here.</p>"))
}

/// A number in its one form: `7`, but neither `07` nor `+7`.
fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|_| plain)
}

/// `path` in its one form, as a crawler writes it that knows better than the links.
fn plain(path: &str) -> Cow<'_, str> {
    if !path.contains('%') && !path.contains("/.") {
        return Cow::Borrowed(path);
    }
    let url = Url::parse("http://site").and_then(|site| site.join(path)).ok().and_then(address::normal);
    url.map_or(Cow::Borrowed(path), |url| Cow::Owned(url.path().to_owned()))
}

/// Whether this may stand in a page as it is.
fn is_host(host: &str) -> bool {
    host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site of ten pages, with corners.
    pub(super) fn site() -> Site {
        let graph = Graph { pages: 10, links: 5, seed: 1 };
        let ready = AtomicBool::new(false);
        Site {
            graph,
            corners: true,
            crawl_delay: Some(2),
            latency: Duration::ZERO,
            ready,
            packed: Packed::new(),
        }
    }

    pub(super) fn get(site: &Site, uri: &str) -> hyper::Response<Body> {
        let request = Request::get(uri).header(HOST, "127.0.0.1:8000").body(()).unwrap();
        site.answer(&request).into_response(|_| Box::pin(std::future::pending()))
    }

    /// The body as text, if it is whole.
    pub(super) fn text(response: hyper::Response<Body>) -> String {
        match response.into_body() {
            Body::Whole(bytes) => String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned(),
            Body::Endless { .. } => panic!("a body without end"),
        }
    }

    #[test]
    fn a_page_has_one_form_and_many_spellings() {
        let site = site();
        for path in ["/", "/page/1", "/page/9", "/p%61ge/1", "/./page/1", "/page/../page/2", "/page/%31"] {
            assert_eq!(get(&site, path).status(), 200, "{path}");
        }
        for path in ["/page/0", "/page/10", "/page/01", "/page/+1", "/page/", "/page", "/page/1/", "//"] {
            assert_eq!(get(&site, path).status(), 404, "{path}");
        }
    }

    #[test]
    fn it_is_only_read() {
        let request = Request::post("/").body(()).unwrap();
        let response = site().answer(&request).into_response(|_| Box::pin(std::future::pending()));
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[ALLOW], "GET, HEAD");
    }

    #[test]
    fn robots() {
        let site = site();
        let robots = "User-agent: *\nDisallow: /private/\nCrawl-delay: 2\n";
        assert_eq!(text(get(&site, "/robots.txt")), robots);
    }
}
