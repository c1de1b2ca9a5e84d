//! What is told while thumbnails are made, and in the end.

use std::io::{self, IsTerminal, Write};

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Outcome;

/// What has been made so far. Shows it on a terminal, with the errors above it.
#[derive(Debug)]
pub(crate) struct Report {
    made: u64,
    skipped: u64,
    failed: u64,
    bar: ProgressBar,
}

impl Report {
    /// Nothing so far, of `total` pictures, if that is known.
    pub(crate) fn new(total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, target());
        let template = match total {
            Some(_) => "{bar:30} {pos}/{len}  {eta} left",
            None => "{pos} done",
        };
        // A template of ours is never malformed; if it were, there would be the default one.
        let style = ProgressStyle::with_template(template);
        Self {
            made: 0,

            skipped: 0,
            failed: 0,
            bar: bar.with_style(style.unwrap_or(ProgressStyle::default_bar())),
        }
    }

    /// Takes note of what came of a picture; an error is told at once. Returns whether there was none.
    pub(crate) fn take(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Made => self.made += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed(error) => {
                self.failed += 1;
                // Nobody is left to be told when stderr is gone; the exit code still says it.
                self.bar.suspend(|| writeln!(io::stderr(), "error: {error:#}").ok());
            }
            Outcome::Stopped => return true,
        }
        self.bar.inc(1);
        !matches!(outcome, Outcome::Failed(_))
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// How it ended.
    ///
    /// # Errors
    /// When there was an error, or no picture at all.
    pub(crate) fn end(&self) -> Result<()> {
        let Self { made, skipped, failed, .. } = *self;
        if skipped > 0 {
            tracing::warn!("{skipped} left out: thumbnails by their names");
        }
        match (failed, made + failed) {
            (0, _) => Ok(()),
            (1, 1) => bail!("the picture has no thumbnail"),
            (failed, all) => bail!("{failed} of {all} pictures have no thumbnail"),
        }
    }
}

/// A terminal, unless its user wants it plain.
fn target() -> ProgressDrawTarget {
    if common::plain::is_wanted() || !io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_counts() {
        let mut report = Report::new(Some(4));
        assert!(
            report.take(&Outcome::Made) && report.take(&Outcome::Skipped) && report.take(&Outcome::Stopped)
        );
        assert!(report.end().is_ok());
        assert!(!report.take(&Outcome::Failed(anyhow::Error::msg("no picture"))));
        assert_eq!(report.end().unwrap_err().to_string(), "1 of 2 pictures have no thumbnail");
    }
}
