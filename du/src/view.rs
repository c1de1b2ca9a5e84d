//! What is shown while the walk is under way, and of it when it is over.

use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;

use common::text::{Outlet, printable};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Output;
use crate::escape::escape;
use crate::json::Report;
use crate::top::Top;
use crate::totals::{Totals, line};
use crate::walk::{Batch, Failure};

/// Roots that have a line of their own in place; of more, there is no room on a terminal.
const ROOTS: usize = 8;

/// Where the totals so far and the failures go: stderr.
#[derive(Debug)]
pub(crate) struct View {
    output: Output,
    /// The totals in place, on a terminal.
    live: Option<ProgressBar>,
}

impl View {
    /// Nothing shown so far.
    pub(crate) fn new(output: Output) -> Self {
        let in_place = io::stderr().is_terminal() && !common::plain::is_wanted();
        let live = (output.progress && in_place).then(|| {
            // A progress bar that is nothing but its message: what is redrawn in place, at any width.
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { output, live }
    }

    /// Whether the totals so far are wanted.
    pub(crate) fn shows_progress(&self) -> bool {
        self.output.progress
    }

    /// Shows the totals so far.
    pub(crate) fn progress(&self, totals: &Totals) {
        let units = self.output.units;
        match &self.live {
            Some(live) => live.set_message(in_place(totals, self.output)),
            // Nobody is left to be told when stderr is gone; the walk goes on.
            None => _ = io::stderr().write_all(&totals.lines(units, false)),
        }
    }

    /// Tells what could not be read.
    pub(crate) fn failures(&self, batch: &Batch) {
        for Failure { path, reason } in &batch.failures {
            let text = format!("du: cannot read {}: {reason}", escape(path));
            match &self.live {
                Some(live) => live.suspend(|| writeln!(io::stderr(), "{text}").ok()),
                None => writeln!(io::stderr(), "{text}").ok(),
            };
        }
    }

    /// What goes to stdout at the end; the totals in place are gone.
    ///
    /// # Errors
    /// None in practice: see [`Report::line`].
    pub(crate) fn result(self, totals: &Totals, top: Option<&Top>, partial: bool) -> anyhow::Result<Vec<u8>> {
        if let Some(live) = &self.live {
            live.finish_and_clear();
        }
        let Output { units, json, disk, .. } = self.output;
        let largest = top.map(Top::largest);
        if json {
            return Ok(Report::new(totals, largest, disk, partial).line()?);
        }
        let mut text = Vec::new();
        for (path, counts) in largest.unwrap_or_default() {
            text.extend_from_slice(format!("{}  ", units.show(counts.bytes)).as_bytes());
            text.extend_from_slice(&path);
            text.push(b'\n');
        }
        text.extend_from_slice(&totals.lines(units, partial));
        Ok(Outlet::stdout().pass(&text).into_owned())
    }
}

/// The totals as a few short lines for a terminal.
fn in_place(totals: &Totals, Output { units, .. }: Output) -> String {
    let roots = totals.roots().len();
    let mut text = String::new();
    for (root, counts) in totals.roots().take(ROOTS).filter(|_| roots > 1) {
        let root = printable(root.as_os_str().as_bytes()).replace(['\n', '\t'], " ");
        text += &format!("{} under {root}\n", line(counts, units));
    }
    if roots > ROOTS {
        text += &format!("… and {} more\n", roots - ROOTS);
    }
    text + &line(totals.all(), units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_place_there_is_no_more_than_fits() {
        let roots: Vec<_> = (0..10).map(|n| format!("r{n}\n").into()).collect();
        let text = in_place(&Totals::new(&roots), Output::default());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), ROOTS + 2, "{text}");
        assert_eq!(lines[0], "0 files  0.0 GB under r0 ");
        assert_eq!(lines[8..], ["… and 2 more", "0 files  0.0 GB"]);
        assert_eq!(in_place(&Totals::new(&roots[..1]), Output::default()), "0 files  0.0 GB");
    }
}
