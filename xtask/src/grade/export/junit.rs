//! JUnit's XML, which CI systems show as a report of tests: a suite a student, a case a check.

use std::time::Duration;

use anyhow::Result;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::text;
use crate::grade::result::{Check, Exercise, Graded};
use crate::grade::store::shown;

/// Characters that one check says.
const MOST: usize = 4_000;

/// The class as XML.
///
/// # Errors
/// None that is known of.
pub(super) fn render(class: &[&Graded]) -> Result<String> {
    let mut report = Report::new("grade");
    report.add_test_suites(class.iter().map(|graded| suite(graded)));
    report.set_time(class.iter().map(|graded| duration(graded.seconds)).sum());
    Ok(report.to_string()?)
}

fn suite(graded: &Graded) -> TestSuite {
    let mut suite = TestSuite::new(text::line(&graded.student, 200));
    suite.set_time(duration(graded.seconds));
    if let Some(why) = &graded.infra {
        let mut case = TestCase::new("graded", not(NonSuccessKind::Error, "infra", why));
        case.set_classname("grader");
        suite.add_test_case(case);
        return suite;
    }
    let points = format!("{}/{}", shown(graded.earned()), graded.points());
    suite.add_property(("points", &*points));
    suite.add_property(("template", &*graded.template));
    suite.add_property(("started", &*graded.started));
    suite.add_test_cases(graded.exercises.iter().flat_map(cases));
    suite
}

/// The cases of one exercise: its checks, or that it is not built.
fn cases(exercise: &Exercise) -> Vec<TestCase> {
    let mut cases: Vec<TestCase> = exercise.checks.iter().map(check).collect();
    if let Some(said) = &exercise.not_built {
        let status = not(NonSuccessKind::Error, "not built", said);
        cases.insert(0, TestCase::new(format!("{}/builds", text::line(&exercise.id, 200)), status));
    }
    for case in &mut cases {
        // Some readers take what is before a dot for a package, so the id with its dot is not in it.
        case.set_classname(text::line(&format!("{}-{}", exercise.of, exercise.runtime), 200));
        case.add_property(("exercise", &*exercise.id));
    }
    cases
}

fn check(check: &Check) -> TestCase {
    let status = if check.passed {
        TestCaseStatus::success()
    } else {
        not(NonSuccessKind::Failure, "check", check.failure.as_deref().unwrap_or("it failed"))
    };
    let mut case = TestCase::new(text::line(&check.name, 200), status);
    case.set_time(duration(check.seconds));
    case
}

/// Something that did not go well, and what was said then.
fn not(kind: NonSuccessKind, ty: &str, said: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(ty);
    status.set_message(text::line(said, 200)).set_description(text::block(said, MOST));
    status
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
