//! The unit tests of the workspace, and every integration test that is not an exercise's checks.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use cargo_metadata::Artifact;
use runner::cargo::Cargo;
use runner::checks::{TARGET, tally};
use runner::exercises::EXERCISES;
use runner::progress::Step;

/// How many passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Units {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

/// Runs those whose name contains `filter`, and shows the whole output of a test program that fails.
pub(crate) fn run(cargo: &Cargo, artifacts: &[Artifact], filter: Option<&str>) -> Result<Units> {
    let tests: Vec<_> = artifacts.iter().filter(|a| a.profile.test && !is_checks(a)).collect();
    let step = Step::counted("unit tests", tests.len() as u64);
    let mut all = Units::default();
    for test in tests {
        let Some(executable) = &test.executable else { continue };
        let package = cargo.packages().into_iter().find(|p| p.id == test.package_id);
        let package = package.context("cargo has built a test of no package")?;
        let dir = package.manifest_path.parent().context("a manifest without a folder")?;
        step.at(format!("{} ({})", package.name, test.target.name));
        let mut command = Command::new(executable);
        command.args(filter).current_dir(dir).stdin(Stdio::null());
        // As under `cargo test`; `cargo run` has set it to the runner's own.
        command.env("CARGO_MANIFEST_DIR", dir);
        let output = command.output().with_context(|| format!("cannot run {executable}"))?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        let units = counted(&stdout, output.status.success());
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            step.above(&format!(
                "{} ({}): {}\n{stdout}{stderr}",
                package.name, test.target.name, output.status
            ));
        }
        all.passed += units.passed;
        all.failed += units.failed;
        step.advance();
    }
    step.end(all.failed == 0, tally(all.passed, all.failed));
    Ok(all)
}

fn is_checks(artifact: &Artifact) -> bool {
    let of_an_exercise = |dir: &str| EXERCISES.iter().any(|e| e.name == dir);
    let dir = artifact.manifest_path.parent().and_then(|dir| dir.file_name());
    artifact.target.name == TARGET && artifact.target.is_test() && dir.is_some_and(of_an_exercise)
}

/// What libtest's last line says; a program that fails without saying how is one failure.
fn counted(stdout: &str, success: bool) -> Units {
    let result = stdout.lines().rev().find_map(|line| line.strip_prefix("test result: "));
    let number = |what: &str| {
        let parts = result.into_iter().flat_map(|r| r.split(['.', ';']));
        parts
            .filter_map(|part| part.trim().strip_suffix(what))
            .find_map(|n| n.trim().parse().ok())
            .unwrap_or(0)
    };
    let (passed, failed) = (number(" passed"), number(" failed"));
    Units { passed, failed: if success { failed } else { failed.max(1) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted() {
        let line = "test result: FAILED. 14 passed; 2 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.01s";
        assert_eq!(counted(&format!("running\n{line}\n"), false), Units { passed: 14, failed: 2 });
        assert_eq!(
            counted(&line.replace("FAILED", "ok").replace("2 f", "0 f"), true),
            Units { passed: 14, failed: 0 }
        );
        assert_eq!(counted("", false), Units { passed: 0, failed: 1 });
        assert_eq!(counted("", true), Units::default());
    }
}
