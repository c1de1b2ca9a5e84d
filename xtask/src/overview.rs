//! `cargo xtask` alone: what there is, and what to do next.

use std::time::SystemTime;

use anyhow::Result;
use console::style;
use runner::cargo::Cargo;
use runner::checks::Impls;
use runner::exercises::{EXERCISES, Exercise, RUNTIMES};
use runner::progress::say;

use crate::{Outcome, compare, test};

const COMMANDS: [(&str, &str); 5] = [
    ("build", "each on each runtime alone, and the proof that they are apart"),
    ("test", "everything that proves the workspace (a part: test -- watch)"),
    ("compare", "cross-test, measure, and put side by side (a look: --quick)"),
    ("report", "draw the report of the last comparison again"),
    ("list", "the exercises as homework (then: next, check, hint, watch, diff, reset)"),
];

/// Runs the command.
pub(crate) fn run(cargo: &Cargo) -> Result<Outcome> {
    let runtimes = RUNTIMES.map(|r| r.name).join(", ");
    say(format!("The chapter's programs, each on {runtimes}.\n"))?;
    for Exercise { name, title, sections, .. } in EXERCISES {
        say(format!("  {}  {title}", style(format!("{name:8}")).bold()))?;
        say(format!("            {}: cargo run -p {name} -- --help", sections.join(", ")))?;
    }
    say("")?;
    for (command, does) in COMMANDS {
        say(format!("  cargo xtask {}  {does}", style(format!("{command:8}")).bold()))?;
    }
    say(format!("\nNext: {}", next(cargo)))?;
    Ok(Outcome::Good)
}

/// The step that is worth the most now.
fn next(cargo: &Cargo) -> String {
    let untested = EXERCISES.iter().find(|e| !Impls::place(cargo, e, test::ALONE).exists());
    if untested.is_some() {
        return "`cargo xtask test` has not run here yet: it shows that all works.".to_owned();
    }
    let results = compare::results_file(cargo);
    match results.metadata().and_then(|m| m.modified()) {
        Err(_) => "`cargo xtask compare` has not run here yet: it shows what the runtimes cost.".to_owned(),
        Ok(written) => {
            let age = SystemTime::now().duration_since(written).unwrap_or_default();
            let hours = age.as_secs() / 3600;
            let ago = if hours == 0 { "less than an hour".to_owned() } else { format!("{hours} h") };
            format!(
                "after a change, `cargo xtask test`, then `cargo xtask compare`.\n\
                 The last comparison is {ago} old: {}",
                cargo.shown(&results)
            )
        }
    }
}
