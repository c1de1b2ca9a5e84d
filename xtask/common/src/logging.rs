//! The log: `tracing` on stderr. stdout carries results alone.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts the log: warnings, with `-v` what happens, `-vv` the details, `-vvv` all. `RUST_LOG` wins
/// (`RUST_LOG=clock=debug`). Coloured on a terminal alone, and never with `NO_COLOR`.
///
/// # Errors
/// When `RUST_LOG` is no list of `target=level`, or a log was started before.
pub fn init(verbose: u8) -> anyhow::Result<()> {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) if !filter.is_empty() => {
            filter.parse::<Targets>().with_context(|| format!("RUST_LOG={filter:?}: not target=level,…"))?
        }
        _ => Targets::new().with_default(level),
    };
    let colour = io::stderr().is_terminal() && !crate::plain::is_wanted();
    let stderr = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colour);
    tracing_subscriber::registry().with(stderr.with_filter(filter)).try_init()?;
    Ok(())
}
