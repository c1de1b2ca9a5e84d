//! Gradescope's `results.json`: what an autograder there leaves in `/autograder/results/`. Its form is in Gradescope's
//! "Autograder Specifications".

use anyhow::Result;
use serde::Serialize;

use super::{json, outcome, text};
use crate::grade::result::{Exercise, Graded, Isolation};

/// Characters that are said of one exercise.
const MOST: usize = 8_000;

#[derive(Serialize)]
struct Results<'a> {
    score: f64,
    /// In whole seconds.
    execution_time: u64,
    output: String,
    /// Each is said, since the default of the first is HTML.
    output_format: &'static str,
    test_output_format: &'static str,
    test_name_format: &'static str,
    visibility: &'static str,
    stdout_visibility: &'static str,
    tests: Vec<Test<'a>>,
    extra_data: Origin<'a>,
}

#[derive(Serialize)]
struct Test<'a> {
    number: String,
    name: String,
    score: f64,
    max_score: u32,
    status: &'static str,
    output: String,
    extra_data: Which<'a>,
}

/// Where the points come from.
#[derive(Serialize)]
struct Origin<'a> {
    template: &'a str,
    started: &'a str,
    isolation: Isolation,
}

#[derive(Serialize)]
struct Which<'a> {
    exercise: &'a str,
    of: &'a str,
    runtime: &'a str,
}

/// The results of one student.
///
/// # Errors
/// None that is known of.
pub(super) fn render(graded: &Graded) -> Result<String> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded in the line before")]
    let seconds = graded.seconds.clamp(0.0, 1e9).round() as u64;
    json(&Results {
        score: graded.earned(),
        execution_time: seconds,
        output: notes(&graded.notes),
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: graded.exercises.iter().enumerate().map(|(n, exercise)| test(n + 1, exercise)).collect(),
        extra_data: Origin {
            template: &graded.template,
            started: &graded.started,
            isolation: graded.isolation,
        },
    })
}

fn test(number: usize, exercise: &Exercise) -> Test<'_> {
    let Exercise { id, title, of, runtime, points, earned, .. } = exercise;
    Test {
        number: number.to_string(),
        name: text::line(&format!("{id} on {runtime}: {title}"), 200),
        score: *earned,
        max_score: *points,
        status: if exercise.is_full() { "passed" } else { "failed" },
        output: outcome(exercise, MOST),
        extra_data: Which { exercise: id, of, runtime },
    }
}

/// What was not taken of the submission.
fn notes(notes: &[String]) -> String {
    let lines: Vec<String> = notes.iter().take(50).map(|note| text::line(note, 300)).collect();
    lines.join("\n")
}
