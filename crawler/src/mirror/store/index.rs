//! What the copy knows of each URL, from one run to the next: `.crawler/index.json`.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use anyhow::{Context, ensure};
use cap_std::fs::Dir;
use serde::{Deserialize, Serialize};

/// The name of its file.
pub(super) const FILE: &str = "index.json";

/// The form of the file; another one is not read.
const VERSION: u32 = 1;

/// All URLs, in their order.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Index {
    version: u32,
    pub(super) urls: BTreeMap<String, Entry>,
}

/// A URL that was fetched.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Entry {
    /// Its file in the copy; names stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    /// The Content-Type, with its charset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_modified: Option<String>,
    /// The URL that it leads to instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redirect: Option<String>,
    /// Bytes of the body as it was fetched; none if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) length: Option<u64>,
}

impl Index {
    /// That of an earlier run, or an empty one.
    pub(super) fn read(own: &Dir) -> anyhow::Result<Self> {
        let text = match own.read(FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { version: VERSION, urls: BTreeMap::new() });
            }
            Err(error) => return Err(error).context("can't read .crawler/index.json"),
        };
        let index: Self =
            serde_json::from_slice(&text).context(".crawler/index.json is not what mirror writes")?;
        let version = index.version;
        ensure!(version == VERSION, ".crawler/index.json is of version {version}, and this is for {VERSION}");
        Ok(index)
    }

    /// Where `url` ends after its redirects; none if they go round.
    pub(super) fn target(&self, url: &str) -> Option<&Entry> {
        let mut entry = self.urls.get(url)?;
        for _ in 0..20 {
            match &entry.redirect {
                Some(next) => entry = self.urls.get(next)?,
                None => return Some(entry),
            }
        }
        None
    }
}
