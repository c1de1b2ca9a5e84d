//! The corners: pages that are each made for one mistake.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER};

use super::{Answer, Site, Visit, encoded, number, page};

/// All corners: the links that lead there, and what is there. Links whose path begins with `/trap/` are none: who
/// asks for them takes text for links.
pub(super) const CORNERS: &[(&[&str], &str)] = &[
    (&["/redirect/1", "/redirect/10", "/redirect/11"], "N redirects in a row, to /redirect/N/N"),
    (&["/moved/301", "/moved/302", "/moved/303", "/moved/307", "/moved/308"], "a redirect of each kind"),
    (&["/loop/a"], "redirects to /loop/b, and that back"),
    (&["/missing"], "404"),
    (&["/broken"], "500"),
    (&["/busy"], "503 with Retry-After: 1 for each first request, and a page for each second"),
    (&["/slow"], "a page that comes after 3 s"),
    (&["/endless"], "a page whose end never comes"),
    (&["/big/100000", "/big/10000000"], "a page of N bytes, at most 16 MiB"),
    (&["/private/diary"], "a page that robots.txt forbids"),
    (&["/deep/1", "/deep/short"], "two ways to /deep/end: six links, and two of which one is slow"),
    (&["/latin1"], "a page in ISO-8859-1, by its header, and a link with an ä in its query"),
    (&["/utf16"], "a page in UTF-16, by its byte order mark"),
    (&["/gzip", "/deflate", "/br"], "packed pages, whether the client knows how to unpack them or not"),
    (&["/query?page=1"], "pages that differ in their query"),
    (&["/entities"], "a link with entities"),
    (&["/spellings"], "many ways to write /~user"),
    (&["/false-links"], "what looks like links, in comments, scripts, styles, text and other attributes"),
    (&["/text"], "what looks like a page, by a header that says that it is none"),
    (&["/other-schemes"], "links that are neither http nor https, and to a host that does not exist"),
    (&["/base"], "a page with another base, /base/here/"),
    (&["/refresh"], "a page that leads to another by itself"),
    (&["/frame"], "a page with others in it, and a map"),
    (&["/gallery"], "images, styles, scripts and media, for a copy of the site"),
    (&["/names"], "names that a file system does not like"),
];

/// How long `/slow` is held back.
const SLOW: Duration = Duration::from_secs(3);

/// How long the short way to `/deep/end` is held back: until the long way is walked, at any usual latency.
const SHORT_WAY: Duration = Duration::from_secs(1);

/// The longest chain of redirects, and the largest body.
const MOST_REDIRECTS: u32 = 100;
const LARGEST: u32 = 16 << 20;

impl Site {
    /// The corner at `path`; none if there is none.
    pub(super) fn corner(&self, path: &str, visit: Visit<'_>) -> Option<Answer> {
        Some(match path {
            "/corners" => Answer::page(overview()),
            "/loop/a" => redirect(StatusCode::FOUND, "/loop/b"),
            "/loop/b" => redirect(StatusCode::FOUND, "/loop/a"),
            "/broken" => told(StatusCode::INTERNAL_SERVER_ERROR, "Broken", "This page is always broken."),
            "/busy" if !self.ready.fetch_not(Relaxed) => {
                let busy = told(StatusCode::SERVICE_UNAVAILABLE, "Busy", "Ask again in a second.");
                busy.header(RETRY_AFTER, "1")
            }
            "/busy" => text("Busy", "It has time for you now."),
            "/slow" => text("Slow", "That took a while.").after(SLOW),
            "/endless" => Answer::endless(),
            "/latin1" => Answer::of("text/html; charset=ISO-8859-1", encoded::latin1()),
            "/utf16" => Answer::of("text/html", encoded::utf16()),
            "/gzip" => packed("gzip", self.packed.gzip.clone()),
            "/deflate" => packed("deflate", self.packed.deflate.clone()),
            "/br" => packed("br", encoded::brotli(linked("Brotli", "/query?packed=br").as_bytes())),
            "/query" => query(visit.query.unwrap_or_default()),
            "/entities" => Answer::page(linked("Entities", "/query?a=1&amp;b&#61;2")),
            "/spellings" => html("Spellings", &spellings(visit.host)),
            "/~user" => text("~user", "One page, whatever it is called."),
            "/false-links" => Answer::page(page::with_head("False links", FALSE_HEAD, FALSE_LINKS)),
            "/text" => Answer::of("text/plain", "<html><a href=\"/trap/text\">no link</a></html>\n"),
            "/other-schemes" => html("Other schemes", OTHER_SCHEMES),
            "/base" => {
                let base = "<base href=\"/base/here/\">\n<base href=\"/trap/second-base/\">\n";
                Answer::page(page::with_head("Base", base, &link("there", "there")))
            }
            "/base/here/there" => text("There", "The base was heeded."),
            "/refresh" => {
                let refresh = "<meta http-equiv=\"Refresh\" content=\"1; URL='/refresh/target'\">\n";
                Answer::page(page::with_head("Refresh", refresh, "<p>Wait a second.</p>"))
            }
            "/frame" => html("Frame", FRAME),
            "/gallery" => Answer::page(page::with_head("Gallery", page::STYLE, GALLERY)),
            "/names" => html("Names", &names()),
            _ => return nested(path),
        })
    }
}

