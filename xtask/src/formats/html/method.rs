//! How it is measured: `xtask/METHOD.md`, which is also read where it is.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

const METHOD: &str = include_str!("../../../METHOD.md");

/// The text as part of the page: without its title, with its headings below that of the section.
pub(super) fn html() -> String {
    let mut page = String::new();
    html::push_html(&mut page, events(METHOD).into_iter());
    // A number and its sign stay on one line.
    page.replace(" %", "\u{a0}%")
}

fn events(markdown: &str) -> Vec<Event<'_>> {
    let mut events = Vec::new();
    let (mut in_title, mut dropped_link) = (false, false);
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            _ if in_title => {}
            Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                events.push(Event::Start(Tag::Heading { level: below(level), id, classes, attrs }));
            }
            Event::End(TagEnd::Heading(level)) => events.push(Event::End(TagEnd::Heading(below(level)))),
            // A file of the repository is not beside the page.
            Event::Start(Tag::Link { ref dest_url, .. }) if !dest_url.starts_with("https://") => {
                dropped_link = true
            }
            Event::End(TagEnd::Link) if dropped_link => dropped_link = false,
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            event => events.push(event),
        }
    }
    events
}

fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_section_of_the_page() {
        let mut page = String::new();
        let markdown =
            "# Title\n\n## Part\n\nA [file](x.rs), a [site](https://example.org) <b>&\n\n|a|\n|-|\n|b|\n";
        html::push_html(&mut page, events(markdown).into_iter());
        assert!(!page.contains("Title") && page.contains("<h3>Part</h3>"), "{page}");
        assert!(page.contains("A file, a <a href=\"https://example.org\">site</a> &lt;b&gt;&amp;"), "{page}");
        assert!(page.contains("<table>"), "{page}");
    }
}
