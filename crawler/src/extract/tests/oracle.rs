//! What a parser that builds a tree finds on the same page.

use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use proptest::sample::{Index, select};
use scraper::HtmlTreeSink;
use scraper::node::Element;

use super::super::values::{refresh, srcset};
use super::*;

const HTML: &str = "http://www.w3.org/1999/xhtml";

/// The links of `html` at `http://h/d/p`.
fn expected(html: &str) -> BTreeSet<(Kind, String)> {
    // As where nothing runs scripts, and `<noscript>` is shown.
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let sink = HtmlTreeSink::new(scraper::Html::new_document());
    let document = parse_document(sink, ParseOpts { tree_builder, ..ParseOpts::default() }).one(html);
    let mut found = Vec::new();
    let mut base = None;
    for node in document.tree.root().descendants() {
        let Some(element) = node.value().as_element() else { continue };
        if element.name() == "base" && &*element.name.ns == HTML {
            base = base.or(element.attr("href"));
        }
        if element.name() == "style" && &*element.name.ns == HTML {
            let text: String =
                node.children().filter_map(|child| child.value().as_text()).map(|text| &**text).collect();
            let urls = css::references(&text).map(|reference| (Kind::Requisite, reference.url.into_owned()));
            found.extend(urls);
        }
        of_element(element, &mut found);
    }
    let base = found::base(&page(), base);
    let urls = found.into_iter().filter_map(|(kind, text)| Some((kind, base.join(&text, UTF_8)?.into())));
    let mut links: BTreeSet<(Kind, String)> = urls.collect();
    let pages: Vec<_> =
        links.iter().filter(|(kind, _)| *kind == Kind::Page).map(|(_, url)| url.clone()).collect();
    for url in pages {
        links.remove(&(Kind::Requisite, url));
    }
    links
}

fn of_element(element: &Element, found: &mut Vec<(Kind, String)>) {
    let attr =
        |name: &str| element.attrs().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    let word = |name: &str| attr(name).unwrap_or_default().to_ascii_lowercase();
    let mut add = |kind, value: Option<String>| found.extend(value.map(|value| (kind, value)));
    let style = attr("style").unwrap_or_default();
    for reference in css::references(&style) {
        add(Kind::Requisite, Some(reference.url.into_owned()));
    }
    let html = &*element.name.ns == HTML;
    match element.name() {
        "a" | "area" => add(Kind::Page, attr("href")),
        "image" | "use" if !html => add(Kind::Requisite, attr("href")),
        "script" if !html => add(Kind::Requisite, attr("href")),
        _ if !html => {}
        "iframe" | "frame" => add(Kind::Page, attr("src")),
        "meta" if word("http-equiv") == "refresh" => {
            let content = attr("content").unwrap_or_default();
            add(Kind::Page, refresh(&content).map(|place| content[place].to_owned()));
        }
        "img" | "source" => {
            add(Kind::Requisite, attr("src"));
            let set = attr("srcset").unwrap_or_default();
            for place in srcset(&set) {
                add(Kind::Requisite, Some(set[place].to_owned()));
            }
        }
        "link" if word("rel").split_ascii_whitespace().any(|word| matches!(word, "stylesheet")) => {
            add(Kind::Requisite, attr("href"))
        }
        "video" | "audio" | "script" | "embed" | "track" => {
            add(Kind::Requisite, attr("src"));
            add(Kind::Requisite, attr("poster").filter(|_| element.name() == "video"));
        }
        "input" if word("type") == "image" => add(Kind::Requisite, attr("src")),
        "object" => add(Kind::Requisite, attr("data")),
        "body" | "table" | "td" | "th" => add(Kind::Requisite, attr("background")),
        _ => {}
    }
}

fn found(html: &str, size: usize) -> BTreeSet<(Kind, String)> {
    let links = links_in_pieces(html.as_bytes(), Some("utf-8"), Wanted::All, size);
    links.into_iter().map(|link| (link.kind, link.url.into())).collect()
}

