//! What `compare` finds out, as it is written to `results.json`.

use std::collections::BTreeMap;

use serde::Serialize;

pub(crate) use crate::checks::Verdict;

/// The version of this form. A reader of another one must not guess.
pub(crate) const SCHEMA: u32 = 1;

/// One comparison
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Results {
    /// The version of this form
    pub(crate) schema: u32,
    /// When it began, in UTC (RFC 3339)
    pub(crate) date: String,
    /// Where it ran
    pub(crate) machine: Machine,
    /// What was asked for
    pub(crate) settings: Settings,
    /// What came out for each exercise
    pub(crate) exercises: Vec<Compared>,
}

/// The machine, which also runs the load
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Machine {
    /// Cores that the programs can use
    pub(crate) cores: usize,
    /// The processor's name
    pub(crate) cpu: String,
    /// Memory in bytes
    pub(crate) memory: u64,
    /// The kernel's name and version
    pub(crate) kernel: String,
    /// The compiler
    pub(crate) rustc: String,
}

/// How much was measured
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Settings {
    /// Rounds; in each, every implementation has its turn
    pub(crate) rounds: usize,
    /// Clients of a server at a time
    pub(crate) clients: usize,
    /// Seconds that a server is watched in each round
    pub(crate) seconds: u64,
}

/// One exercise: its implementations side by side
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Compared {
    /// The exercise
    pub(crate) exercise: String,
    /// Its implementations, in the order of the table
    pub(crate) implementations: Vec<Implementation>,
    /// What the checks and the cross-tests say
    pub(crate) verdicts: Vec<Verdict>,
    /// What was measured
    pub(crate) metrics: Vec<Metric>,
}

/// Who is compared
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Implementation {
    /// Its name
    pub(crate) name: String,
    /// Whether it comes from elsewhere, by `--impls`
    pub(crate) outside: bool,
}

/// One thing that was measured
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Metric {
    /// Its name, which stays: `memory_per_client`
    pub(crate) name: &'static str,
    /// What it is, for people
    pub(crate) title: &'static str,
    /// What its values count
    pub(crate) unit: Unit,
    /// Which values are the better ones
    pub(crate) better: Better,
    /// What came out for each implementation that has it
    pub(crate) values: BTreeMap<String, Value>,
}

/// What a value counts
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Better {
    Lower,
    Higher,
}

/// What came out for one implementation
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Value {
    /// The median of the samples
    pub(crate) median: f64,
    /// The least of them
    pub(crate) min: f64,
    /// The most of them
    pub(crate) max: f64,
    /// What each round gave, in the order of the rounds
    pub(crate) samples: Vec<f64>,
}

impl Value {
    /// The value that these samples make, of which there is at least one.
    pub(crate) fn new(samples: Vec<f64>) -> Option<Self> {
        let mut sorted = samples.clone();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let middle = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
        Some(Self { median, min, max, samples })
    }
}

/// How a value stands among those of the other implementations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Better than each of the others by more than their spread.
    Best,
    /// The spread is larger than the difference to the best: there is none to be seen.
    Tied,
    Behind,
}

