use std::path::PathBuf;

use super::*;

/// A comparison of three implementations by one metric.
pub(crate) fn sample() -> Results {
    let values = [
        ("tokio", [5.0, 7.0, 6.0, 6.1, 5.9]),
        ("smol", [1.0, 3.0, 2.0, 2.1, 1.9]),
        ("go", [3.0, 9.0, 4.0, 4.1, 3.9]),
    ];
    let metric = Metric {
        name: "memory_per_client".to_owned(),
        title: "memory of a client".to_owned(),
        group: Group::Workload,
        headline: true,
        unit: Unit::Bytes,
        better: Better::Lower,
        values: values.into_iter().filter_map(|(n, s)| Some((n.to_owned(), Value::new(s.into())?))).collect(),
    };
    let implementation =
        |(name, outside): (&str, bool)| Implementation { name: name.to_owned(), outside, broken: None };
    let failed = Verdict {
        check: "8.2/line_at_once".to_owned(),
        implementations: vec!["go".to_owned()],
        passed: false,
        failure: Some("expected a line".to_owned()),
    };
    Results {
        schema: SCHEMA,
        date: "2026-01-02T03:04:05Z".to_owned(),
        seconds: 12.5,
        interrupted: false,
        settings: Settings { scale: Scale::Quick, clients: 200, threads: 2, least_rounds: 3, most_rounds: 5 },
        machine: Machine {
            cores: 2,
            cpu: "a processor".to_owned(),
            memory: 1 << 30,
            system: "a system".to_owned(),
            kernel: "Linux 6".to_owned(),
            governor: None,
            rustc: "rustc 1".to_owned(),
            revision: Some("0123456".to_owned()),
            crates: [("tokio".to_owned(), "1.54.1".to_owned())].into(),
        },
        noise: Noise { load_before: 0.1, load_after: 1.5, others: 0.01, others_most: 0.02, repeated: 1 },
        exercises: vec![Compared {
            exercise: "clock".to_owned(),
            title: "a clock server and its clients".to_owned(),
            sections: vec!["8.2".to_owned()],
            implementations: [("tokio", false), ("smol", false), ("go", true)].map(implementation).into(),
            verdicts: vec![failed],
            tested: "2026-01-02T03:04:06Z".to_owned(),
            rounds: 5,
            metrics: vec![metric],
            sources: vec![Source {
                file: "serve.rs".to_owned(),
                texts: ["tokio", "smol"].map(|name| (name.to_owned(), format!("// {name}\n"))).into(),
            }],
        }],
        behaviours: vec![Behaviour {
            name: "dropped_handle".to_owned(),
            title: "a task's handle is dropped".to_owned(),
            why: "A handle is a way to wait, or the owner of the task.".to_owned(),
            outcomes: [("tokio", "detached"), ("smol", "cancelled")]
                .map(|(name, told)| (name.to_owned(), Happened { told: told.to_owned(), as_known: true }))
                .into(),
        }],
    }
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
fn what_is_written_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("results.json");
    let json = sample().to_json().unwrap();
    fs::write(&file, &json).unwrap();
    assert_eq!(Results::load(&file).unwrap().to_json().unwrap(), json);
    for (wrong, told) in [
        (json.replace("\"schema\": 2", "\"schema\": 1"), "got 1"),
        (json.replace("\"schema\": 2,", ""), "got none"),
        (json.replace("\"seconds\"", "\"second\""), "second"),
        ("{".to_owned(), "results.json"),
    ] {
        fs::write(&file, wrong).unwrap();
        let error = format!("{:#}", Results::load(&file).unwrap_err());
        assert!(error.contains(told), "{told:?} is not in {error}");
    }
}

#[test]
fn the_committed_schema_is_the_one_of_these_types() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema/results.schema.json");
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(Results)).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&file, &schema).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(committed, schema, "run `UPDATE_SCHEMA=1 cargo test -p xtask schema` and commit the file");
}
