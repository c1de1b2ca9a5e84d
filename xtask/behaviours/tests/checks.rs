//! Each experiment on each runtime comes out as it is known to, and as the README says. They run as any test binary
//! does: `cargo test -p behaviours --test checks -- dropped_handle/smol`

use std::io::{self, Write};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::{Children, Implementation, Program};
use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

const BEHAVIOURS: &str = env!("CARGO_BIN_EXE_behaviours");

const README: &str = include_str!("../README.md");

/// Those that can be compiled in, in the order of the README's columns.
const RUNTIMES: [(&str, bool); 3] = [
    ("tokio", cfg!(feature = "tokio")),
    ("async-std", cfg!(feature = "async-std")),
    ("smol", cfg!(feature = "smol")),
];

/// How long one experiment may take.
const LIMIT: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let children = Children::default();
    kit::kill_when_interrupted(children.clone());
    let names = match names() {
        Ok(names) => names,
        Err(error) => {
            writeln!(io::stderr(), "error: {error:#}").ok();
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for (column, (runtime, _)) in
        RUNTIMES.into_iter().enumerate().filter(|(_, (_, compiled_in))| *compiled_in)
    {
        for name in &names {
            let program = Program::new(Implementation::new(runtime, [BEHAVIOURS]), children.clone());
            let name = name.clone();
            trials.push(Trial::test(format!("{name}/{runtime}"), move || {
                comes_out_as_known(&program, &name, runtime, column)
                    .map_err(|error| format!("{error:#}").into())
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What `list` lists.
fn names() -> Result<Vec<String>> {
    let output = Command::new(BEHAVIOURS).arg("list").output().context("cannot run `behaviours list`")?;
    let listed: Vec<Value> = serde_json::from_slice(&output.stdout).context("`behaviours list`")?;
    let name = |experiment: &Value| Some(experiment.get("name")?.as_str()?.to_owned());
    let names: Vec<String> = listed.iter().filter_map(name).collect();
    ensure!(!names.is_empty() && names.len() == listed.len(), "`behaviours list` has no names: {listed:?}");
    Ok(names)
}

fn comes_out_as_known(program: &Program, name: &str, runtime: &str, column: usize) -> Result<()> {
    let mut run = program.start(["run", name, "--runtime", runtime])?;
    let status =
        run.wait_for(LIMIT)?.with_context(|| format!("expected an end\n     got none in {LIMIT:?}"))?;
    ensure!(status.success(), "expected it to run\n     got {status}\n{}", run.stderr());
    let happened = run.rest()?;
    let happened: Value = serde_json::from_str(&happened).with_context(|| happened.clone())?;
    let told = happened["told"].as_str().context("it tells nothing")?;
    ensure!(
        happened["as_known"] == true,
        "expected what is known of {runtime} (see src/experiments/{name}.rs)\n     got {told:?}\n{}",
        run.stderr()
    );
    let documented = documented(name, column);
    ensure!(documented == Some(told), "expected {told:?} in the README's table\n     got {documented:?}");
    Ok(())
}

/// What the README's table has for this experiment on the runtime of this column.
fn documented(name: &str, column: usize) -> Option<&'static str> {
    let link = format!("](src/experiments/{name}.rs)");
    let row = README.lines().find(|line| line.starts_with('|') && line.contains(&link))?;
    // Before the first `|` is nothing, and the first column is the experiment.
    row.split('|').nth(2 + column).map(str::trim)
}
