//! Running the crawler, and reading what it prints.

use std::fmt::Debug;

use anyhow::{Context, Result, ensure};
use kit::tricks::Tricks;
use kit::{Program, Running};
use serde::Deserialize;

/// How the pages can be shared out.
pub(crate) const STRATEGIES: [&str; 2] = ["workers", "semaphore"];

/// One line of `--format json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) final_url: String,
    pub(crate) status: Option<u16>,
    pub(crate) depth: u32,
    pub(crate) from: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) ms: u64,
    pub(crate) links: u64,
    pub(crate) error: Option<String>,
}

/// What a run of the crawler printed.
#[derive(Debug)]
pub(crate) struct Crawled {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs it to its end, which is to be a success.
pub(crate) fn run<S: AsRef<str>>(crawler: &Program, args: impl IntoIterator<Item = S>) -> Result<Crawled> {
    ending(crawler, 0, args)
}

/// Runs it to its end, which is to be this exit code.
pub(crate) fn ending<S: AsRef<str>>(
    crawler: &Program,
    code: i32,
    args: impl IntoIterator<Item = S>,
) -> Result<Crawled> {
    finished(crawler.start(args)?, code)
}

/// What it prints until its end, which is to be this exit code.
pub(crate) fn finished(mut run: Running, code: i32) -> Result<Crawled> {
    let stdout = run.rest()?;
    run.expect_exit(code)?;
    Ok(Crawled { stdout, stderr: run.stderr() })
}

/// `crawl --format json` from the root of `server`, with more flags.
pub(crate) fn json(crawler: &Program, server: &Tricks, flags: &[&str]) -> Result<Crawled> {
    run(crawler, [&["crawl", &server.url("/"), "--format", "json"], flags].concat())
}

impl Crawled {
    /// The objects of `--format json`.
    pub(crate) fn pages(&self) -> Result<Vec<Page>> {
        let parse = |line: &str| serde_json::from_str(line).with_context(|| format!("in {line:?}"));
        self.stdout.lines().map(parse).collect()
    }

    /// The object of the URL with this path, which is to be the only one.
    pub(crate) fn page(&self, path: &str) -> Result<Page> {
        let mut pages = self.pages()?;
        pages.retain(|page| path_of(&page.url) == path);
        ensure!(pages.len() == 1, "expected {path} once\n     got {pages:?} of {}", self.stdout);
        Ok(pages.remove(0))
    }

    /// The paths of what was printed as text, sorted.
    pub(crate) fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.stdout.lines().map(path_of).collect();
        paths.sort_unstable();
        paths
    }

    /// Expects the summary to count `n` errors of `kind`.
    pub(crate) fn expect_errors(&self, n: usize, kind: &str) -> Result<()> {
        let counted = format!("{n} {kind}");
        ensure!(self.stderr.contains(&counted), "expected {counted:?} in\n{}", self.stderr);
        Ok(())
    }
}

/// The path of a URL, with its query.
pub(crate) fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// Expects two things to be the same.
pub(crate) fn same<T: Debug + PartialEq>(what: &str, got: T, expected: T) -> Result<()> {
    ensure!(got == expected, "{what}: expected {expected:?}\n     got {got:?}");
    Ok(())
}

/// Expects these, sorted.
pub(crate) fn same_paths(got: &[&str], expected: &[&str]) -> Result<()> {
    let (mut got, mut expected) = (got.to_vec(), expected.to_vec());
    got.sort_unstable();
    expected.sort_unstable();
    let more: Vec<_> = got.iter().filter(|path| !expected.contains(path)).collect();
    let missing: Vec<_> = expected.iter().filter(|path| !got.contains(path)).collect();
    ensure!(
        got == expected,
        "expected {expected:?}\n     got more: {more:?}, not: {missing:?}, all: {got:?}"
    );
    Ok(())
}
