//! The flags that programs share, and the parsers of their values.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, Parser};

/// The longest duration a flag takes: a year. Timers panic or overflow far beyond it.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The flags of every program.
#[derive(Args, Clone, Copy, Debug)]
pub struct Common {
    /// Worker threads of the runtime
    #[arg(long, env = "CH8_THREADS", global = true, value_name = "N", hide_env_values = true,
          default_value_t = cores(), value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: u16,

    /// Tell on stderr what happens (-vv: more; RUST_LOG wins)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The flags of every server.
#[derive(Args, Clone, Debug)]
pub struct Server {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    pub listen: String,

    /// Clients served at a time; one more is told so and let go
    #[arg(long, value_name = "N", default_value = "16384")]
    pub max_clients: NonZeroUsize,

    /// How long clients may finish after Ctrl-C or SIGTERM
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub grace: Duration,
}

/// Parses the command line, after the shell completions had their turn (`COMPLETE=bash clock` prints what
/// makes the shell ask). A wrong command line ends the program with 2, `--help` with 0.
pub fn parse<P: Parser>() -> P {
    clap_complete::CompleteEnv::with_factory(P::command).complete();
    P::parse()
}

/// A duration as `250ms`, `1s`, `5m` or `1h 30m`; at most a year.
///
/// # Errors
/// What is wrong with it, for clap to show.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|e| format!("{e} (like 250ms, 1s, 5m)"))?;
    if duration > LONGEST { Err("longer than a year".to_owned()) } else { Ok(duration) }
}

/// Like [`duration`], but longer than nothing: for what repeats.
///
/// # Errors
/// What is wrong with it, for clap to show.
pub fn period(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("must be longer than 0".to_owned()),
        period => Ok(period),
    }
}

/// A size in bytes as `512`, `64KiB` or `8MiB`.
///
/// # Errors
/// What is wrong with it, for clap to show.
pub fn size(text: &str) -> Result<usize, String> {
    let size: bytesize::ByteSize = text.parse().map_err(|e| format!("{e} (like 512, 64KiB, 8MiB)"))?;
    usize::try_from(size.as_u64()).map_err(|_| "more than this machine can address".to_owned())
}

fn cores() -> u16 {
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    u16::try_from(cores).unwrap_or(u16::MAX).min(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        assert_eq!(period("0s"), Err("must be longer than 0".to_owned()));
        for wrong in ["", "5", "-1s", "1x", "2y", "999999999999999999999s"] {
            assert!(duration(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(size("512"), Ok(512));
        assert_eq!(size("64KiB"), Ok(64 << 10));
        assert_eq!(size("8MiB"), Ok(8 << 20));
        for wrong in ["", "KiB", "-1", "1 apple"] {
            assert!(size(wrong).is_err(), "{wrong:?}");
        }
    }
}
