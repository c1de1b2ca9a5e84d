//! The command line.

mod thumbs;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use common::flags::duration;

use crate::cake::{Shop, Step};
use crate::runtime::Choice;

pub(crate) use self::thumbs::{Thumbs, Wrong};

/// Channels, and loops in parallel, on three async runtimes
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example:\n  pipeline squares --count 10\n  pipeline cake --icers 5 --ice 50ms\n  \
    pipeline thumbs *.jpg\n  pipeline mandelbrot -o mandelbrot.png\n\n\
    Completions: source <(COMPLETE=bash pipeline)"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) choice: Choice,

    #[command(flatten)]
    pub(crate) common: common::flags::Common,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The programs of the two sections.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Count, square and print: three tasks and two channels (8.4)
    Squares(Squares),
    /// Bake, ice and inscribe cakes, and tell what waited for what (8.4)
    Cake(Cake),
    /// Make thumbnails of pictures, several at a time (8.5)
    Thumbs(Thumbs),
    /// Draw the Mandelbrot set, its rows shared out to workers (exercise 8.5)
    Mandelbrot(Mandelbrot),
}

#[derive(Args, Debug)]
#[command(after_help = "Example: pipeline squares --forever | head\n\n\
    No channel of these runtimes has capacity 0, as Go's unbuffered one: a sender is ahead by at least one message.")]
pub(crate) struct Squares {
    /// How many numbers
    #[arg(long, value_name = "N", default_value_t = 100)]
    count: u64,

    /// Go on until stdout is closed, or a square does not fit into 64 bits
    #[arg(long, conflicts_with = "count")]
    forever: bool,

    /// The number to begin with
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,

    /// Wait this long before each number
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) every: Duration,

    /// Messages that a channel holds before its sender waits, at least 1
    #[arg(long, value_name = "N", default_value = "1", value_parser = from_to(1, 1 << 20))]
    pub(crate) capacity: usize,

    /// Numbers in a message; 1 is the book's
    #[arg(long, value_name = "N", default_value = "4096", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    batch: u64,

    /// Print nothing but the sum of the squares
    #[arg(long)]
    pub(crate) sum: bool,
}

impl Squares {
    /// What is to be counted.
    pub(crate) fn naturals(&self) -> Range<u64> {
        let end = if self.forever { u64::MAX } else { self.from.saturating_add(self.count) };
        self.from..end
    }

    /// Numbers in a message. Those that come one by one are not kept until there is a batch of them.
    pub(crate) fn batch(&self) -> u64 {
        if self.every.is_zero() { self.batch } else { 1 }
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Example: pipeline cake --ice 50ms --icers 5")]
pub(crate) struct Cake {
    /// How many cakes
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cakes: u32,

    /// How long baking a cake takes
    #[arg(long, value_name = "DURATION", default_value = "10ms", value_parser = duration)]
    bake: Duration,

    /// How long icing a cake takes
    #[arg(long, value_name = "DURATION", default_value = "10ms", value_parser = duration)]
    ice: Duration,

    /// How long inscribing a cake takes
    #[arg(long, value_name = "DURATION", default_value = "10ms", value_parser = duration)]
    inscribe: Duration,

    /// The standard deviation of baking; a time that comes out below 0 is 0
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    bake_sd: Duration,

    /// The standard deviation of icing
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    ice_sd: Duration,

    /// The standard deviation of inscribing
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    inscribe_sd: Duration,

    /// Cakes that may stand between baking and icing; with 0 a cake is handed over
    #[arg(long, value_name = "N", default_value = "0", value_parser = from_to(0, 1 << 20))]
    bake_buffer: usize,

    /// Cakes that may stand between icing and inscribing; with 0 a cake is handed over
    #[arg(long, value_name = "N", default_value = "0", value_parser = from_to(0, 1 << 20))]
    ice_buffer: usize,

    /// Cooks who ice
    #[arg(long, value_name = "N", default_value = "1", value_parser = from_to(1, 10_000))]
    icers: usize,

    /// How often to make all of them; several times give a mean and its spread
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) runs: u32,

    /// What the times are drawn from: the same number gives the same times
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Cake {
    /// The shop that is asked for.
    pub(crate) fn shop(&self) -> Shop {
        let step = |mean, deviation| Step { mean, deviation };
        Shop {
            cakes: self.cakes,
            bake: step(self.bake, self.bake_sd),
            ice: step(self.ice, self.ice_sd),
            inscribe: step(self.inscribe, self.inscribe_sd),
            bake_buffer: self.bake_buffer,
            ice_buffer: self.ice_buffer,
            icers: self.icers,
            seed: self.seed,
        }
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Example: pipeline mandelbrot --size 2048 -o mandelbrot.png\n\n\
    --sweep answers the exercise: how many workers are best?")]
pub(crate) struct Mandelbrot {
    /// Width and height of the picture, in points
    #[arg(long, value_name = "N", default_value = "1024", value_parser = clap::value_parser!(u32).range(1..=16_384))]
    pub(crate) size: u32,

    /// How many work at a time, or `all`: one a row [default: the machine's cores]
    #[arg(long, value_name = "N|all")]
    workers: Option<Workers>,

    /// Draw in a plain loop, without workers
    #[arg(long, conflicts_with_all = ["workers", "sweep"])]
    pub(crate) plain: bool,

    /// Where the PNG goes; - is stdout
    #[arg(short, long, value_name = "FILE", required_unless_present = "sweep", conflicts_with = "sweep")]
    output: Option<PathBuf>,

    /// Time 1, 2, 4, … workers up to one a row, and print the table
    #[arg(long)]
    pub(crate) sweep: bool,

    /// Draw the table of --sweep as SVG
    #[arg(long, value_name = "FILE", requires = "sweep", conflicts_with = "output")]
    pub(crate) plot: Option<PathBuf>,
}

/// A number from `least` to `most`: queues are bounded, and some are made for all that they may hold.
fn from_to(least: u64, most: u64) -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(least..=most)
}

impl Mandelbrot {
    /// How many work at a time.
    pub(crate) fn workers(&self) -> usize {
        let rows = usize::try_from(self.size).unwrap_or(usize::MAX);
        match self.workers {
            Some(Workers::All) => rows,
            Some(Workers::Some(workers)) => workers.get().min(rows),
            None => available_parallelism().map_or(1, NonZeroUsize::get),
        }
    }

    /// Where the PNG goes; none is stdout.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.output.clone().filter(|path| path.as_os_str() != "-")
    }
}

/// How many work at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Workers {
    Some(NonZeroUsize),
    /// One a row.
    All,
}

impl std::str::FromStr for Workers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            n => n.parse().map(Self::Some).map_err(|_| "neither a number from 1 on nor `all`".to_owned()),
        }
    }
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
