//! What grading one submission gave: `results/STUDENT.json`, whose schema is in `xtask/schema/`.

use serde::{Deserialize, Serialize};

/// The version of the form; it changes when a reader of the old one would misunderstand the new.
pub(crate) const SCHEMA: u32 = 1;

/// One submission, graded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Graded {
    /// The version of this form
    pub(crate) schema: u32,
    /// Whose it is: the name of the submission's folder
    pub(crate) student: String,
    /// Which template its files were laid over: a hash of all that is in it
    pub(crate) template: String,
    /// What kept its programs from the rest of the machine
    pub(crate) isolation: Isolation,
    /// When its turn came: RFC 3339, UTC
    pub(crate) started: String,
    /// How long it took, without what was built ahead, beside the one before
    pub(crate) seconds: f64,
    /// Every exercise on every runtime of the template, in the chapter's order
    pub(crate) exercises: Vec<Exercise>,
    /// What of the submission was not taken, and why
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
    /// A fault of the grader, not of the submission: the points mean nothing then
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) infra: Option<String>,
}

/// What kept the programs of a submission from the rest of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) enum Isolation {
    /// Linux namespaces (bubblewrap), and Landlock and seccomp within them
    Namespaces,
    /// Landlock, seccomp and resource limits: the network beyond loopback is not closed
    Landlock,
    /// Nothing but resource limits, as somebody has asked for
    None,
}

/// What came of one exercise on one runtime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Exercise {
    /// The section or exercise: `8.2`, `ex8.1`
    pub(crate) id: String,
    pub(crate) title: String,
    /// The crate that it is in
    pub(crate) of: String,
    pub(crate) runtime: String,
    /// What it counts
    pub(crate) points: u32,
    /// What was earned of that
    pub(crate) earned: f64,
    /// What the compiler said of the crate, if it did not build
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) not_built: Option<String>,
    /// Its checks, in their order; none where it was not built
    pub(crate) checks: Vec<Check>,
}

/// The verdict of one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Check {
    /// The section or exercise and the property: `8.2/line_at_once`
    pub(crate) name: String,
    pub(crate) passed: bool,
    /// It passes from the start: it earns nothing, and costs something when it fails
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) given: bool,
    /// How long it took
    pub(crate) seconds: f64,
    /// What was expected and what came instead, or why there is no verdict
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
}
