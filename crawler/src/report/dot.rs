//! The graph of a crawl in Graphviz's language: pages, links, dashed redirects, and in red what did not come.

use std::io::Write;

use super::Record;

pub(super) const HEAD: &str = "digraph crawl {\n  node [shape=box];\n";
pub(super) const TAIL: &str = "}\n";

/// Appends a page and what it links to. Writing to memory does not fail.
pub(super) fn page(text: &mut Vec<u8>, page: &Record, links: &[Box<str>]) {
    let url = quoted(page.url);
    let colour = if page.error.is_some() { ", color=red" } else { "" };
    writeln!(text, "  {url} [depth={}{colour}];", page.depth).ok();
    if page.final_url != page.url {
        writeln!(text, "  {url} -> {} [style=dashed];", quoted(page.final_url)).ok();
    }
    for link in links {
        writeln!(text, "  {url} -> {};", quoted(link)).ok();
    }
}

/// A double-quoted string: only the quote has to be escaped, and what would escape it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_links() {
        let record = Record {
            url: "http://a/?q=\"x\"",
            final_url: "http://a/b",
            status: Some(301),
            depth: 2,
            from: None,
            content_type: None,
            bytes: 0,
            ms: 0,
            links: 1,
            error: Some("gone".to_owned()),
        };
        let mut text = Vec::new();
        page(&mut text, &record, &["http://a/c".into()]);
        let expected = r#"  "http://a/?q=\"x\"" [depth=2, color=red];
  "http://a/?q=\"x\"" -> "http://a/b" [style=dashed];
  "http://a/?q=\"x\"" -> "http://a/c";
"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
