//! Classroom 50's `result.json`, the form `classroom50/result/v1`: what an autograder leaves for its runner, which says
//! in the environment what is graded.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{json, outcome, text};
use crate::grade::result::{Exercise, Graded};

/// Characters that are said of one exercise: a result may have 10 MiB.
const MOST: usize = 2_000;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Results {
    schema: &'static str,
    classroom: String,
    assignment: String,
    /// The runner puts this and the owner right if they are wrong.
    #[serde(rename = "assignment_type")]
    assignment_type: String,
    owner: String,
    submission: String,
    commit: String,
    release: String,
    review: String,
    datetime: String,
    #[serde(rename = "graded_at")]
    graded_at: String,
    score: u32,
    max_score: u32,
    tests: Vec<Test>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Test {
    test_name: String,
    passed: bool,
    score: u32,
    max_score: u32,
    /// What follows is more than the form asks for, and kept: what was earned before it became a whole number, and why.
    earned: f64,
    output: String,
}

/// The result of one student. `env` looks up what the runner has set.
///
/// # Errors
/// When the environment is not that of Classroom 50's runner, or the result has no time in it.
pub(super) fn render(graded: &Graded, env: &impl Fn(&str) -> Option<String>) -> Result<String> {
    let get = |name: &str| env(name).filter(|value| !value.trim().is_empty());
    let told = |name: &str| {
        get(name).with_context(|| {
            format!(
                "{name} is not set: this form is for Classroom 50's runner, which sets it for its autograder.py"
            )
        })
    };
    let started = humantime::parse_rfc3339(&graded.started)
        .with_context(|| format!("`started` of {} is no time: {:?}", graded.student, graded.started))?;
    let ended = started + Duration::try_from_secs_f64(graded.seconds).unwrap_or_default();
    let tests: Vec<Test> = graded.exercises.iter().map(test).collect();
    let commit = told("COMMIT_URL")?;
    json(&Results {
        schema: "classroom50/result/v1",
        classroom: told("CLASSROOM")?,
        assignment: told("ASSIGNMENT")?,
        assignment_type: get("ASSIGNMENT_TYPE").unwrap_or_else(|| "individual".to_owned()),
        owner: get("OWNER").or_else(|| get("USERNAME")).unwrap_or_else(|| graded.student.clone()),
        submission: told("SUBMISSION_TAG")?,
        release: told("RELEASE_URL")?,
        review: get("REVIEW_URL").unwrap_or_else(|| commit.clone()),
        commit,
        datetime: humantime::format_rfc3339_seconds(started).to_string(),
        graded_at: humantime::format_rfc3339_seconds(ended).to_string(),
        score: tests.iter().map(|test| test.score).sum(),
        max_score: tests.iter().map(|test| test.max_score).sum(),
        tests,
    })
}

fn test(exercise: &Exercise) -> Test {
    let Exercise { id, title, runtime, .. } = exercise;
    Test {
        test_name: text::line(&format!("{id} on {runtime}: {title}"), 200),
        passed: exercise.is_full(),
        score: whole(exercise),
        max_score: exercise.points,
        earned: exercise.earned,
        output: outcome(exercise, MOST),
    }
}

/// What was earned as the whole number that the form asks for: the nearest one, but all of the points only to whom they
/// are.
fn whole(exercise: &Exercise) -> u32 {
    if exercise.is_full() {
        return exercise.points;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats saturates")]
    let nearest = exercise.earned.round() as u32;
    nearest.min(exercise.points.saturating_sub(1))
}