#[test]
fn as_a_tree_has_it() {
    for html in [
        "<!-- <a href=1> --><a href=2><!--><a href=3>--><!---><a href=4><!-- --!><a href=5><!-- <!-- --><a href=6>",
        "<script>'<a href=1>' <!-- <script> </script> <a href=2> </script> --> </script><a href=3>",
        "<style><a href=1></style><textarea><a href=2></textarea><title><a href=3></title><xmp><a href=4></xmp><a href=5>",
        "<iframe src=1><a href=2></iframe><noembed><a href=3></noembed><noframes><a href=4></noframes><a href=5>",
        "<noscript><a href=1><img src=2></noscript><head><noscript><link rel=stylesheet href=3></noscript>",
        "<template><a href=1></template><a href=2>",
        "<svg><style><a href=1></style></svg><svg><title><a href=2></title><![CDATA[<a href=3>]]></svg><![CDATA[<a href=4>]]>",
        "<math><mtext><a href=1></mtext><a href=2></math><a href=3>",
        "<svg><a href=1></a><p><a href=2></svg><a href=3>",
        "<a href=1 href=2><a HREF=3><a href><a href=><a href=''><a/href=4/><a href=\"5\"id=6><a\nhref\n=\n7>",
        "<a href=1&amp;2><a href='&lt;3&gt;'><a href=&#52><a href=&#x35;&NotEqualTilde;><a href='6&copy7&copy;&copy=8'>",
        "< a href=1></ a href=2><a href=3</a><a href='4><b id='><a href=5><? <a href=6> ?><a href=7><!x><a href=8",
        "<table><a href=1><tr><td background=2><a href=3></table><b><p><a href=4></b></p><form><div></form><a href=5>",
        "<base href=/x/><a href=1><base href=/y/><a href=?q#f><a href=' /a\n b '><a href=\\\\o/c>",
        "<svg/><style>a { b: url(1) }</style><math/><a href=2><svg></br><a href=3><svg><font color=x><a href=4>",
        "</html><a href=1></body></html><a href=2><plaintext><a href=3></plaintext><a href=4>",
        "<meta http-equiv='refresh' content='0;url=1'><body background=2 style='a:url(\"3\")'><p STYLE=\"b:url(&quot;4&quot;)\">",
        "<a href=\"1\0\">\0<a\0href=2><a href=3\r\n><a href='\r\n4\t5'>",
    ] {
        for size in [1, 7, 1000] {
            assert_eq!(found(html, size), expected(html), "{html}");
        }
    }
}

/// What a tree would leave out, and is followed for want of one.
#[test]
fn more_than_a_tree_has() {
    for html in ["<frame src=1>", "<td background=1>", "<body><body background=1><body background=2>"] {
        assert!(found(html, 1000).is_superset(&expected(html)), "{html}");
    }
}

fn value() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a",
        "/b",
        "//o/c",
        "?d=1",
        "&amp;e",
        "&copy",
        "&#x66;",
        "#g",
        ".",
        "..",
        "é",
        "%7e",
        " ",
        "url(h)",
        ",",
        "&",
        ";",
        "http://p/",
        "0;url=q",
        "javascript:",
        "refresh",
        "stylesheet",
        "image",
        "\t",
        "\\",
    ];
    prop::collection::vec(select(pieces), 0..4).prop_map(|pieces| pieces.concat())
}

fn attribute() -> impl Strategy<Value = String> {
    let names = vec![
        "href",
        "src",
        "srcset",
        "style",
        "rel",
        "type",
        "http-equiv",
        "content",
        "xlink:href",
        "HREF",
        "data",
        "poster",
        "id",
        "x",
    ];
    let bare = |value: String| value.replace([' ', '\t', '>'], "");
    (select(names), value(), 0..6).prop_map(move |(name, value, quoting)| match quoting {
        0 | 1 => format!(" {name}=\"{value}\""),
        2 => format!(" {name} = '{value}'"),
        3 => format!("\n{name}={}", bare(value)),
        4 => format!("/{name}"),
        _ => format!(" {name}=\"{value}\"{name}=twice"),
    })
}

fn tag() -> impl Strategy<Value = String> {
    let names = vec![
        "a", "area", "img", "link", "meta", "base", "script", "source", "video", "embed", "object", "input",
        "p", "div", "b", "A", "IMG", "li", "span", "track", "x-y", "button", "h1",
    ];
    (select(names), prop::collection::vec(attribute(), 0..4), any::<bool>()).prop_map(
        |(name, attributes, slash)| {
            let end = if name == "script" { "</script>" } else { "" };
            let slash = if slash { " /" } else { "" };
            format!("<{name}{}{slash}>{end}", attributes.concat())
        },
    )
}

fn piece() -> impl Strategy<Value = String> {
    let broken = vec![
        "<",
        "< a href=no>",
        "</",
        "</a",
        "</a >",
        "<!",
        "<!-->",
        "<!--->",
        "<!-- ",
        "-->",
        "--!>",
        "<?x",
        ">",
        "'",
        "\"",
        "<![CDATA[ ",
        "]]>",
        "&lt;a href=no>",
        "</p>",
        "</div>",
        "</b>",
        "<a href=",
        "<a href='",
        "text",
        "\n",
        "<!DOCTYPE html>",
        "</br>",
        "<br>",
        "</video>",
        "</object>",
    ];
    let raw = select(vec!["script", "style", "textarea", "title", "xmp", "noembed", "iframe"]);
    prop_oneof![
        6 => tag(),
        2 => select(broken).prop_map(str::to_owned),
        1 => tag().prop_map(|tag| format!("<!-- {tag} -->")),
        1 => (raw, tag()).prop_map(|(name, tag)| format!("<{name} src=/{name}>{}</{name}>", tag.replace("</script>", ""))),
        1 => "[a-z]{0,3}".prop_map(|url| format!("<svg><image href={url} /><use xlink:href=\"{url}#x\"/></svg>")),
        1 => value().prop_map(|url| format!("<noscript><img src=\"{url}\"></noscript>")),
    ]
}

proptest! {
    #[test]
    fn any_page_as_a_tree_has_it(pieces in prop::collection::vec(piece(), 0..12), cut: Index) {
        let html = pieces.concat();
        let size = 1 + cut.index(html.len().max(1));
        prop_assert_eq!(found(&html, size), expected(&html), "{}", html);
    }
}
