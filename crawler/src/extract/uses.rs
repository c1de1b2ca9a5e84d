//! Which attribute of which element holds what: the one place that knows, for what reads links and what rewrites them.

use lol_html::HandlerTypes;
use lol_html::html_content::Element;

use super::Wanted;
use super::values::unescaped;

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// The URL that the page's others are relative to.
    Base,
    /// The URL of another page.
    Page,
    /// The URL of something that the page shows or runs.
    Requisite,
    /// The URL of what `rel` says it is.
    Rel,
    /// A list of images for `srcset`.
    Srcset,
    /// CSS.
    Style,
    /// What `<meta http-equiv=refresh>` wants.
    Refresh,
    /// A URL that is not fetched: a form's, or a source's.
    Elsewhere,
}

/// The elements that nearly all links are in, as a selector; their attribute is `href`, and holds a [`Use::Page`].
pub(crate) const LINKS: &str = "a, area";

/// The others that lead to pages, and `base`, as a selector.
pub(crate) const PAGES: &str = "iframe, frame, meta, base";

/// All elements that [`of`] knows, as a selector.
pub(crate) const ALL: &str = "a, area, iframe, frame, meta, base, img, source, script, link, video, audio, track, embed, \
    object, input, image, use, body, table, td, th, form, button, blockquote, q, ins, del, [style]";

/// The attributes of `element` with URLs in them, besides `style`. Outside of HTML means in SVG, or after it: lol_html
/// takes `<svg/>` for its beginning alone, so that all other elements are taken for HTML.
///
/// `iframe[srcdoc]`, which is a page in an attribute, and `a[ping]` are left out.
fn of(element: &str, html: bool) -> &'static [(&'static str, Use)] {
    match element {
        "a" if !html => &[("href", Use::Page), ("xlink:href", Use::Page)],
        "image" | "script" | "use" if !html => &[("href", Use::Requisite), ("xlink:href", Use::Requisite)],
        "a" | "area" => &[("href", Use::Page)],
        "base" => &[("href", Use::Base)],
        "iframe" | "frame" => &[("src", Use::Page)],
        "meta" => &[("content", Use::Refresh)],
        "img" | "image" | "source" => &[("src", Use::Requisite), ("srcset", Use::Srcset)],
        "link" => &[("href", Use::Rel), ("imagesrcset", Use::Srcset)],
        "video" => &[("src", Use::Requisite), ("poster", Use::Requisite)],
        "audio" | "embed" | "script" | "track" => &[("src", Use::Requisite)],
        "object" => &[("data", Use::Requisite)],
        "input" => &[("src", Use::Requisite), ("formaction", Use::Elsewhere)],
        "body" | "table" | "td" | "th" => &[("background", Use::Requisite)],
        "form" => &[("action", Use::Elsewhere)],
        "button" => &[("formaction", Use::Elsewhere)],
        "blockquote" | "q" | "ins" | "del" => &[("cite", Use::Elsewhere)],
        _ => &[],
    }
}

/// Calls `found` with each attribute of `element` that has `wanted` URLs in it: its name, what it holds, and its value
/// as it is written. [`Use::Rel`] is resolved.
pub(crate) fn each<H: HandlerTypes>(
    element: &Element<'_, '_, H>,
    wanted: Wanted,
    mut found: impl FnMut(&'static str, Use, String),
) {
    let name = element.tag_name();
    let is = |attribute, value: &str| {
        element.get_attribute(attribute).is_some_and(|text| unescaped(&text).eq_ignore_ascii_case(value))
    };
    for &(attribute, mut held) in of(&name, is_html(element)) {
        if wanted == Wanted::Pages && !matches!(held, Use::Base | Use::Page | Use::Refresh) {
            continue;
        }
        let Some(value) = element.get_attribute(attribute) else { continue };
        match held {
            Use::Refresh if !is("http-equiv", "refresh") => continue,
            Use::Requisite if name == "input" && !is("type", "image") => continue,
            Use::Rel => {
                let rel = element.get_attribute("rel").unwrap_or_default();
                held = if is_needed(&unescaped(&rel)) { Use::Requisite } else { Use::Elsewhere };
            }
            _ => {}
        }
        found(attribute, held, value);
    }
    if wanted == Wanted::All
        && let Some(value) = element.get_attribute("style")
    {
        found("style", Use::Style, value);
    }
}

/// Whether `element` is neither SVG nor MathML.
fn is_html<H: HandlerTypes>(element: &Element<'_, '_, H>) -> bool {
    element.namespace_uri() == "http://www.w3.org/1999/xhtml"
}

/// Whether a page needs what a `<link>` with this `rel` leads to. It is complete without its other forms (`alternate`,
/// `canonical`), its neighbours (`next`, `prev`), and hosts to connect to.
fn is_needed(rel: &str) -> bool {
    let needed = [
        "stylesheet",
        "icon",
        "apple-touch-icon",
        "apple-touch-icon-precomposed",
        "apple-touch-startup-image",
        "mask-icon",
        "manifest",
        "preload",
        "modulepreload",
        "prefetch",
    ];
    rel.split_ascii_whitespace().any(|word| needed.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rels() {
        for (value, needed) in [
            ("stylesheet", true),
            ("Alternate StyleSheet", true),
            ("shortcut\ticon", true),
            ("canonical", false),
            ("alternate", false),
            ("dns-prefetch preconnect", false),
            ("", false),
        ] {
            assert_eq!(is_needed(value), needed, "{value}");
        }
    }

    #[test]
    fn the_selectors_name_what_the_table_knows() {
        for name in ALL.split(',').map(str::trim).filter(|name| *name != "[style]") {
            assert!(!of(name, true).is_empty() || !of(name, false).is_empty(), "{name}");
        }
        assert!(PAGES.split(',').all(|name| ALL.contains(name)));
    }
}
