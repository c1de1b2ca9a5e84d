//! `cargo xtask report`: what `compare` has found out, drawn again.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::Outcome;
use crate::cargo::Cargo;
use crate::compare::results_file;
use crate::formats::html;
use crate::progress::say;
use crate::results::Results;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Results of `compare` [default: those of the last one, target/compare/results.json]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Where to write it [default: report.html beside FILE]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let file = args.file.clone().unwrap_or_else(|| results_file(cargo));
    ensure!(file.is_file(), "there are no results in {}: run `cargo xtask compare`", cargo.shown(&file));
    let html = html::render(&Results::load(&file)?)?;
    let out = args.out.clone().unwrap_or_else(|| file.with_file_name("report.html"));
    fs::write(&out, html).with_context(|| format!("cannot write {}", out.display()))?;
    say(cargo.shown(&out))?;
    Ok(Outcome::Good)
}