impl Metric {
    /// How the implementation `name` stands.
    pub(crate) fn standing(&self, name: &str) -> Standing {
        let sign = if self.better == Better::Lower { 1.0 } else { -1.0 };
        let rank = |value: &Value| value.median * sign;
        let Some((_, best)) = self.values.iter().min_by(|a, b| rank(a.1).total_cmp(&rank(b.1))) else {
            return Standing::Behind;
        };
        let tied = |value: &Value| value.min <= best.max && best.min <= value.max;
        match self.values.get(name) {
            Some(value) if !tied(value) => Standing::Behind,
            Some(_) if self.values.values().filter(|v| tied(v)).count() == 1 => Standing::Best,
            Some(_) => Standing::Tied,
            None => Standing::Behind,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use super::*;

    /// A comparison of three implementations by one metric.
    pub(crate) fn sample() -> Results {
        let values = [("tokio", [5.0, 7.0, 6.0]), ("smol", [1.0, 3.0, 2.0]), ("go", [3.0, 9.0, 4.0])];
        let metric = Metric {
            name: "memory_per_client",
            title: "memory of a client",
            unit: Unit::Bytes,
            better: Better::Lower,
            values: values
                .into_iter()
                .filter_map(|(n, s)| Some((n.to_owned(), Value::new(s.into())?)))
                .collect(),
        };
        let implementation =
            |(name, outside): (&str, bool)| Implementation { name: name.to_owned(), outside };
        let failed = Verdict {
            check: "8.2/line_at_once".to_owned(),
            implementations: vec!["go".to_owned()],
            passed: false,
            failure: Some("expected a line".to_owned()),
        };
        Results {
            schema: SCHEMA,
            date: "2026-01-02T03:04:05Z".to_owned(),
            machine: Machine {
                cores: 2,
                cpu: "a processor".to_owned(),
                memory: 1 << 30,
                kernel: "Linux 6".to_owned(),
                rustc: "rustc 1".to_owned(),
            },
            settings: Settings { rounds: 3, clients: 200, seconds: 3 },
            exercises: vec![Compared {
                exercise: "clock".to_owned(),
                implementations: [("tokio", false), ("smol", false), ("go", true)].map(implementation).into(),
                verdicts: vec![failed],
                metrics: vec![metric],
            }],
        }
    }

    #[test]
    fn medians_with_spread() {
        let value = Value::new(vec![3.0, 1.0, 2.0]).unwrap();
        assert_eq!((value.median, value.min, value.max), (2.0, 1.0, 3.0));
        assert_eq!(value.samples, [3.0, 1.0, 2.0]);
        assert_eq!(Value::new(vec![1.0, 2.0]).unwrap().median, 1.5);
        assert!(Value::new(vec![]).is_none());
    }

    #[test]
    fn a_difference_within_the_spread_is_a_tie() {
        let mut metric = sample().exercises.remove(0).metrics.remove(0);
        assert_eq!(metric.standing("smol"), Standing::Tied, "go's least is smol's most");
        assert_eq!(metric.standing("go"), Standing::Tied);
        assert_eq!(metric.standing("tokio"), Standing::Behind);
        assert_eq!(metric.standing("nobody"), Standing::Behind);
        metric.values.remove("go");
        assert_eq!(metric.standing("smol"), Standing::Best);
        metric.better = Better::Higher;
        assert_eq!(metric.standing("tokio"), Standing::Best);
    }

    #[test]
    fn the_committed_schema_is_the_one_of_these_types() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/results.schema.json");
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Results)).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&file, &schema).unwrap();
        }
        let committed = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(committed, schema, "run `UPDATE_SCHEMA=1 cargo test -p xtask schema` and commit the file");
    }

    #[test]
    fn results_have_what_the_schema_requires() {
        let schema = serde_json::to_value(schemars::schema_for!(Results)).unwrap();
        let results = serde_json::to_value(sample()).unwrap();
        let compared = &results["exercises"][0];
        let metric = &compared["metrics"][0];
        for (definition, value) in [
            (&schema, &results),
            (&schema["$defs"]["Machine"], &results["machine"]),
            (&schema["$defs"]["Settings"], &results["settings"]),
            (&schema["$defs"]["Compared"], compared),
            (&schema["$defs"]["Implementation"], &compared["implementations"][0]),
            (&schema["$defs"]["Verdict"], &compared["verdicts"][0]),
            (&schema["$defs"]["Metric"], metric),
            (&schema["$defs"]["Value"], &metric["values"]["smol"]),
        ] {
            let required = definition["required"].as_array().unwrap();
            assert!(!required.is_empty());
            for name in required {
                assert!(value.get(name.as_str().unwrap()).is_some(), "{name} is not in {value}");
            }
            for name in value.as_object().unwrap().keys() {
                assert!(definition["properties"].get(name).is_some(), "{name} is not in the schema");
            }
        }
    }
}
