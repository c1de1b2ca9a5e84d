//! The command line of `pipeline thumbs`.

use std::io::{IsTerminal, stdin};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::Result;
use clap::Args;
use clap::error::ErrorKind;
use common::flags::size;

use super::from_to;
use crate::thumbs::{Names, Studio};

/// Pictures at a time: blocking pools have about 500 threads.
const MOST_JOBS: usize = 256;

/// Pictures with `--wrong`: each has a task of its own.
const MOST_WRONG: usize = 100;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  pipeline thumbs --out small *.jpg\n  find . -name '*.jpg' | pipeline thumbs\n\n\
    The thumbnail of photo.png is photo.thumb.jpg. What ends so already is left out."
)]
pub(crate) struct Thumbs {
    /// Pictures: JPEG, PNG, GIF or WebP; without any, or with -, their names come from stdin, one a line
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The longest side of a thumbnail, in points; nothing is enlarged
    #[arg(long, value_name = "N", default_value = "128", value_parser = clap::value_parser!(u32).range(1..=16_384))]
    max: u32,

    /// Pictures that are made at a time, and so in memory [default: the machine's cores]
    #[arg(long, value_name = "N", value_parser = from_to(1, MOST_JOBS as u64))]
    jobs: Option<usize>,

    /// Begin no more after the first error
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// The folder for the thumbnails [default: where the picture is]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The most memory for one picture; a larger one is an error
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = size)]
    max_memory: usize,

    /// Do it in one of the two ways of the chapter that are wrong, for up to 100 pictures
    #[arg(long, value_name = "WAY", requires = "files", conflicts_with_all = ["fail_fast", "jobs"])]
    pub(crate) wrong: Option<Wrong>,
}

/// The wrong ways to loop in parallel.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Wrong {
    /// The end does not wait for what was begun
    Early,
    /// The first error is returned, and the tasks that would tell the rest wait for ever
    Leak,
}

impl Thumbs {
    /// Where the names come from.
    ///
    /// # Errors
    /// When there are none and stdin is a terminal; or too many for a wrong way.
    pub(crate) fn names(&self) -> Result<Names, clap::Error> {
        let wrong = |text: &str| Err(clap::Error::raw(ErrorKind::WrongNumberOfValues, text));
        let from_stdin = self.files.is_empty() || self.files == [Path::new("-")];
        if self.wrong.is_some() && (from_stdin || self.files.len() > MOST_WRONG) {
            return wrong("--wrong takes 1 to 100 pictures, named as arguments\n");
        }
        if from_stdin && stdin().is_terminal() {
            return wrong("no pictures: name them, or pipe their names into stdin (try --help)\n");
        }
        Ok(if from_stdin { Names::Stdin } else { Names::Given(self.files.clone()) })
    }

    /// What makes the thumbnails.
    ///
    /// # Errors
    /// When there is no folder for them.
    pub(crate) fn studio(&self) -> Result<Studio> {
        let memory = u64::try_from(self.max_memory).unwrap_or(u64::MAX);
        Studio::new(self.max, memory, self.out.clone())
    }

    /// How many are made at a time.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.unwrap_or(available_parallelism().map_or(1, NonZeroUsize::get)).min(MOST_JOBS)
    }
}