/// The corners whose names have parts.
fn nested(path: &str) -> Option<Answer> {
    let (folder, name) = path.strip_prefix('/')?.split_once('/')?;
    Some(match (folder, name) {
        ("redirect", hops) => {
            let (hops, done) = hops.split_once('/').unwrap_or((hops, "0"));
            let (hops, done) = (number(hops).filter(|n| *n <= MOST_REDIRECTS)?, number(done)?);
            match done.cmp(&hops) {
                Less => redirect(StatusCode::FOUND, &format!("/redirect/{hops}/{}", done + 1)),
                Equal => text("Arrived", "The redirects are over."),
                Greater => return None,
            }
        }
        ("moved", "here") => text("Moved", "This is the new place."),
        ("moved", code @ ("301" | "302" | "303" | "307" | "308")) => {
            redirect(code.parse().ok()?, "/moved/here")
        }
        ("big", bytes) => Answer::page(big(number(bytes).filter(|bytes| *bytes <= LARGEST)?)),
        ("deep", n @ ("1" | "2" | "3" | "4")) => {
            Answer::page(linked("Deep", &format!("/deep/{}", number(n)? + 1)))
        }
        ("deep", "5") => Answer::page(linked("Deep", "/deep/end")),
        ("deep", "short") => Answer::page(linked("Deep", "/deep/end")).after(SHORT_WAY),
        ("deep", "end") => Answer::page(linked("The end", "/deep/below")),
        ("deep", "below") => text("Below", "One link further than the end."),
        ("private", _) => text("Private", "You should not be here."),
        ("trap", _) => text("Trap", "What led you here was no link."),
        ("refresh", "target") => text("Target", "You were brought here."),
        ("frame", _) => text("Frame", "A part of another page."),
        ("names", _) => text("Name", "The name was understood."),
        _ => return None,
    })
}

/// The page of all corners: the table.
fn overview() -> String {
    let row = |(links, what): &(&[&str], &str)| {
        let links: Vec<String> = links.iter().map(|url| link(url, url)).collect();
        format!("<tr><td>{}</td><td>{what}</td></tr>\n", links.join("<br>"))
    };
    let rows: String = CORNERS.iter().map(row).collect();
    page::short("Corners", &format!("<p>Everything that may go wrong.</p>\n<table>\n{rows}</table>"))
}

fn html(title: &str, content: &str) -> Answer {
    Answer::page(page::short(title, content))
}

fn text(title: &str, text: &str) -> Answer {
    html(title, &format!("<p>{text}</p>"))
}

fn told(status: StatusCode, title: &str, text: &str) -> Answer {
    Answer::told(status, page::short(title, &format!("<p>{text}</p>")))
}

fn redirect(status: StatusCode, to: &str) -> Answer {
    Answer::told(status, linked("Elsewhere", to)).header(LOCATION, to)
}

fn link(to: &str, text: &str) -> String {
    format!("<a href=\"{to}\">{text}</a>")
}

/// A page with one link.
pub(super) fn linked(title: &str, to: &str) -> String {
    page::short(title, &format!("<p>{}</p>", link(to, "On")))
}

fn packed(encoding: &'static str, body: Bytes) -> Answer {
    Answer::of(super::answer::HTML, body).header(CONTENT_ENCODING, encoding)
}

/// A page of `bytes` bytes, or of a few dozen if that is more.
fn big(bytes: u32) -> String {
    let (start, end) = ("<!DOCTYPE html>\n<title>Big</title>\n<p>", "</p>\n");
    let filled = (bytes as usize).saturating_sub(start.len() + end.len());
    let mut html = String::with_capacity(start.len() + filled + end.len());
    html.push_str(start);
    html.extend(std::iter::repeat_n(
        "and so on until the line is full, and then again: 64 bytes long.\n",
        filled / 65,
    ));
    html.extend(std::iter::repeat_n('.', filled % 65));
    html + end
}

/// Five pages that differ in their query, each with a link to the next; for other queries a page without.
fn query(query: &str) -> Answer {
    let page = query.strip_prefix("page=").and_then(number).filter(|n| (1..=5).contains(n));
    match page {
        Some(n @ 1..=4) => Answer::page(linked(&format!("Query {n}"), &format!("?page={}", n + 1))),
        Some(n) => text(&format!("Query {n}"), "The last one."),
        None => text("Query", &format!("A query of {} bytes.", query.len())),
    }
}

fn spellings(host: &str) -> String {
    let absolute = format!("http://{host}/~user");
    let scheme = format!("HTTP://{host}/%7Euser");
    let links =
        ["/~user", "/%7Euser", "/%7euser", "/./~user", "/x/../~user", "~user#top", &absolute, &scheme];
    links.iter().map(|url| format!("<p>{}</p>\n", link(url, url))).collect()
}

