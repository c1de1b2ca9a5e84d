//! The command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use common::flags::period;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::roots;
use crate::runtime::Choice;
use crate::top::Top;
use crate::units::Units;
use crate::walk::{Rules, Walk};

/// How many files are in a directory tree, and how large they are, on three async runtimes
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  du -v --top 5 ~\n  du --disk -x --si /\n\n\
    Return on a terminal, a byte on stdin, or Ctrl-C ends the walk early: the totals so far are printed, marked as\n\
    partial. In a loop that reads stdin itself, run it with </dev/null.\n\n\
    -v is the book's flag here; the log, which is -v elsewhere, is --verbose alone.\n\n\
    Completions: source <(COMPLETE=bash du)",
    // The book gives -v to the totals.
    mut_arg("verbose", |arg| arg.short(None).help("Tell on stderr what happens (twice: more; RUST_LOG wins)"))
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) common: common::flags::Common,

    #[command(flatten)]
    pub(crate) du: Du,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Du {
    /// Where to begin; a directory with all that is below it, or a file [default: .]
    #[arg(value_name = "PATH", conflicts_with = "files_from")]
    paths: Vec<PathBuf>,

    /// Print the totals so far again and again, for each PATH: in place on a terminal, else as lines on stderr
    #[arg(short = 'v', long)]
    progress: bool,

    /// How often -v prints
    #[arg(long, value_name = "DURATION", default_value = "500ms", value_parser = period)]
    pub(crate) every: Duration,

    /// Directories open at a time; a job of the walk takes at least 4 of them, and there are no more jobs than
    /// threads
    #[arg(long, value_name = "N", default_value = "20", value_parser = at_least_four())]
    pub(crate) limit: usize,

    /// Count allocated blocks, directories too, and a file with several names once, as GNU du does; each
    /// PATH stands for itself
    #[arg(long)]
    disk: bool,

    /// Stay in the file system of each PATH
    #[arg(short = 'x', long)]
    one_file_system: bool,

    /// Print the N largest directories, with all that is below them
    #[arg(long, value_name = "N")]
    top: Option<u16>,

    /// Leave out what GLOB matches, and all below it: the whole path, or what follows a slash in it
    #[arg(long, value_name = "GLOB", value_parser = glob)]
    exclude: Vec<Globs>,

    /// Print one line of JSON (schema/du.schema.json); in names, \xNN is a byte that is no UTF-8
    #[arg(long)]
    json: bool,

    /// Begin at the names in FILE, a line each; - is stdin
    #[arg(long, value_name = "FILE")]
    files_from: Option<PathBuf>,

    /// The names in FILE end with a NUL
    #[arg(short = '0', long, requires = "files_from")]
    null: bool,

    /// Sizes in kB, MB, GB, …: powers of 1000
    #[arg(long, conflicts_with = "iec")]
    si: bool,

    /// Sizes in KiB, MiB, GiB, …: powers of 1024
    #[arg(long)]
    iec: bool,

    /// Walk as the book's program is first written on an async runtime: a task a directory, and its file system calls
    #[arg(long, conflicts_with_all = ["disk", "one_file_system", "top", "exclude"])]
    pub(crate) naive: bool,
}

/// What is printed, and how.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Output {
    pub(crate) progress: bool,
    pub(crate) units: Units,
    pub(crate) json: bool,
    pub(crate) disk: bool,
}

/// One `--exclude`: for the whole path, and for what follows a slash in it.
type Globs = Vec<Glob>;

impl Du {
    /// Where to begin. May block: names can come from stdin.
    ///
    /// # Errors
    /// When the file of names cannot be read.
    pub(crate) fn roots(&self) -> Result<Vec<PathBuf>> {
        match &self.files_from {
            Some(file) => roots::from_file(file, self.null),
            None if self.paths.is_empty() => Ok(vec![".".into()]),
            None => Ok(self.paths.clone()),
        }
    }

    /// What is counted, and how.
    ///
    /// # Errors
    /// When there are more globs than can be matched.
    pub(crate) fn rules(&self) -> Result<Rules> {
        let top = self.top.map(|n| Arc::new(Top::new(n.into())));
        Ok(Rules { disk: self.disk, one_file_system: self.one_file_system, exclude: self.excluded()?, top })
    }

    /// The walk from `roots` on, of at most `jobs` jobs.
    ///
    /// # Errors
    /// When a root cannot be a path.
    pub(crate) fn walk(&self, roots: &[PathBuf], rules: Rules, jobs: usize) -> Result<Walk> {
        Ok(Walk::new(roots::for_system(roots)?, rules, jobs, self.limit))
    }

    /// What is printed, and how.
    pub(crate) fn output(&self) -> Output {
        let units = match (self.si, self.iec) {
            (true, _) => Units::Si,
            (_, true) => Units::Iec,
            _ => Units::Book,
        };
        Output { progress: self.progress, units, json: self.json, disk: self.disk }
    }

    fn excluded(&self) -> Result<Option<GlobSet>> {
        if self.exclude.is_empty() {
            return Ok(None);
        }
        let mut globs = GlobSetBuilder::new();
        for glob in self.exclude.iter().flatten() {
            globs.add(glob.clone());
        }
        Ok(Some(globs.build()?))
    }
}

/// A glob as GNU du takes it: `*` matches slashes too, and it need not match from the beginning on.
fn glob(text: &str) -> Result<Globs, globset::Error> {
    let one = |text: &str| GlobBuilder::new(text).literal_separator(false).build();
    if text.starts_with('/') {
        Ok(vec![one(text)?])
    } else {
        Ok(vec![one(text)?, one(&format!("**/{text}"))?])
    }
}

/// Two for a job, to open a directory in another one, and two to come back to.
fn at_least_four() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(4..=1 << 20)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn globs_match_whole_names_at_any_depth() {
        for (text, matching, not) in [
            ("*.o", &["a.o", "x/a.o", "x/y/.o"][..], &["a.oo", "x.o/a"][..]),
            ("b", &["b", "a/b", "./b"], &["bb", "a/bb", "b/a"]),
            ("a/b", &["a/b", "x/a/b"], &["xa/b", "b"]),
            ("a*c", &["ac", "x/abc", "a/b/c"], &["xac"]),
            ("/a", &["/a"], &["/b/a"]),
            ("[!a]?", &["bb", "x/ba"], &["ab", "x/ab"]),
        ] {
            let globs = glob(text).unwrap();
            let matches = |path: &str| globs.iter().any(|glob| glob.compile_matcher().is_match(path));
            assert!(matching.iter().all(|path| matches(path)), "{text}: {matching:?}");
            assert!(!not.iter().any(|path| matches(path)), "{text}: {not:?}");
        }
        assert!(glob("a[").is_err());
    }
}
