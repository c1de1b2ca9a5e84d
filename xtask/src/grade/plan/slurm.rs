//! Slurm: an array of jobs, and one that merges after them.

use std::path::Path;

use anyhow::Result;

use super::words::{self, fill, shell};
use super::{Args, Plan};

pub(super) fn plan(args: &Args, root: &Path, out: &str) -> Result<Plan> {
    let submissions = args.submissions()?.unwrap_or("submissions");
    let results = words::path("--results", &args.results)?;
    let values = [
        ("name", &*args.name),
        ("shards", &args.shards.to_string()),
        ("minutes", &args.minutes.to_string()),
        ("cpus", &args.cpus.to_string()),
        ("memory", &args.memory().to_string()),
        ("submissions", &shell(&words::dashless(submissions))),
        ("results", &shell(&words::dashless(results))),
        ("template", &words::flag("--template", args.template()?)),
        ("root", &shell(words::path("the workspace", root)?)),
    ];
    let templates = [
        ("grade.sbatch", include_str!("templates/grade.sbatch")),
        ("merge.sbatch", include_str!("templates/merge.sbatch")),
        ("submit.sh", include_str!("templates/submit.sh")),
    ];
    Ok(Plan {
        files: templates.map(|(name, template)| (name, fill(template, &values))).into(),
        next: format!("`bash {}` on a machine that has sbatch.", shell(&format!("{out}/submit.sh"))),
    })
}
