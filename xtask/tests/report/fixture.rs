//! Results to draw: the real modules of this work tree, and invented figures. Nothing of it was measured.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

const RUNTIMES: [(&str, &str); 3] = [("tokio", "tokio"), ("async-std", "async_std"), ("smol", "smol")];

/// An implementation from elsewhere, whose name tries to be more than a name.
pub(crate) const HOSTILE: &str = "go<script>alert(1)</script>";

/// Name, title, headline, unit, which is better, and about what comes out for each implementation
type Invented = (&'static str, &'static str, bool, &'static str, &'static str, [f64; 4]);

const SERVER: [Invented; 8] = [
    ("rate", "round trips, 64 clients", true, "per_second", "higher", [118e3, 84e3, 103e3, 131e3]),
    ("late_p99", "a line is late by, p99", true, "seconds", "lower", [0.0081, 0.0083, 0.0080, 0.021]),
    ("memory_per_client", "memory of a client", true, "bytes", "lower", [1151.0, 867.0, 822.0, 6044.0]),
    ("late_p50", "a line is late by, p50", false, "seconds", "lower", [0.0039, 0.0032, 0.0031, 0.0067]),
    ("cpu", "CPU while all tick", false, "cpu_seconds_per_second", "lower", [0.058, 0.061, 0.0565, 0.076]),
    ("accept_all", "until all are served", false, "seconds", "lower", [0.229, 0.182, 0.214, 0.205]),
    ("of_floor", "pages, of those of a bare client", false, "ratio", "higher", [0.71, 0.52, 0.66, 0.8]),
    ("wrong_lines", "lines missed or repeated", false, "count", "lower", [0.0, 0.0, 0.0, 0.0]),
];

const FOOTPRINT: [Invented; 4] = [
    ("startup", "start until it listens", false, "seconds", "lower", [0.00305, 0.00311, 0.00426, 0.00551]),
    ("idle_memory", "idle memory", false, "bytes", "lower", [3.4e6, 3.2e6, 2.9e6, 7.1e6]),
    ("peak_memory", "peak memory", false, "bytes", "lower", [9.84e6, 8.61e6, 8.05e6, 33.3e6]),
    ("threads", "threads at most", false, "count", "lower", [3.0, 5.0, 3.0, 8.0]),
];

const PROGRAM: [Invented; 3] = [
    ("program_size", "size of the program", false, "bytes", "lower", [2946e3, 2977e3, 2823e3, 3356e3]),
    ("crates", "crates in it", false, "count", "lower", [63.0, 82.0, 77.0, 0.0]),
    ("runtime_lines", "lines for the runtime", false, "count", "lower", [311.0, 330.0, 342.0, 0.0]),
];

/// Results of all exercises below `root`, the workspace.
pub(crate) fn results(root: &Path) -> Value {
    let exercises = [
        ("clock", "a clock server and its clients, a countdown, a spinner", "8.2"),
        ("echo", "an echo server whose shouts overlap, and its client", "8.3"),
        ("pipeline", "stages that channels connect, and a loop in parallel", "8.4"),
        ("crawler", "a polite crawler, a mirror, a race of requests, and a site to practise on", "8.6"),
        ("du", "a directory tree walked by many, and an end before the end", "8.8"),
        ("chat", "a chat server that never waits for a slow client", "8.10"),
    ];
    let exercises = exercises.iter().enumerate();
    let exercises: Vec<Value> =
        exercises.map(|(seed, (name, title, section))| exercise(root, seed, name, title, section)).collect();
    json!({
        "schema": 2, "date": "2026-01-02T03:04:05Z", "seconds": 251.0, "interrupted": false,
        "settings": { "scale": "standard", "clients": 1000, "threads": 2, "least_rounds": 5, "most_rounds": 9 },
        "machine": {
            "cores": 2, "cpu": "An Invented Processor", "memory": 25_000_000_000_u64, "system": "No System 1",
            "kernel": "Linux 0.0 (a fixture of the tests, not measured)", "governor": "performance",
            "rustc": "rustc 1.95.0 (59807616e 2026-04-14)", "revision": "0123456789ab",
            "crates": { "tokio": "1.54.1", "async-std": "1.13.2", "smol": "2.0.2" },
        },
        "noise": { "load_before": 0.12, "load_after": 1.97, "others": 0.012, "others_most": 0.09, "repeated": 2 },
        "exercises": exercises,
        "behaviours": behaviours(),
    })
}

