//! What a Content-Type says (RFC 9110, 8.3).

/// What is done with a body, and what its file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Html,
    Css,
    Script,
    Svg,
    Other,
}

impl Content {
    /// Of a body with this Content-Type.
    pub(crate) fn of(content_type: Option<&str>) -> Self {
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match &*essence.to_ascii_lowercase() {
            "text/html" | "application/xhtml+xml" => Self::Html,
            "text/css" => Self::Css,
            "text/javascript" | "application/javascript" | "application/x-javascript" => Self::Script,
            "image/svg+xml" => Self::Svg,
            _ => Self::Other,
        }
    }

    /// The extensions that tell a browser without a server what it is, the usual one first; none if it can tell itself.
    pub(crate) fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["html", "htm", "xhtml", "xht"],
            Self::Css => &["css"],
            Self::Script => &["js", "mjs"],
            Self::Svg => &["svg"],
            Self::Other => &[],
        }
    }
}

/// The charset that a Content-Type names.
pub(crate) fn charset(content_type: Option<&str>) -> Option<&str> {
    content_type?.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types() {
        for (text, content, label) in [
            (Some("Text/HTML; Charset=\"UTF-8\""), Content::Html, Some("UTF-8")),
            (Some("text/css;a=b;charset=koi8-r"), Content::Css, Some("koi8-r")),
            (Some("text/plain"), Content::Other, None),
            (None, Content::Other, None),
        ] {
            assert_eq!((Content::of(text), charset(text)), (content, label));
        }
    }
}
