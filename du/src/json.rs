//! The result as JSON: one object, of the form that `schema/du.schema.json` describes.
//!
//! Paths are bytes, which JSON does not have. They are escaped (see `escape.rs`): a backslash is two, and `\x` with
//! two digits is a byte that is no UTF-8 or belongs to a control character. JSON then doubles each backslash once
//! more, as in every string.

use std::os::unix::ffi::OsStrExt;

use serde::Serialize;

use crate::escape::escape;
use crate::totals::Totals;
use crate::walk::Counts;

/// The version of this form. A reader of another one must not guess.
const SCHEMA: u32 = 1;

/// What is in some directory trees
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Report {
    /// The version of this form
    schema: u32,
    /// Whether the walk was ended before its end: these are the sums so far
    partial: bool,
    /// Whether bytes are those allocated on the disk; else they are the sizes of files
    disk: bool,
    /// The roots, in the order in which they were given
    roots: Vec<Sum>,
    /// The sums over all roots
    total: Total,
    /// Files and directories that could not be read
    failures: u64,
    /// The largest directories with all below them, the largest first; only with --top
    #[serde(skip_serializing_if = "Option::is_none")]
    top: Option<Vec<Sum>>,
}

/// What is in one directory and below it
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Sum {
    /// Its path: `\\` is a backslash, `\xNN` a byte that is no UTF-8 or belongs to a control character
    path: String,
    /// Files that are no directories
    files: u64,
    /// Bytes
    bytes: u64,
}

/// Sums
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Total {
    /// Files that are no directories
    files: u64,
    /// Bytes
    bytes: u64,
}

impl Sum {
    fn new(path: &[u8], Counts { files, bytes }: Counts) -> Self {
        Self { path: escape(path), files, bytes }
    }
}

impl Report {
    /// What was found, with the largest directories if they were asked for.
    pub(crate) fn new(
        totals: &Totals,
        top: Option<Vec<(Vec<u8>, Counts)>>,
        disk: bool,
        partial: bool,
    ) -> Self {
        let roots = totals.roots().map(|(root, counts)| Sum::new(root.as_os_str().as_bytes(), counts));
        let Counts { files, bytes } = totals.all();
        let top = top.map(|top| top.iter().map(|(path, counts)| Sum::new(path, *counts)).collect());
        Self {
            schema: SCHEMA,
            partial,
            disk,
            roots: roots.collect(),
            total: Total { files, bytes },
            failures: totals.failures(),
            top,
        }
    }

    /// As one line.
    ///
    /// # Errors
    /// None in practice: it holds nothing that JSON has not.
    pub(crate) fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut text = serde_json::to_vec(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use super::*;
    use crate::walk::Batch;

    fn sample() -> Report {
        let mut totals = Totals::new(&[OsStr::from_bytes(b"a\xff\\").into()]);
        totals.add(&Batch { root: 0, counts: Counts { files: 2, bytes: 3 }, failures: Vec::new() });
        Report::new(&totals, Some(vec![(b"b\n".to_vec(), Counts { files: 1, bytes: 1 })]), true, false)
    }

    #[test]
    fn one_line_with_names_escaped() {
        let text = String::from_utf8(sample().line().unwrap()).unwrap();
        let expected = r#"{"schema":1,"partial":false,"disk":true,"roots":[{"path":"a\\xff\\\\","files":2,"bytes":3}],"total":{"files":2,"bytes":3},"failures":0,"top":[{"path":"b\\x0a","files":1,"bytes":1}]}"#;
        assert_eq!(text, format!("{expected}\n"));
    }

    #[test]
    fn the_committed_schema_is_the_one_of_these_types() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/du.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&file, &schema).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(committed, schema, "run `UPDATE_SCHEMA=1 cargo test -p du schema` and commit the file");
    }

    #[test]
    fn a_report_has_what_the_schema_names() {
        let schema = serde_json::to_value(schemars::schema_for!(Report)).unwrap();
        let report = serde_json::to_value(sample()).unwrap();
        for (definition, value) in [
            (&schema, &report),
            (&schema["$defs"]["Sum"], &report["roots"][0]),
            (&schema["$defs"]["Total"], &report["total"]),
        ] {
            for name in definition["required"].as_array().unwrap() {
                assert!(value.get(name.as_str().unwrap()).is_some(), "{name} is not in {value}");
            }
            for name in value.as_object().unwrap().keys() {
                assert!(definition["properties"].get(name).is_some(), "{name} is not in the schema");
            }
        }
    }
}
