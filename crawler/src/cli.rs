//! The command line.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use common::flags::{duration, period, size};
use globset::Glob;
use url::Url;

use crate::address;
use crate::runtime::Choice;

/// A polite web crawler, a mirror, a race of requests, and a site to practise on, on three async runtimes
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  crawler site --listen 127.0.0.1:8000\n  crawler crawl http://127.0.0.1:8000 --depth 2\n  \
    crawler mirror http://127.0.0.1:8000 --out copy\n\nCompletions: source <(COMPLETE=bash crawler)"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) common: common::flags::Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The programs of the section.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print every page that can be reached (8.6, exercises 8.6 and 8.10)
    Crawl(Crawl),
    /// Copy a site, so that the copy can be read without it (exercise 8.7)
    Mirror(Mirror),
    /// Ask for several URLs, print the first that comes and cancel the others (exercise 8.11)
    Fastest(Fastest),
    /// Serve a generated web site to practise on
    Site(Site),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: crawler crawl http://127.0.0.1:8000 --depth 3 --format json")]
pub(crate) struct Crawl {
    /// Where to begin
    #[arg(value_name = "URL", required = true, value_parser = address::parse)]
    pub(crate) urls: Vec<Url>,

    #[command(flatten)]
    pub(crate) polite: Polite,

    #[command(flatten)]
    pub(crate) client: Client,

    /// What is printed: each URL as its fetch begins, an object for each page, or a graph for Graphviz
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Example: crawler mirror http://127.0.0.1:8000 --out copy, again to fetch what has changed"
)]
pub(crate) struct Mirror {
    /// What to copy
    #[arg(value_name = "URL", required = true, value_parser = address::parse)]
    pub(crate) urls: Vec<Url>,

    /// The folder for the copy, made if it is not there
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) polite: Polite,

    #[command(flatten)]
    pub(crate) client: Client,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Example: crawler fastest http://127.0.0.1:8000/slow http://127.0.0.1:8000/ > page.html"
)]
pub(crate) struct Fastest {
    /// The mirrors to ask, all at once
    #[arg(value_name = "URL", required = true, num_args = 1..=256, value_parser = address::parse)]
    pub(crate) urls: Vec<Url>,

    /// Follow redirects to other hosts
    #[arg(long)]
    pub(crate) any_host: bool,

    #[command(flatten)]
    pub(crate) client: Client,
}

#[derive(Args, Debug)]
#[command(after_help = "Example: crawler site --pages 5000 --latency 20ms")]
pub(crate) struct Site {
    #[command(flatten)]
    pub(crate) server: common::flags::Server,

    /// How many pages there are, besides the corners
    #[arg(long, value_name = "N", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) pages: u32,

    /// Links on a page
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    pub(crate) links: u32,

    /// How long each answer is held back
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = duration)]
    pub(crate) latency: Duration,

    /// What the links are drawn from: the same number gives the same site
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Only the pages: without redirects, errors, slow pages and all else that is there to practise on
    #[arg(long)]
    pub(crate) no_corners: bool,

    /// Ask in robots.txt for a pause between two requests
    #[arg(long, value_name = "SECONDS")]
    pub(crate) crawl_delay: Option<u32>,
}

impl Site {
    /// Starts to listen, and says where.
    ///
    /// # Errors
    /// An address that cannot be listened on, named; or a stdout that is gone.
    pub(crate) fn listen(&self) -> anyhow::Result<TcpListener> {
        let listener = common::net::listen(&self.server.listen)?;
        common::net::announce(&listener)?;
        Ok(listener)
    }
}

/// How far a crawl goes, and what it demands of others.
#[derive(Args, Clone, Debug)]
pub(crate) struct Polite {
    /// Follow at most N links in a row from where it begins
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<u32>,

    /// How the pages are shared out: a task for each, bounded by a semaphore, or long-lived workers
    #[arg(long, value_enum, default_value_t)]
    pub(crate) strategy: Strategy,

    /// Requests at a time
    #[arg(long, value_name = "N", default_value = "20", value_parser = from_to(1, 10_000))]
    pub(crate) limit: usize,

    /// Requests at a time to one host
    #[arg(long, value_name = "N", default_value = "8", value_parser = from_to(1, 10_000))]
    pub(crate) per_host: usize,

    /// Leave the hosts of the given URLs
    #[arg(long)]
    pub(crate) any_host: bool,

    /// Fetch what robots.txt forbids, and as fast as you can
    #[arg(long)]
    pub(crate) ignore_robots: bool,

    /// URLs to fetch in all; those nearest to where it begins
    #[arg(long, value_name = "N", default_value = "100000", value_parser = from_to(1, 100_000_000))]
    pub(crate) max_pages: usize,

    /// The longest wait that a host may ask for, by Retry-After or Crawl-delay; a longer one is given up
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = duration)]
    pub(crate) max_wait: Duration,

    /// Only URLs that match, besides the given ones; * is anything (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) include: Vec<Glob>,

    /// No URLs that match; * is anything (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<Glob>,
}

/// How requests are made.
#[derive(Args, Clone, Debug)]
pub(crate) struct Client {
    /// How long each may take: connecting, the first byte of an answer, the whole of it
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = period)]
    pub(crate) timeout: Duration,

    /// The largest body, unpacked
    #[arg(long, value_name = "SIZE", default_value = "8MiB", value_parser = size)]
    pub(crate) max_body: usize,

    /// Trust this certificate authority (PEM) as well
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// Who asks; robots.txt knows it by its first word
    #[arg(long, value_name = "TEXT", default_value = concat!("ch8-crawler/", env!("CARGO_PKG_VERSION")))]
    pub(crate) user_agent: String,
}

/// How the pages are shared out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Strategy {
    /// Long-lived workers (the book's third crawler)
    #[default]
    Workers,
    /// A task for each page, as many at a time as there are permits (the book's second)
    Semaphore,
}

/// What `crawl` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Each URL, as its fetch begins
    #[default]
    Text,
    /// An object for each page, as its fetch ends
    Json,
    /// The graph of pages and links, for Graphviz
    Dot,
}

/// A number from `least` to `most`: queues are bounded, and some are made for all that they may hold.
fn from_to(least: u64, most: u64) -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(least..=most)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
