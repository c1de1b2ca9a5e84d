//! Kubernetes: an indexed Job, a pod for each shard, and a Job that merges what they left on a volume.

use anyhow::Result;

use super::words::{self, Kind, checked, fill, shell, yaml};
use super::{Args, Plan, below};

pub(super) fn plan(args: &Args, out: &str) -> Result<Plan> {
    checked(Kind::Image, "--image", &args.image)?;
    checked(Kind::Subdomain, "--submissions-claim", &args.submissions_claim)?;
    checked(Kind::Subdomain, "--results-claim", &args.results_claim)?;
    let submissions = match args.submissions()? {
        Some(path) => format!("/submissions/{}", below("--submissions", path)?),
        None => "/submissions".to_owned(),
    };
    let seconds = args.minutes * 60;
    let template = args.template()?.map(|path| below("--template", path)).transpose()?;
    let values = [
        ("name", &*args.name),
        ("shards", &args.shards.to_string()),
        ("seconds", &(2 * seconds + 3_600).to_string()),
        ("shard-seconds", &seconds.to_string()),
        ("template", &words::flag("--template", template)),
        ("cpus", &args.cpus.to_string()),
        ("memory", &args.memory().to_string()),
        ("image", &args.image),
        ("submissions", &yaml(&submissions)),
        ("submissions-claim", &yaml(&args.submissions_claim)),
        ("results-claim", &yaml(&args.results_claim)),
        ("containerfile", &shell(&format!("{out}/Containerfile"))),
        ("ignorefile", &shell(&format!("{out}/Containerfile.dockerignore"))),
    ];
    let templates = [
        ("grade.yaml", include_str!("templates/grade.yaml")),
        ("merge.yaml", include_str!("templates/merge.yaml")),
        ("run.sh", include_str!("templates/run.sh")),
        ("Containerfile", include_str!("templates/Containerfile")),
        ("Containerfile.dockerignore", include_str!("templates/Containerfile.dockerignore")),
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
