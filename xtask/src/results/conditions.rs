//! Under which conditions it was measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much was measured
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// How large the workloads are
    pub(crate) scale: Scale,
    /// Clients of a server at a time
    pub(crate) clients: usize,
    /// Worker threads of each program
    pub(crate) threads: usize,
    /// The rounds that are measured at least
    pub(crate) least_rounds: usize,
    /// The rounds that are measured at most, when the spread stays large
    pub(crate) most_rounds: usize,
}

/// How large the workloads are
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scale {
    /// A first look, within a minute
    Quick,
    /// Some minutes
    Standard,
    /// The largest sizes, and what takes long to find out
    Full,
}

impl Scale {
    /// What belongs to this scale.
    pub(crate) fn pick<T>(self, quick: T, standard: T, full: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Standard => standard,
            Self::Full => full,
        }
    }
}

/// The machine, which also runs the load
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Machine {
    /// Cores that the programs can use
    pub(crate) cores: usize,
    /// The processor's name
    pub(crate) cpu: String,
    /// Memory in bytes
    pub(crate) memory: u64,
    /// The distribution's name and version
    pub(crate) system: String,
    /// The kernel's name and version
    pub(crate) kernel: String,
    /// What sets the clock of the cores (`performance`, `powersave`), if the system tells
    pub(crate) governor: Option<String>,
    /// The compiler
    pub(crate) rustc: String,
    /// The commit that was built, with `+changes` if the work tree differed from it
    pub(crate) revision: Option<String>,
    /// The versions of the crates that make up the runtimes
    pub(crate) crates: BTreeMap<String, String>,
}

/// What else went on while it was measured
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Noise {
    /// Processes that ran or waited to run, on average over a minute, when it began
    pub(crate) load_before: f64,
    /// The same at its end
    pub(crate) load_after: f64,
    /// The part of all cores that others used during a run: the median of the runs that count
    pub(crate) others: f64,
    /// The most of them
    pub(crate) others_most: f64,
    /// Runs that were done again since others used the cores
    pub(crate) repeated: usize,
}
