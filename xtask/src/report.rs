//! `cargo xtask report`: what `compare` has found out, drawn again.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use runner::cargo::Cargo;
use runner::progress::say;

use crate::formats::{self, Format};
use crate::results::Results;
use crate::{Outcome, compare};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Results of `compare` [default: those of the last one, target/compare/results.json]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// How they are written
    #[arg(long, value_name = "FORMAT", default_value = "html")]
    format: Format,

    /// Where to [default: report.html beside FILE for html, else stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let file = args.file.clone().unwrap_or_else(|| compare::results_file(cargo));
    let text = formats::render(&Results::load(&file)?, args.format)?;
    let beside = || (args.format == Format::Html).then(|| file.with_file_name("report.html"));
    match args.out.clone().or_else(beside) {
        None => say(text)?,
        Some(out) => {
            write(&out, &(text + "\n"))?;
            say(cargo.shown(&out))?;
        }
    }
    Ok(Outcome::Good)
}

/// Writes a file, in a folder that need not exist. Whoever reads it meanwhile sees the old one or the new one.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    let fresh = file.with_extension("new");
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(&fresh, text));
    written
        .and_then(|()| fs::rename(&fresh, file))
        .with_context(|| format!("cannot write {}", file.display()))
}
