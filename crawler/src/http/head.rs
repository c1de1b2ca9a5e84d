//! What stands in front of a body: the fields of a request, and what those of an answer mean.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::Empty;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::response;
use hyper::{Request, StatusCode, Version};
use url::{Position, Url};

use super::body::ACCEPTED;
use crate::content::{self, Content};

/// What is known of a page that was fetched before (RFC 9110, 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// The head of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    version: Version,
    fields: HeaderMap,
}

/// The request for `url`. None if it cannot be written down in HTTP.
pub(super) fn request(
    url: &Url,
    agent: &HeaderValue,
    known: Option<&Validators>,
) -> Option<Request<Empty<Bytes>>> {
    let mut request = Request::new(Empty::new());
    // The form for a server that is no proxy (RFC 9112, 3.2.1); the host has a field of its own.
    *request.uri_mut() = url[Position::BeforePath..].parse().ok()?;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let fields = request.headers_mut();
    fields.reserve(6);
    fields.insert(header::HOST, HeaderValue::from_str(host).ok()?);
    fields.insert(header::USER_AGENT, agent.clone());
    fields.insert(header::ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"));
    fields.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED));
    let mut condition = |name: HeaderName, value: Option<&String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            fields.insert(name, value);
        }
    };
    if let Some(known) = known {
        condition(header::IF_NONE_MATCH, known.etag.as_ref());
        condition(header::IF_MODIFIED_SINCE, known.last_modified.as_ref());
    }
    Some(request)
}

impl Head {
    pub(super) fn new(parts: response::Parts) -> Self {
        Self { status: parts.status, version: parts.version, fields: parts.headers }
    }

    /// Whether the server says that it will take another request on the connection (RFC 9112, 9.3).
    pub(super) fn keeps_alive(&self) -> bool {
        let says = |option: &str| {
            let fields =
                self.fields.get_all(header::CONNECTION).iter().filter_map(|field| field.to_str().ok());
            fields.flat_map(|field| field.split(',')).any(|word| word.trim().eq_ignore_ascii_case(option))
        };
        !says("close") && (self.version == Version::HTTP_11 || says("keep-alive"))
    }

    /// A field as text; none if it is not there, or not text.
    fn text(&self, name: HeaderName) -> Option<&str> {
        self.fields.get(name)?.to_str().ok().map(str::trim)
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.text(header::CONTENT_TYPE)
    }

    pub(super) fn content_encoding(&self) -> &str {
        self.text(header::CONTENT_ENCODING).unwrap_or_default()
    }

    /// The bytes of the body as they come, if that is said.
    pub(crate) fn length(&self) -> Option<u64> {
        self.text(header::CONTENT_LENGTH)?.parse().ok()
    }

    /// Where the page is, if this is a redirect (RFC 9110, 15.4): an inner none is one that does not say.
    pub(crate) fn location(&self) -> Option<Option<&str>> {
        matches!(self.status.as_u16(), 301 | 302 | 303 | 307 | 308).then(|| self.text(header::LOCATION))
    }

    /// Whether the server asks to come again (RFC 6585, 4; RFC 9110, 15.6.4).
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.status.as_u16(), 429 | 503)
    }

    /// When to come again (RFC 9110, 10.2.3), from `now` on: seconds or a date.
    pub(crate) fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        let text = self.text(header::RETRY_AFTER)?;
        match text.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => Some(httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default()),
        }
    }

    pub(crate) fn validators(&self) -> Validators {
        let text = |name| self.text(name).map(str::to_owned);
        Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) }
    }

    /// Whether the body is a page with links in it.
    pub(crate) fn is_html(&self) -> bool {
        Content::of(self.content_type()) == Content::Html
    }

    /// The encoding that `Content-Type` names.
    pub(crate) fn charset(&self) -> Option<&str> {
        content::charset(self.content_type())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, fields: &[(&'static str, &str)]) -> Head {
        let fields = fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        let status = StatusCode::from_u16(status).unwrap();
        Head { status, version: Version::HTTP_11, fields: fields.collect() }
    }

    #[test]
    fn when_to_come_again() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (text, seconds) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let head = head(503, &[("retry-after", text)]);
            assert_eq!(head.retry_after(now).map(|wait| wait.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn what_keeps_a_connection() {
        for (version, field, kept) in [
            (Version::HTTP_11, "", true),
            (Version::HTTP_11, "x, Close", false),
            (Version::HTTP_10, "", false),
            (Version::HTTP_10, "Keep-Alive", true),
        ] {
            let head = Head { version, ..head(200, &[("connection", field)]) };
            assert_eq!(head.keeps_alive(), kept, "{version:?} {field}");
        }
    }

    #[test]
    fn the_request_names_its_host_as_the_url_does() {
        let agent = HeaderValue::from_static("me");
        for (url, host, path) in [
            ("http://example.com", "example.com", "/"),
            ("http://example.com:8080/a?b=c|d", "example.com:8080", "/a?b=c|d"),
            ("https://[::1]:8443/", "[::1]:8443", "/"),
        ] {
            let request = request(&url.parse().unwrap(), &agent, None).unwrap();
            assert_eq!(
                (request.headers()["host"].to_str().unwrap(), request.uri().to_string().as_str()),
                (host, path)
            );
        }
    }
}
