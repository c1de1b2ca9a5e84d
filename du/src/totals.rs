//! The sums: of each root, and of all.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::units::Units;
use crate::walk::{Batch, Counts};

/// How long the results of a walk that was stopped are waited for.
pub(crate) const FINISH: Duration = Duration::from_millis(50);

/// What was found so far.
#[derive(Debug)]
pub(crate) struct Totals {
    roots: Vec<(PathBuf, Counts)>,
    failures: u64,
}

/// What could not be read was told when it was met: this is what is left to say at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failures(pub(crate) u64);

impl std::error::Error for Failures {}

impl std::fmt::Display for Failures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            1 => write!(f, "1 file or directory could not be read"),
            n => write!(f, "{n} files or directories could not be read"),
        }
    }
}

impl Totals {
    /// Nothing found in these roots. A root that comes twice has two lines.
    pub(crate) fn new(roots: &[PathBuf]) -> Self {
        Self { roots: roots.iter().map(|root| (root.clone(), Counts::default())).collect(), failures: 0 }
    }

    /// Takes in what was found.
    pub(crate) fn add(&mut self, batch: &Batch) {
        if let Some((_, counts)) = self.roots.get_mut(batch.root) {
            *counts += batch.counts;
        }
        self.failures += batch.failures.len() as u64;
    }

    /// Each root and what is in it, in the order in which they were given.
    pub(crate) fn roots(&self) -> impl ExactSizeIterator<Item = (&Path, Counts)> {
        self.roots.iter().map(|(root, counts)| (root.as_path(), *counts))
    }

    /// What is in all of them.
    pub(crate) fn all(&self) -> Counts {
        let mut all = Counts::default();
        for (_, counts) in &self.roots {
            all += *counts;
        }
        all
    }

    /// How much could not be read.
    pub(crate) fn failures(&self) -> u64 {
        self.failures
    }

    /// As lines: with several roots one for each, then one for all. The names of the roots are bytes.
    pub(crate) fn lines(&self, units: Units, partial: bool) -> Vec<u8> {
        let end = if partial { " (partial)\n" } else { "\n" };
        let mut text = Vec::new();
        for (root, counts) in self.roots().filter(|_| self.roots.len() > 1) {
            text.extend_from_slice(format!("{} under ", line(counts, units)).as_bytes());
            text.extend_from_slice(root.as_os_str().as_bytes());
            text.extend_from_slice(end.as_bytes());
        }
        text.extend_from_slice((line(self.all(), units) + end).as_bytes());
        text
    }

    /// Nothing, if everything could be read.
    ///
    /// # Errors
    /// How much could not.
    pub(crate) fn complete(&self) -> Result<(), Failures> {
        if self.failures == 0 { Ok(()) } else { Err(Failures(self.failures)) }
    }
}

/// The book's line, without its end.
pub(crate) fn line(counts: Counts, units: Units) -> String {
    format!("{} files  {}", counts.files, units.show(counts.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(roots: &[&str], partial: bool) -> String {
        let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
        let mut totals = Totals::new(&roots);
        for root in 0..roots.len() {
            let counts = Counts { files: 1 + root as u64, bytes: 1_500_000_000 };
            totals.add(&Batch { root, counts, failures: Vec::new() });
        }
        String::from_utf8(totals.lines(Units::Book, partial)).unwrap()
    }

    #[test]
    fn the_line_of_the_book() {
        assert_eq!(text(&["x"], false), "1 files  1.5 GB\n");
        assert_eq!(text(&["x"], true), "1 files  1.5 GB (partial)\n");
    }

    #[test]
    fn a_line_for_each_root_in_their_order_and_for_all() {
        let expected = "1 files  1.5 GB under b\n2 files  1.5 GB under a\n3 files  1.5 GB under b\n\
                        6 files  4.5 GB\n";
        assert_eq!(text(&["b", "a", "b"], false), expected);
    }

    #[test]
    fn sums_stay_at_the_end_of_numbers() {
        let mut totals = Totals::new(&["a".into(), "b".into()]);
        for root in [0, 1, 0] {
            let counts = Counts { files: 1, bytes: u64::MAX };
            totals.add(&Batch { root, counts, failures: Vec::new() });
        }
        assert_eq!(totals.all(), Counts { files: 3, bytes: u64::MAX });
    }
}
