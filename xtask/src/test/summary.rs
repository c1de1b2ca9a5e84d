//! The tables at the end of `cargo xtask test`.

use std::fmt::Write;

use comfy_table::{Cell, Color, Table};
use runner::checks::{Verdict, tally};
use runner::table;

use super::Proof;
use super::units::Units;

/// Exercise x runtime, and server x client for each exercise whose programs meet.
pub(crate) fn tables(units: &Units, proofs: &[Proof]) -> String {
    let mut text = String::new();
    let mut runtimes = table::new(2, ["", "", "all in one program", "a program each"]);
    runtimes.add_row(vec![
        Cell::new("unit tests"),
        Cell::new(""),
        score(units.passed, units.failed),
        Cell::new(""),
    ]);
    for proof in proofs {
        for (n, runtime) in proof.runtimes.iter().enumerate() {
            let mut row =
                vec![Cell::new(if n == 0 { proof.exercise.name } else { "" }), Cell::new(runtime.name)];
            row.extend([&proof.together, &proof.alone].map(|all| verdicts(all, &[runtime.name])));
            runtimes.add_row(row);
        }
    }
    writeln!(text, "\n{runtimes}").ok();
    for proof in proofs {
        if let Some(pairs) = pairs(proof) {
            writeln!(
                text,
                "\n{}: servers (down) and clients (across), both kinds of programs",
                proof.exercise.name
            )
            .ok();
            writeln!(text, "{pairs}").ok();
        }
    }
    text
}

fn pairs(proof: &Proof) -> Option<Table> {
    let all: Vec<Verdict> = proof.together.iter().chain(&proof.alone).cloned().collect();
    all.iter().find(|v| v.implementations.len() == 2)?;
    let header = [""].into_iter().chain(proof.runtimes.iter().map(|r| r.name));
    let mut table = table::new(1, header);
    for server in &proof.runtimes {
        let row = proof.runtimes.iter().map(|client| verdicts(&all, &[server.name, client.name]));
        table.add_row([Cell::new(server.name)].into_iter().chain(row));
    }
    Some(table)
}

/// The score of those that are about exactly these implementations.
fn verdicts(all: &[Verdict], implementations: &[&str]) -> Cell {
    let about = all.iter().filter(|v| v.implementations == implementations);
    let (passed, failed): (Vec<_>, Vec<_>) = about.partition(|v| v.passed);
    score(passed.len(), failed.len())
}

fn score(passed: usize, failed: usize) -> Cell {
    match (passed, failed) {
        (0, 0) => Cell::new("–"),
        (_, 0) => Cell::new(tally(passed, failed)).fg(Color::Green),
        _ => Cell::new(tally(passed, failed)).fg(Color::Red),
    }
}
