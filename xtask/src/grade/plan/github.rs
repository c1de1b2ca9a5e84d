//! GitHub Actions: a job of a matrix for each shard, artifacts, and a job that merges them.

use anyhow::Result;

use super::words::{self, fill, yaml};
use super::{Args, Plan, below};

pub(super) fn plan(args: &Args, out: &str) -> Result<Plan> {
    let submissions = below("--submissions", args.submissions()?.unwrap_or("submissions"))?;
    let template = args.template()?.map(|path| below("--template", path)).transpose()?;
    let list: Vec<String> = (1..=args.shards).map(|shard| shard.to_string()).collect();
    let values = [
        ("name", &*args.name),
        ("submissions", &yaml(submissions)),
        ("shards", &args.shards.to_string()),
        ("minutes", &args.minutes.to_string()),
        ("template", &words::flag("--template", template)),
        ("list", &list.join(", ")),
    ];
    Ok(Plan {
        files: vec![("grade.yml", fill(include_str!("templates/github.yml"), &values))],
        next: format!(
            "commit {out}/grade.yml as .github/workflows/grade.yml, with the submissions\nin {submissions}/, \
             then `gh workflow run grade.yml`."
        ),
    })
}
