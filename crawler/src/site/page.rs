//! The HTML of the pages.

use std::fmt::{Display, Write};

use super::graph::Graph;

/// What the text of a page is made of.
const SENTENCES: [&str; 16] = [
    "Each page has its own text, and nobody has read them all.",
    "A crawler that comes twice finds the same words again.",
    "Here the road forks, and both ways lead on.",
    "Whoever counts the pages should not count one of them twice.",
    "The librarian keeps no catalogue; the shelves are their own.",
    "It is quiet in this room, but for the turning of leaves.",
    "Some doors bear several names and open on the same hall.",
    "A polite guest knocks, waits, and wipes the shoes.",
    "There is a map, they say, and it is as large as the house.",
    "Nothing in this paragraph is a link, whatever it looks like.",
    "The shortest way is seldom the one that was found first.",
    "Twenty visitors may walk abreast, and no more.",
    "In the cellar there is a stair that never ends.",
    "Left alone for a while, the house answers more gladly.",
    "Numbers on the doors are drawn by lot, once and for all.",
    "When the last page is read, the visit is over.",
];

/// Sentences on a page.
const TEXT: u64 = 14;

/// What a link to a page may look like: see [`Link`].
const SPELLINGS: u64 = 9;

/// Page `n`, as somebody sees it who calls the site `host`.
pub(super) fn numbered(graph: Graph, n: u32, corners: bool, host: &str) -> String {
    // Enough for the page and the longest spelling of each link, so that it never moves.
    let mut html = String::with_capacity(1600 + graph.links as usize * (64 + host.len()));
    let style = if corners { STYLE } else { "" };
    head(&mut html, format_args!("Page {n}"), style);
    html.push_str("<p>");
    for k in 0..TEXT {
        // The links have the numbers from 0 on.
        let draw = graph.draw(n, u64::from(u32::MAX) - k);
        html.push_str(SENTENCES[usize::try_from(draw % 16).unwrap_or(0)]);
        html.push_str(if k % 5 == 4 { "</p>\n<p>" } else { "\n" });
    }
    html.push_str("</p>\n");
    if corners && n == 0 {
        html.push_str("<p>And then there are the <a href=\"/corners\">corners</a>.</p>\n");
    }
    html.push_str("<ul>\n");
    for (k, target) in (0..).zip(graph.targets(n)) {
        let link = Link { from: n, k, target, host };
        // Writing to a string does not fail.
        writeln!(html, "<li><a href=\"{link}\">Page {target}</a></li>").ok();
    }
    html.push_str("</ul>\n</body>\n</html>\n");
    html
}

/// A page with `content`, which is HTML.
pub(super) fn short(title: &str, content: &str) -> String {
    with_head(title, STYLE, content)
}

/// A page with this content, and these elements in its head.
pub(super) fn with_head(title: &str, elements: &str, content: &str) -> String {
    let mut html = String::new();
    head(&mut html, title, elements);
    html + content + "\n</body>\n</html>\n"
}

/// The element that brings the site's colours.
pub(super) const STYLE: &str = "<link rel=\"stylesheet\" href=\"/assets/style.css\">\n";

fn head(html: &mut String, title: impl Display, elements: &str) {
    write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         {elements}</head>\n<body>\n<h1>{title}</h1>\n"
    )
    .ok();
}

/// Link `k` of the page `from`, spelled in one of the ways in which a URL can be written.
struct Link<'a> {
    from: u32,
    k: u64,
    target: u32,
    host: &'a str,
}

impl Display for Link<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, k, target, host } = *self;
        // The path from the root, from the folder of the page, and from the root with a letter that needs no code.
        let (folder, coded) = match (from, target) {
            (_, 0) => (if from == 0 { "./" } else { "../" }, ""),
            (0, _) => ("page/", "p%61ge/"),
            _ => ("", "p%61ge/"),
        };
        let (page, number) = if target == 0 { ("", String::new()) } else { ("page/", target.to_string()) };
        match (u64::from(from) + k) % SPELLINGS {
            0 => write!(f, "/{page}{number}"),
            1 => write!(f, "{folder}{number}"),
            2 => write!(f, "http://{host}/{page}{number}"),
            3 => write!(f, "/{page}{number}#part-{k}"),
            4 => write!(f, "./{folder}{number}"),
            5 => write!(f, "/{coded}{number}"),
            6 => write!(f, "/here/../{page}{number}"),
            7 => write!(f, "//{host}/./{page}{number}"),
            _ => write!(f, " HTTP://{host}/{page}{number}\t"),
        }
    }
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};
    use url::Url;

    use super::*;
    use crate::address::Base;

    /// Where the links of `html`, the page at `path`, lead.
    fn links(html: &str, path: &str) -> Vec<String> {
        let base = Base::new(Url::parse("http://example.com:8000").unwrap().join(path).unwrap());
        let html = Html::parse_document(html);
        let anchors = Selector::parse("a[href]").unwrap();
        let links = html.select(&anchors).map(|a| a.attr("href").unwrap());
        let url = |link| base.join(link, encoding_rs::UTF_8).unwrap();
        links.map(|link| url(link).strip_prefix("http://example.com:8000").unwrap().to_owned()).collect()
    }

    #[test]
    fn every_spelling_means_the_page_of_the_graph() {
        let graph = Graph { pages: 5, links: 40, seed: 3 };
        for n in 0..graph.pages {
            let name = |n| if n == 0 { "/".to_owned() } else { format!("/page/{n}") };
            let html = numbered(graph, n, false, "example.com:8000");
            let expected: Vec<_> = graph.targets(n).map(name).collect();
            assert_eq!(links(&html, &name(n)), expected);
        }
    }

    #[test]
    fn about_two_kilobytes() {
        let graph = Graph { pages: 5000, links: 20, seed: 1 };
        for n in [0, 1, 4999] {
            let html = numbered(graph, n, true, "127.0.0.1:8000");
            assert!((1800..2600).contains(&html.len()), "{}", html.len());
            assert!(html.capacity() < 2 * html.len() + 1600);
        }
    }
}
