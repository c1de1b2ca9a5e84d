//! `cargo xtask grade plan`: the files with which an engine that knows many machines runs `grade --shard K/N` on them.
//! What is spread, watched and tried again is theirs to do; each shard only has to know its number.

mod github;
mod kubernetes;
mod slurm;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use clap::builder::RangedU64ValueParser;
use runner::cargo::Cargo;
use runner::progress::say;

use self::words::{Kind, checked};
use crate::{Outcome, report};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The engine
    #[arg(long = "for", value_name = "ENGINE")]
    engine: Engine,

    /// How many parts the class is graded in (GitHub takes 256 jobs of a matrix)
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u64>::new().range(1..=256))]
    shards: u64,

    /// Where the files are written [default: target/grade/plan-ENGINE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The folder of submissions, a folder each: in the repository (github), from the workspace (slurm), or in its claim
    /// (kubernetes) [default: submissions; the claim itself]
    #[arg(long, value_name = "DIR")]
    submissions: Option<PathBuf>,

    /// What was handed out, as `cargo xtask handout --out DIR` has made it: a folder in the workspace that all machines
    /// have [default: that of `cargo xtask grade`]
    #[arg(long, value_name = "DIR")]
    template: Option<PathBuf>,

    /// The folder that the results go to, from the workspace (slurm)
    #[arg(long, value_name = "DIR", default_value = "grades")]
    results: PathBuf,

    /// What the jobs are called
    #[arg(long, value_name = "NAME", default_value = "ch8-grade")]
    name: String,

    /// How long a shard may take
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = RangedU64ValueParser::<u64>::new().range(1..=360))]
    minutes: u64,

    /// Cores of a shard, with 4 GiB of memory each (kubernetes, slurm)
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = RangedU64ValueParser::<u64>::new().range(1..=256))]
    cpus: u64,

    /// The image with the workspace (kubernetes)
    #[arg(long, value_name = "IMAGE", default_value = "localhost/ch8-grade:latest")]
    image: String,

    /// The claim of the volume with the submissions (kubernetes)
    #[arg(long, value_name = "CLAIM", default_value = "submissions")]
    submissions_claim: String,

    /// The claim of the volume for the results (kubernetes)
    #[arg(long, value_name = "CLAIM", default_value = "grades")]
    results_claim: String,
}

/// What runs jobs on many machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// A workflow of GitHub Actions: a job for each shard, and one that merges
    Github,
    /// Jobs of Kubernetes: an indexed one, and one that merges
    Kubernetes,
    /// Slurm: an array of jobs, and one after it that merges
    Slurm,
}

/// Files by their names, and what to do with them.
struct Plan {
    files: Vec<(&'static str, String)>,
    next: String,
}

/// Runs the command.
pub(crate) fn run(cargo: &Cargo, args: &Args) -> Result<Outcome> {
    let engine = args.engine.to_possible_value().context("an engine has a name")?;
    let default = || cargo.target().join("grade").join(format!("plan-{}", engine.get_name()));
    let out = args.out.clone().unwrap_or_else(default);
    let plan = args.plan(cargo.root(), &cargo.shown(&out))?;
    for (name, text) in &plan.files {
        let file = out.join(name);
        report::write(&file, text)?;
        say(cargo.shown(&file))?;
    }
    say(format!("\nNext: {}", plan.next))?;
    Ok(Outcome::Good)
}

impl Args {
    /// The files of a workspace at `root`, which are going to be in `out`.
    ///
    /// # Errors
    /// When a name is none that the engine can have.
    fn plan(&self, root: &Path, out: &str) -> Result<Plan> {
        checked(Kind::Label, "--name", &self.name)?;
        match self.engine {
            Engine::Github => github::plan(self, out),
            Engine::Kubernetes => kubernetes::plan(self, out),
            Engine::Slurm => slurm::plan(self, root, out),
        }
    }

    /// The folder of submissions, if one was named.
    fn submissions(&self) -> Result<Option<&str>> {
        self.submissions.as_deref().map(|path| words::path("--submissions", path)).transpose()
    }

    /// What was handed out, if it was named.
    fn template(&self) -> Result<Option<&str>> {
        self.template.as_deref().map(|path| words::path("--template", path)).transpose()
    }

    /// The memory of a shard, in GiB.
    fn memory(&self) -> u64 {
        4 * self.cpus
    }
}

/// `path`, when it leads from a folder to what is below it.
fn below<'p>(flag: &str, path: &'p str) -> Result<&'p str> {
    let plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
    ensure!(
        !path.is_empty() && Path::new(path).components().all(plain),
        "{flag} {path:?}: expected a path below the folder, without `..`"
    );
    Ok(path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
