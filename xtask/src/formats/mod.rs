//! What becomes of the results: one file each.

mod csv;
mod html;
mod markdown;
pub(crate) mod table;
pub(crate) mod units;

use anyhow::Result;
use clap::ValueEnum;

use crate::results::Results;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for a terminal
    Table,
    /// The results as they are, after xtask/schema/results.schema.json
    Json,
    /// A line for each figure
    Csv,
    /// Tables for a README
    Markdown,
    /// The report: one file, to be read anywhere
    Html,
}

/// The results in `format`.
///
/// # Errors
/// When they cannot be written in it.
pub(crate) fn render(results: &Results, format: Format) -> Result<String> {
    match format {
        Format::Table => Ok(table::render(results)),
        Format::Json => results.to_json().map(|json| json.trim_end().to_owned()),
        Format::Csv => csv::render(results),
        Format::Markdown => Ok(markdown::render(results)),
        Format::Html => html::render(results),
    }
}