fn exercise(root: &Path, seed: usize, name: &str, title: &str, section: &str) -> Value {
    // One has a program from elsewhere, and one an implementation that does not work.
    let outside = name == "clock";
    let broken = (name == "chat").then_some("async-std");
    let mut implementations: Vec<Value> =
        RUNTIMES.iter().map(|(name, _)| json!({ "name": name, "outside": false })).collect();
    if let Some(broken) = broken {
        implementations[1] = json!({ "name": broken, "outside": false, "broken":
            "all, flooded: client 17 got message 204 after 206\nexpected 204, 205, 206" });
    }
    if outside {
        implementations.push(json!({ "name": HOSTILE, "outside": true }));
    }
    let names: Vec<&str> = implementations.iter().filter_map(|one| one["name"].as_str()).collect();
    let metrics = [("workload", &SERVER[..]), ("footprint", &FOOTPRINT), ("program", &PROGRAM)];
    let metrics = metrics.into_iter().flat_map(|(group, all)| all.iter().map(move |one| (group, one)));
    let metrics: Vec<Value> = metrics
        .map(|(group, one)| {
            let values = names.iter().enumerate().filter(|(_, name)| Some(**name) != broken);
            let values: BTreeMap<&str, Value> =
                values.filter_map(|(n, name)| Some((*name, value(one, group, n, seed)?))).collect();
            json!({ "name": one.0, "title": one.1, "group": group, "headline": one.2, "unit": one.3,
                "better": one.4, "values": values })
        })
        .collect();
    json!({
        "exercise": name, "title": title, "sections": [section], "implementations": implementations,
        "verdicts": verdicts(section, &names, outside), "tested": "2026-01-02T03:05:06Z", "rounds": 7,
        "metrics": metrics, "sources": sources(root, name),
    })
}

/// Seven samples around what is invented, and an interval that they could have.
fn value(one: &Invented, group: &str, implementation: usize, seed: usize) -> Option<Value> {
    let middle = one.5[implementation] * (1.0 + 0.07 * seed as f64);
    if group == "program" {
        let counted = one.5[implementation].round();
        return (counted > 0.0)
            .then(|| json!({ "median": counted, "low": counted, "high": counted, "samples": [counted] }));
    }
    let width = 0.01 + 0.012 * ((seed + implementation + one.0.len()) % 5) as f64;
    let at = |steps: f64| middle * (1.0 + width * steps);
    let samples = [0.1, -1.2, 0.0, 0.7, -0.6, 1.1, if one.0 == "late_p50" { 60.0 } else { 1.9 }].map(at);
    Some(json!({ "median": at(0.1), "low": at(-0.6), "high": at(1.1), "samples": samples }))
}

fn verdicts(section: &str, names: &[&str], fails: bool) -> Vec<Value> {
    let checks = ["line_at_once", "two_clients_at_a_time", "ends_when_told", "turns_away_the_one_too_many"];
    let mut verdicts: Vec<Value> = checks
        .iter()
        .flat_map(|check| names.iter().map(move |name| (check, name)))
        .map(|(check, name)| json!({ "check": format!("{section}/{check}"), "implementations": [name], "passed": true }))
        .collect();
    if fails {
        verdicts.push(json!({ "check": format!("{section}/line_is_the_time"), "implementations": [HOSTILE],
            "passed": false, "failure": "expected a line like \"12:34:56\"\n     got \"12:34\"" }));
    }
    verdicts
}

/// The modules of an exercise, as `compare` collects them.
fn sources(root: &Path, exercise: &str) -> Vec<Value> {
    let mut files: BTreeMap<String, BTreeMap<&str, String>> = BTreeMap::new();
    for (runtime, module) in RUNTIMES {
        let dir = root.join(exercise).join("src/runtime").join(module);
        for entry in fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())) {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            files.entry(file).or_default().insert(runtime, fs::read_to_string(&path).unwrap());
        }
    }
    files.into_iter().map(|(file, texts)| json!({ "file": file, "texts": texts })).collect()
}

fn behaviours() -> Vec<Value> {
    let all = [
        (
            "dropped_handle",
            "a task's handle is dropped",
            ["detached: it ran to its end", "detached: it ran to its end", "cancelled"],
            "A handle of smol owns its task; the others' handles only wait. Call `detach()` where a task shall go on.",
        ),
        (
            "panic",
            "a task panics",
            [
                "an error at the await",
                "the panic resurfaces at the await",
                "the panic resurfaces at the await",
            ],
            "tokio catches the panic and hands it over as a `JoinError`.",
        ),
        (
            "default_threads",
            "threads that run tasks by default",
            ["2: one a core", "2: one a core", "1"],
            "smol runs on one thread unless SMOL_THREADS says otherwise.",
        ),
        (
            "half_close",
            "the write half is shut down",
            ["the peer sees the end", "the peer sees the end", "the peer sees the end"],
            "All send FIN by `shutdown`; what was written before arrives.",
        ),
    ];
    let experiments = all.iter().enumerate().map(|(n, (name, title, told, why))| {
        let outcomes: BTreeMap<&str, Value> = RUNTIMES
            .iter()
            .zip(told)
            .map(|((runtime, _), told)| {
                (*runtime, json!({ "told": told, "as_known": n != 2 || *runtime != "smol" }))
            })
            .collect();
        json!({ "name": name, "title": title, "why": why, "outcomes": outcomes })
    });
    experiments.collect()
}
