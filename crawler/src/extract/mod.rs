//! stub
use url::Url;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Page,
    Requisite,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Pages,
    All,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) kind: Kind,
    pub(crate) url: Box<str>,
}
#[derive(Debug, thiserror::Error)]
#[error("unreadable")]
pub(crate) struct Unreadable;
pub(crate) struct Html {
    base: crate::address::Base,
    text: Vec<u8>,
}
impl Html {
    pub(crate) fn new(url: &Url, _charset: Option<&str>, _wanted: Wanted) -> Self {
        Self { base: crate::address::Base::new(url.clone()), text: Vec::new() }
    }
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Unreadable> {
        self.text.extend_from_slice(chunk);
        Ok(())
    }
    pub(crate) fn finish(self) -> Result<Vec<Link>, Unreadable> {
        let text = String::from_utf8_lossy(&self.text);
        Ok(text
            .split("href=\"")
            .skip(1)
            .filter_map(|t| self.base.join(t.split('"').next()?, encoding_rs::UTF_8))
            .map(|url| Link { kind: Kind::Page, url })
            .collect())
    }
}
pub(crate) fn css(_url: &Url, _charset: Option<&str>, _bytes: &[u8]) -> Vec<Link> {
    Vec::new()
}
