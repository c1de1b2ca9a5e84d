//! Kubernetes: an indexed Job, a pod for each shard, and a Job that merges what they left on a volume.

use anyhow::Result;

use super::words::{Kind, checked, fill, shell, yaml};
use super::{Args, Plan, below};

pub(super) fn plan(args: &Args, out: &str) -> Result<Plan> {
    checked(Kind::Image, "--image", &args.image)?;
    checked(Kind::Subdomain, "--submissions-claim", &args.submissions_claim)?;
    checked(Kind::Subdomain, "--results-claim", &args.results_claim)?;
    let submissions = match args.submissions()? {
        Some(path) => format!("/submissions/{}", below("--submissions", path)?),
        None => "/submissions".to_owned(),
    };
    // Beside a retry and what waits for a node.
    let seconds = args.minutes * 60 * 3;
    let values = [
        ("name", &*args.name),
        ("shards", &args.shards.to_string()),
        ("seconds", &seconds.to_string()),
        ("cpus", &args.cpus.to_string()),
        ("memory", &args.memory().to_string()),
        ("image", &args.image),
        ("submissions", &yaml(&submissions)),
        ("submissions-claim", &yaml(&args.submissions_claim)),
        ("results-claim", &yaml(&args.results_claim)),
        ("containerfile", &shell(&format!("{out}/Containerfile"))),
        ("ignorefile", &shell(&format!("{out}/containerignore"))),
    ];
    let templates = [
        ("grade.yaml", include_str!("templates/grade.yaml")),
        ("merge.yaml", include_str!("templates/merge.yaml")),
        ("run.sh", include_str!("templates/run.sh")),
        ("Containerfile", include_str!("templates/Containerfile")),
        ("containerignore", include_str!("templates/containerignore")),
    ];
    Ok(Plan {
        files: templates.map(|(name, template)| (name, fill(template, &values))).into(),
        next: format!(
            "build and push the image as {out}/Containerfile says, put the\nsubmissions on the claim {}, then \
             `bash {}`.",
            args.submissions_claim,
            shell(&format!("{out}/run.sh"))
        ),
    })
}
