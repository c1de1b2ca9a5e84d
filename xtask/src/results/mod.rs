//! What `compare` finds out, as it is written to `results.json`. Every table, chart and sentence is made from this
//! alone, so that `report` can draw it again anywhere.

mod conditions;
mod rank_sum;
mod value;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

pub(crate) use self::conditions::{Machine, Noise, Scale, Settings};
pub(crate) use self::rank_sum::{SIGNIFICANT, rank_sum};
pub(crate) use self::value::{Standing, Value};
pub(crate) use runner::checks::Verdict;

/// The version of this form. A reader of another one must not guess.
pub(crate) const SCHEMA: u32 = 2;

/// One comparison
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Results {
    /// The version of this form
    pub(crate) schema: u32,
    /// When it began, in UTC (RFC 3339)
    pub(crate) date: String,
    /// How long it took, in seconds
    pub(crate) seconds: f64,
    /// Whether it was interrupted: what had been measured by then is here
    pub(crate) interrupted: bool,
    /// What was asked for
    pub(crate) settings: Settings,
    /// Where it ran
    pub(crate) machine: Machine,
    /// What else went on there
    pub(crate) noise: Noise,
    /// What came out for each exercise
    pub(crate) exercises: Vec<Compared>,
    /// What the runtimes do, whatever runs on them
    pub(crate) behaviours: Vec<Behaviour>,
}

/// One exercise: its implementations side by side
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Compared {
    /// The exercise
    pub(crate) exercise: String,
    /// What it is
    pub(crate) title: String,
    /// The sections of the chapter that it is about
    pub(crate) sections: Vec<String>,
    /// Its implementations, in the order of the table
    pub(crate) implementations: Vec<Implementation>,
    /// What the checks and the cross-tests say
    pub(crate) verdicts: Vec<Verdict>,
    /// When these very programs were put to these very checks, in UTC (RFC 3339)
    pub(crate) tested: String,
    /// Rounds that were measured
    pub(crate) rounds: usize,
    /// What was measured, and counted
    pub(crate) metrics: Vec<Metric>,
    /// The files that are written once for each runtime
    pub(crate) sources: Vec<Source>,
}

/// Who is compared
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Implementation {
    /// Its name
    pub(crate) name: String,
    /// Whether it comes from elsewhere, by `--impls`
    pub(crate) outside: bool,
    /// Why it is measured no further, if it is not
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broken: Option<String>,
}

/// One thing that was measured or counted
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Metric {
    /// Its name, which stays: `memory_per_client`
    pub(crate) name: String,
    /// What it is, for people
    pub(crate) title: String,
    /// What kind of thing it is
    pub(crate) group: Group,
    /// Whether it is what the exercise is about in the first place
    pub(crate) headline: bool,
    /// What its values count
    pub(crate) unit: Unit,
    /// Which values are the better ones
    pub(crate) better: Better,
    /// What came out for each implementation that has it
    pub(crate) values: BTreeMap<String, Value>,
}

/// What kind of thing a metric is
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Group {
    /// What the program is for: measured under load
    Workload,
    /// What it takes to be there: its start, memory, threads
    Footprint,
    /// What it is made of: its size, crates, lines, the time to build it
    Program,
}

/// What a value counts
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Bytes
    Bytes,
    /// Seconds
    Seconds,
    /// Seconds of CPU time in a second
    CpuSecondsPerSecond,
    /// Things in a second: round trips, deliveries
    PerSecond,
    /// Things: lines, crates
    Count,
    /// How much of something else: 0.5 is half of it
    Ratio,
}

/// Which of two values is the better one
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    Lower,
    Higher,
}

/// A file that is written once for each runtime
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// Its path below the runtime's folder: `serve.rs`
    pub(crate) file: String,
    /// Its text on each runtime
    pub(crate) texts: BTreeMap<String, String>,
}

/// What the runtimes do with one small program
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// Its name, which stays: `dropped_handle`
    pub(crate) name: String,
    /// What is tried, for people: `a task's handle is dropped`
    pub(crate) title: String,
    /// Why it comes out as it does, and what follows for who writes programs
    pub(crate) why: String,
    /// What happened on each runtime
    pub(crate) outcomes: BTreeMap<String, Happened>,
}

/// What happened on one runtime
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Happened {
    /// In a few words: `cancelled`, `detached: it ran to its end`
    pub(crate) told: String,
    /// Whether that is what is known of this runtime
    pub(crate) as_known: bool,
}

impl Results {
    /// Reads a file that `compare` has written.
    ///
    /// # Errors
    /// When it cannot be read, or is not of this form and version.
    pub(crate) fn load(file: &Path) -> Result<Self> {
        let at = || format!("results in {}", file.display());
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("there is no {}; `cargo xtask compare` measures", file.display())
            }
            read => read.with_context(at)?,
        };
        let any: serde_json::Value = serde_json::from_str(&text).with_context(at)?;
        let schema = any.get("schema").and_then(serde_json::Value::as_u64);
        ensure!(
            schema == Some(u64::from(SCHEMA)),
            "{}: expected `schema` {SCHEMA}, got {}; measure again with `cargo xtask compare`",
            at(),
            schema.map_or("none".to_owned(), |n| n.to_string()),
        );
        serde_json::from_value(any).with_context(at)
    }

    /// This, as it is written to a file.
    pub(crate) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl Compared {
    /// How many of the checks about the implementation `name` hold, and how many there are.
    pub(crate) fn score(&self, name: &str) -> (usize, usize) {
        let about = self.verdicts.iter().filter(|v| v.implementations.iter().any(|i| i == name));
        about.fold((0, 0), |(passed, all), verdict| (passed + usize::from(verdict.passed), all + 1))
    }
}

impl Metric {
    /// The best value, and who has it.
    pub(crate) fn best(&self) -> Option<(&str, &Value)> {
        let sign = if self.better == Better::Lower { 1.0 } else { -1.0 };
        let rank = |value: &Value| value.median * sign;
        let best = self.values.iter().min_by(|a, b| rank(a.1).total_cmp(&rank(b.1)));
        best.map(|(name, value)| (&**name, value))
    }

    /// Whether all have the same value, so that there is nothing to win.
    pub(crate) fn is_equal(&self) -> bool {
        let mut medians = self.values.values().map(|value| value.median);
        let first = medians.next();
        medians.all(|median| Some(median) == first)
    }

    /// How the implementation `name` stands.
    pub(crate) fn standing(&self, name: &str) -> Standing {
        let (Some((_, best)), Some(value)) = (self.best(), self.values.get(name)) else {
            return Standing::Behind;
        };
        if !value.ties(best) {
            return Standing::Behind;
        }
        let alone = self.values.values().filter(|v| v.ties(best)).count() == 1;
        if alone { Standing::Best } else { Standing::Tied }
    }
}

#[cfg(test)]
pub(crate) mod tests;
