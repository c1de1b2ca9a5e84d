//! The command line of `cargo xtask compare`.

use std::path::PathBuf;
use std::thread::available_parallelism;

use clap::builder::PossibleValuesParser;
use runner::exercises::EXERCISES;

use crate::formats::Format;
use crate::results::{Scale, Settings};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The exercises; all when none is named
    #[arg(value_name = "EXERCISE", value_parser = PossibleValuesParser::new(EXERCISES.iter().map(|e| e.name)))]
    pub(super) exercise: Vec<String>,

    /// Small loads and few rounds: a first look, within a minute
    #[arg(long)]
    quick: bool,

    /// The largest loads, and how long a clean build takes
    #[arg(long, conflicts_with = "quick")]
    full: bool,

    /// Compare these programs too: a TOML file of `[[implementation]]` tables
    #[arg(long, value_name = "FILE")]
    pub(super) impls: Option<PathBuf>,

    /// Clients of a server at a time [default: 1000; 200 with --quick, 10000 with --full]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(32..=25_000))]
    clients: Option<u16>,

    /// Cross-test programs again that have passed before
    #[arg(long)]
    pub(super) retest: bool,

    /// Show what has changed since these results
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Fail when a measured figure is worse than in the baseline by more than this, and not by chance
    #[arg(long, value_name = "PERCENT", requires = "baseline", value_parser = percent)]
    pub(super) fail_on_regression: Option<f64>,

    /// What is printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: Format,

    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
}

/// A number of percent, with or without its sign.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
    number
        .ok()
        .filter(|n| (0.0..1e6).contains(n))
        .ok_or("expected a number of percent, such as 10".to_owned())
}

impl Args {
    /// How much is measured.
    pub(super) fn settings(&self) -> Settings {
        let scale = match (self.quick, self.full) {
            (true, _) => Scale::Quick,
            (_, true) => Scale::Full,
            _ => Scale::Standard,
        };
        Settings {
            scale,
            clients: self.clients.map_or(scale.pick(200, 1_000, 10_000), usize::from),
            threads: cores(),
            least_rounds: scale.pick(3, 5, 5),
            most_rounds: scale.pick(3, 9, 15),
        }
    }
}

/// Cores that the programs can use.
fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents() {
        assert_eq!((percent("10"), percent("2.5%")), (Ok(10.0), Ok(2.5)));
        for wrong in ["", "x", "-1", "NaN", "inf"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
