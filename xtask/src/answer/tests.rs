use super::*;
use crate::results::tests::sample;
use crate::results::{Better, Group, Implementation, Metric, Unit, Value};

/// A metric with these samples.
fn metric(name: &str, unit: Unit, better: Better, values: &[(&str, &[f64])]) -> Metric {
    let values =
        values.iter().map(|(name, samples)| ((*name).to_owned(), Value::new(samples.to_vec()).unwrap()));
    let group =
        if name == "program_size" || name == "runtime_lines" { Group::Program } else { Group::Workload };
    let headline = group == Group::Workload;
    Metric {
        name: name.to_owned(),
        title: name.to_owned(),
        group,
        headline,
        unit,
        better,
        values: values.collect(),
    }
}

/// Results of the three runtimes with these metrics, from a quiet machine.
fn results(metrics: Vec<Metric>) -> Results {
    let mut results = sample();
    let ours = |name: &str| Implementation { name: name.to_owned(), outside: false, broken: None };
    let compared = &mut results.exercises[0];
    compared.implementations = ["tokio", "async-std", "smol"].map(ours).into();
    compared.verdicts.clear();
    compared.metrics = metrics;
    results.settings.scale = Scale::Standard;
    results
}

const FAST: &[f64] = &[100.0, 101.0, 99.0];
const HALF: &[f64] = &[50.0, 50.5, 49.5];
const SLOW: &[f64] = &[40.0, 40.4, 39.6];

fn all(results: &Results) -> String {
    sentences(results).join("\n")
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn who_is_ahead_and_by_how_much() {
    let rate = |values: &[(&str, &[f64])]| metric("rate", Unit::PerSecond, Better::Higher, values);
    let size = metric(
        "program_size",
        Unit::Bytes,
        Better::Lower,
        &[("tokio", &[3e6]), ("async-std", &[4e6]), ("smol", &[2e6])],
    );
    let clear = rate(&[("tokio", FAST), ("async-std", SLOW), ("smol", FAST)]);
    let one = rate(&[("tokio", FAST), ("async-std", HALF), ("smol", HALF)]);
    says(
        &all(&results(vec![clear, one, size])),
        &[
            "Headline figures (2): tokio is the best in 1, async-std in none and smol in none; in 1 the best are equal",
            "Speed (the geometric mean of 2 figures, ties as equal): tokio is ahead; async-std is slower by a factor of 2.24 \
             and smol is slower by a factor of 1.41.",
            "The largest difference is in clock, rate: 100/s on smol and 40/s on async-std, a factor of 2.50.",
            "smol's programs are the smallest: 1953 KiB in its one program; tokio 2930 KiB and async-std 3906 KiB.",
            "From async-std to tokio, headline figures: 2 better, 0 worse, 0 the same. On average: time −55 % and size of \
             the programs −25 %.",
            "From async-std to smol, headline figures: 1 better, 0 worse, 1 the same. On average: time −37 %",
        ],
    );
}

#[test]
fn a_tie_is_no_difference() {
    let close = [
        ("tokio", &[10.0, 12.0, 11.0][..]),
        ("async-std", &[11.0, 13.0, 12.0]),
        ("smol", &[10.5, 12.5, 11.5]),
    ];
    let text = all(&results(vec![metric("late", Unit::Seconds, Better::Lower, &close)]));
    says(
        &text,
        &[
            "Headline figures (1): none has a winner",
            "no difference between tokio, async-std and smol",
            "0 worse, 1 the same",
        ],
    );
    for wrong in ["is ahead", "largest", "slower", "On average: time −"] {
        assert!(!text.contains(wrong), "{wrong:?} is in\n{text}");
    }
}

#[test]
fn what_makes_figures_doubtful_is_told() {
    let mut results = results(vec![metric(
        "memory",
        Unit::Bytes,
        Better::Lower,
        &[("tokio", &[1.0, 2.0, 4.0]), ("smol", FAST), ("async-std", FAST)],
    )]);
    results.interrupted = true;
    results.settings.scale = Scale::Quick;
    results.noise.others = 0.2;
    results.noise.others_most = 0.5;
    results.exercises[0].implementations[2].broken = Some("expected a line\nand more".to_owned());
    let failed = sample().exercises[0].verdicts[0].clone();
    results.exercises[0].verdicts =
        vec![crate::results::Verdict { implementations: vec!["smol".to_owned()], ..failed }];
    let text = all(&results);
    says(
        &text,
        &[
            "clock on smol is broken and counts nowhere: expected a line",
            "Checks fail: clock on smol 1 of 1.",
            "interrupted",
            "first look (--quick)",
            "others used 20 % of the cores, at times 50 %",
            "1 headline figure is uncertain by more than 10 %.",
        ],
    );
    assert!(
        !text.contains("in all") && !text.contains("to smol, headline figures: 1"),
        "what is broken wins nothing\n{text}"
    );
}

#[test]
fn nothing_to_compare_is_said() {
    let mut none = sample();
    none.exercises.clear();
    says(&all(&none), &["nothing to compare"]);
    let one = metric("rate", Unit::PerSecond, Better::Higher, &[("smol", FAST)]);
    says(&all(&results(vec![one])), &["nothing to compare"]);
}

/// Nothing by nothing is no factor.
#[test]
fn zeros_are_left_out() {
    let zero = metric(
        "memory",
        Unit::Bytes,
        Better::Lower,
        &[("tokio", &[0.0, 0.0]), ("async-std", FAST), ("smol", FAST)],
    );
    let text = all(&results(vec![zero]));
    says(&text, &["From async-std to tokio, headline figures: 1 better"]);
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}
