//! What the runner tells while it works: on stderr, as a live line on a terminal and as plain lines
//! elsewhere. What it found out goes to stdout.

use std::fmt::Display;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use common::exit;
use console::style;
use indicatif::{ProgressBar, ProgressStyle};

/// How often a long step shows without a terminal that it is alive.
const BEAT: Duration = Duration::from_secs(10);

/// One step of the work. A step that is dropped before its end has failed.
pub struct Step {
    label: String,
    start: Instant,
    /// Hidden when stderr is no terminal.
    bar: ProgressBar,
    beat: Mutex<Instant>,
    ended: bool,
}

impl Step {
    /// Begins a step whose length is not known.
    pub fn new(label: impl Into<String>) -> Self {
        Self::begin(label.into(), ProgressBar::new_spinner(), "{spinner} {prefix} {elapsed} {wide_msg}")
    }

    /// Begins a step of `n` parts.
    pub fn counted(label: impl Into<String>, n: u64) -> Self {
        let template = "{spinner} {prefix} {pos}/{len} {elapsed} {wide_msg}";
        Self::begin(label.into(), ProgressBar::new(n), template)
    }

    fn begin(label: String, bar: ProgressBar, template: &str) -> Self {
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = bar.with_style(style).with_prefix(label.clone());
        if bar.is_hidden() {
            tell(&format!("{label} …"));
        } else {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        let start = Instant::now();
        Self { label, start, bar, beat: Mutex::new(start), ended: false }
    }

    /// Says what it is at.
    pub fn at(&self, what: impl Display) {
        let what = what.to_string();
        if self.bar.is_hidden() {
            let mut beat = self.beat.lock().unwrap_or_else(PoisonError::into_inner);
            if beat.elapsed() > BEAT {
                *beat = Instant::now();
                let part = self.bar.length().map(|n| format!("{}/{n} ", self.bar.position()));
                tell(&format!("  … {}{what}", part.unwrap_or_default()));
            }
        } else {
            self.bar.set_message(what);
        }
    }

    /// One part more is done.
    pub fn advance(&self) {
        self.bar.inc(1);
    }

    /// Learns of `n` parts more.
    pub fn more(&self, n: u64) {
        self.bar.inc_length(n);
    }

    /// Writes `text` above the live line.
    pub fn above(&self, text: &str) {
        self.bar.suspend(|| tell(text));
    }

    /// Ends it, with what came out.
    pub fn done(self, result: impl Display) {
        self.end(true, result);
    }

    /// Ends it, with what came out, which is what was hoped for or not.
    pub fn end(mut self, good: bool, result: impl Display) {
        self.close(good, &result.to_string());
    }

    fn close(&mut self, good: bool, result: &str) {
        self.ended = true;
        self.bar.finish_and_clear();
        let mark = if good { style("✓").green() } else { style("✗").red() };
        let colon = if result.is_empty() { "" } else { ": " };
        let took = style(format!("({})", took(self.start.elapsed()))).dim();
        tell(&format!("{} {}{colon}{result} {}", mark.for_stderr(), self.label, took.for_stderr()));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.ended {
            self.close(false, "failed");
        }
    }
}

/// A duration as people say it.
pub fn took(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// A duration of which the fractions of a second do not matter.
pub fn whole(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => took(duration),
    }
}

/// Writes a line to stderr.
pub fn tell(text: &str) {
    // Nobody is left to be told when stderr is gone; the work goes on.
    writeln!(io::stderr(), "{text}").ok();
}

/// Writes a line to stdout.
pub fn say(text: impl Display) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(exit::stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(took(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(took(Duration::from_secs(83)), "1 min 23 s");
        assert_eq!(whole(Duration::from_millis(12_340)), "12 s");
        assert_eq!(whole(Duration::from_secs(83)), "1 min 23 s");
    }
}