/// Names that are parts of a path, for file systems: too long, with what they reserve, and a page that is a folder.
fn names() -> String {
    let long = format!("/names/{}", "long".repeat(80));
    let names = [
        "/names/a%2Fb",
        "/names/%2E%2E%2F%2E%2E%2Fup",
        "/names/a:b*c%3F",
        "/names/CON",
        "/names/dot.",
        "/names/a%00b",
        "/names/%5C..%5Cup",
        "/names/x",
        "/names/x/",
        "/names/x/y",
        "/names/index.html",
        "/names/",
        &long,
    ];
    names.iter().map(|url| format!("<p>{}</p>\n", link(url, "A name"))).collect()
}

const FALSE_HEAD: &str = "<style>/* <a href=\"/trap/style\"> */</style>\n\
    <script>const link = '<a href=\"/trap/script\">no link</a>';</script>\n";

const FALSE_LINKS: &str = "<!-- <a href=\"/trap/comment\">no link</a> -->\n\
    <textarea><a href=\"/trap/textarea\">no link</a></textarea>\n\
    <p>&lt;a href=\"/trap/text-of-the-page\"&gt;no link&lt;/a&gt;</p>\n\
    <p title='<a href=\"/trap/title\">' data-href=\"/trap/data\">No link.</p>\n\
    <script>document.title += '<a href=\"/trap/late-script\">';</script>\n\
    <p><a name=\"/trap/name\">No link</a> <a href=\"/query?true=1\">A link</a></p>";

const OTHER_SCHEMES: &str = "<p><a href=\"mailto:ann@example.com\">mail</a> <a href=\"javascript:void(0)\">script</a> \
    <a href=\"ftp://example.com/\">ftp</a> <a href=\"tel:+431\">telephone</a> <a href=\"data:text/html,x\">data</a> \
    <a href=\"file:///etc/passwd\">file</a> <a href=\"http://nowhere.invalid/\">another host</a> <a href=\"#top\">here</a> \
    <a href=\"http://\">nothing</a> <a href=\"\">this page</a></p>";

const FRAME: &str = "<iframe src=\"/frame/inner\" title=\"inner\"></iframe>\n\
    <map name=\"map\"><area href=\"/frame/area\" alt=\"area\" shape=\"default\"></map>\n\
    <img src=\"/assets/ring.svg\" usemap=\"#map\" alt=\"ring\">";

const GALLERY: &str = "<div class=\"gallery\">\n\
    <img src=\"assets/dot.png\" width=\"32\" height=\"32\" alt=\"dot\">\n\
    <img src=\"/assets/ring.svg\" srcset=\"/assets/ring.svg 1x, /assets/large.svg 2x\" alt=\"ring\">\n\
    <picture><source srcset=\"/assets/large.svg\" media=\"(min-width: 60em)\"><img src=\"/assets/ring.svg\" alt=\"ring\"></picture>\n\
    <video poster=\"/assets/ring.svg\" controls width=\"64\"></video>\n\
    <audio controls><source src=\"/assets/sound.wav\" type=\"audio/wav\"></audio>\n\
    <p style=\"background: url(/assets/dot.png)\">Pixels, and rings.</p>\n\
    <script src=\"/assets/script.js\"></script>\n\
    </div>";

#[cfg(test)]
mod tests {
    use super::super::tests::{get, site, text};
    use super::*;

    #[test]
    fn every_link_of_the_table_leads_somewhere() {
        let site = site();
        let overview = text(get(&site, "/corners"));
        for url in CORNERS.iter().flat_map(|(links, _)| *links) {
            assert!(overview.contains(&format!("href=\"{url}\"")), "{url}");
            let status = get(&site, url).status().as_u16();
            assert_eq!(status == 404, *url == "/missing", "{url}: {status}");
        }
        assert!(text(get(&site, "/")).contains("href=\"/corners\""));
    }

    #[test]
    fn redirects_end() {
        let site = site();
        let to = |url| get(&site, url).headers()[LOCATION].to_str().unwrap().to_owned();
        assert_eq!(
            (to("/redirect/11"), to("/redirect/11/10")),
            ("/redirect/11/1".into(), "/redirect/11/11".into())
        );
        assert_eq!((to("/loop/a"), to("/loop/b")), ("/loop/b".into(), "/loop/a".into()));
        assert_eq!(get(&site, "/redirect/11/11").status(), 200);
        assert_eq!(get(&site, "/redirect/11/12").status(), 404);
        assert_eq!(get(&site, "/redirect/101").status(), 404);
        for code in [301, 302, 303, 307, 308] {
            assert_eq!(get(&site, &format!("/moved/{code}")).status(), code);
        }
    }

    #[test]
    fn busy_every_other_time() {
        let site = site();
        let status = || get(&site, "/busy").status().as_u16();
        assert_eq!([status(), status(), status(), status()], [503, 200, 503, 200]);
    }

    #[test]
    fn sizes() {
        for size in [100, 101, 65_000, 100_000] {
            assert_eq!(big(size).len(), size as usize);
        }
        assert_eq!(get(&site(), "/big/16777217").status(), 404);
    }
}
