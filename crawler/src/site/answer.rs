//! One answer: its status, its headers, its body, and when it comes.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::header::{
    CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED,
};
use hyper::{Response, StatusCode};

use super::body::{Body, Pause};

/// The type of a page.
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// When everything on the site was last changed, in seconds since 1970: 26 October 2015, 8:00, the day of the book.
const CHANGED: Duration = Duration::from_secs(1_445_846_400);

/// An answer, before it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    content: Content,
    /// How long it is held back, besides the latency of the site.
    pub(crate) after: Duration,
}

#[derive(Debug)]
enum Content {
    Whole(Bytes),
    Endless,
}

impl Answer {
    /// 200 with a body of this type.
    pub(super) fn of(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::new(StatusCode::OK, content_type, Content::Whole(body.into()))
    }

    /// 200 with a page.
    pub(super) fn page(html: String) -> Self {
        Self::of(HTML, html)
    }

    /// A page that goes with another status.
    pub(super) fn told(status: StatusCode, html: String) -> Self {
        Self::new(status, HTML, Content::Whole(html.into()))
    }

    /// A page whose end never comes.
    pub(super) fn endless() -> Self {
        Self::new(StatusCode::OK, HTML, Content::Endless)
    }

    /// With one more header.
    pub(super) fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.headers.insert(name, value);
        }
        self
    }

    /// Held back for so long.
    pub(super) fn after(mut self, pause: Duration) -> Self {
        self.after = pause;
        self
    }

    /// With its marks, `ETag` and `Last-Modified`; without its body if the client says that it has it (RFC 9110,
    /// 13.2.2). Only a 200 has them.
    pub(super) fn unless_known(mut self, asked: &HeaderMap) -> Self {
        let Content::Whole(body) = &self.content else { return self };
        if self.status != StatusCode::OK {
            return self;
        }
        let changed = UNIX_EPOCH + CHANGED;
        let tag = tag(body, self.headers.get(CONTENT_ENCODING));
        if is_known(asked, &tag, changed) {
            self.status = StatusCode::NOT_MODIFIED;
            self.content = Content::Whole(Bytes::new());
            self.headers.remove(CONTENT_TYPE);
            self.headers.remove(CONTENT_ENCODING);
        }
        self.header(ETAG, tag).header(LAST_MODIFIED, httpdate::fmt_http_date(changed))
    }

    /// What hyper sends, with the timer of a runtime for a body that takes its time.
    pub(crate) fn into_response(self, pause: fn(Duration) -> Pause) -> Response<Body> {
        let mut response = Response::new(match self.content {
            Content::Whole(bytes) => Body::whole(bytes),
            Content::Endless => Body::endless(pause),
        });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    fn new(status: StatusCode, content_type: &'static str, content: Content) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, content, after: Duration::ZERO }
    }
}

/// An entity tag: the same for the same bytes, of every site and at all times.
fn tag(body: &[u8], encoding: Option<&HeaderValue>) -> String {
    let mut hasher = DefaultHasher::new();
    (body, encoding).hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether the client has what it asks for. Its entity tags decide, and the date only if there are none.
fn is_known(asked: &HeaderMap, tag: &str, changed: SystemTime) -> bool {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(tags) = text(IF_NONE_MATCH) {
        let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
        return tags.any(|known| known == "*" || known == tag);
    }
    let since = text(IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
    since.is_some_and(|since| changed <= since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_it_does_not_get_it_again() {
        let tag = tag(b"body", None);
        let date = httpdate::fmt_http_date(UNIX_EPOCH + CHANGED);
        let old = "Sun, 25 Oct 2015 08:00:00 GMT";
        for (name, value, status) in [
            (IF_NONE_MATCH, tag.as_str(), 304),
            (IF_NONE_MATCH, &format!("\"other\", W/{tag}"), 304),
            (IF_NONE_MATCH, "*", 304),
            (IF_NONE_MATCH, "\"other\"", 200),
            (IF_MODIFIED_SINCE, &date, 304),
            (IF_MODIFIED_SINCE, old, 200),
            (IF_MODIFIED_SINCE, "yesterday", 200),
        ] {
            let asked = HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())]);
            let answer = Answer::of("text/plain", "body").unless_known(&asked);
            assert_eq!(answer.status, status, "{value}");
            assert_eq!(answer.headers[ETAG], tag);
        }
        let both = HeaderMap::from_iter([
            (IF_NONE_MATCH, HeaderValue::from_static("\"other\"")),
            (IF_MODIFIED_SINCE, HeaderValue::from_str(&date).unwrap()),
        ]);
        assert_eq!(Answer::of("text/plain", "body").unless_known(&both).status, 200);
        assert_eq!(date, "Mon, 26 Oct 2015 08:00:00 GMT");
    }

    #[test]
    fn an_error_has_no_marks() {
        let answer = Answer::told(StatusCode::NOT_FOUND, String::new()).unless_known(&HeaderMap::new());
        assert!(!answer.headers.contains_key(ETAG));
    }
}
