//! From the verdicts of checks to points.

use std::collections::BTreeMap;

use homework::assignment::Assignment;
use runner::exercises::Runtime;

use super::exam::{Answer, Exam};
use super::result::{Check, Exercise};
use super::template::Template;

/// What is known of one crate of a submission.
pub(crate) enum Sheet {
    /// None of its files is otherwise than the template's.
    Untouched,
    /// It was not built: the compiler's words.
    NotBuilt(String),
    /// By runtime and check.
    Answers(BTreeMap<(&'static str, String), Answer>),
}

/// What is said of checks that were not run, since there was nothing to run them against.
const NOTHING: &str = "nothing was handed in";

/// Every exercise of the template on each of its runtimes. What no sheet is about counts as untouched.
pub(crate) fn score(
    template: &Template,
    exam: &Exam,
    sheets: &BTreeMap<&'static str, Sheet>,
) -> Vec<Exercise> {
    let mut all = Vec::new();
    for of in template.homework.crates() {
        let sheet = sheets.get(of.of).unwrap_or(&Sheet::Untouched);
        let names = exam.names(of.of);
        for one in &of.list {
            let own = names.iter().filter(|check| of.owners(check).iter().any(|owner| owner.id == one.id));
            let proofs = of.proofs(one, names);
            let own: Vec<(&str, bool)> =
                own.map(|check| (check.as_str(), !proofs.contains(check.as_str()))).collect();
            for runtime in &template.runtimes {
                all.push(exercise(of.of, one, runtime, &own, sheet));
            }
        }
    }
    let place = |id: &str| homework::assignment::CHAPTER.iter().position(|other| *other == id);
    all.sort_by_key(|one| place(&one.id));
    all
}

/// `checks` are its own, each with whether it is given.
fn exercise(
    of: &str,
    one: &Assignment,
    runtime: &Runtime,
    checks: &[(&str, bool)],
    sheet: &Sheet,
) -> Exercise {
    let check = |&(name, given): &(&str, bool)| -> Option<Check> {
        let none = |failure: &str| Answer { passed: false, failure: Some(failure.to_owned()), seconds: 0.0 };
        let answer = match sheet {
            Sheet::Untouched => none(NOTHING),
            Sheet::NotBuilt(_) => return None,
            Sheet::Answers(answers) => {
                let answer = answers.get(&(runtime.name, name.to_owned()));
                answer.cloned().unwrap_or_else(|| none("it was not run"))
            }
        };
        let Answer { passed, failure, seconds } = answer;
        Some(Check { name: name.to_owned(), passed, given, seconds: round(seconds), failure })
    };
    let checks: Vec<Check> = checks.iter().filter_map(check).collect();
    let not_built = match sheet {
        Sheet::NotBuilt(told) => Some(told.clone()),
        _ => None,
    };
    Exercise {
        id: one.id.clone(),
        title: one.title.clone(),
        of: of.to_owned(),
        runtime: runtime.name.to_owned(),
        points: one.points,
        earned: earned(one.points, &checks),
        not_built,
        checks,
    }
}

/// A part of the points: the part of its proofs that pass. What is given earns nothing, and when it fails it counts
/// as a proof that fails.
fn earned(points: u32, checks: &[Check]) -> f64 {
    let count = |holds: &dyn Fn(&&Check) -> bool| {
        u32::try_from(checks.iter().filter(holds).count()).map_or(f64::MAX, f64::from)
    };
    let passed = count(&|check| !check.given && check.passed);
    let asked = count(&|check| !check.given || !check.passed);
    if passed == 0.0 { 0.0 } else { round(f64::from(points) * passed / asked) }
}

/// To two digits.
pub(crate) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(all: &[(bool, bool)]) -> Vec<Check> {
        let check = |&(given, passed): &(bool, bool)| Check {
            name: "8.2/a".into(),
            passed,
            given,
            seconds: 0.0,
            failure: None,
        };
        all.iter().map(check).collect()
    }

    #[test]
    fn points_are_earned_by_proofs() {
        let (proof, given) = (false, true);
        assert_eq!(earned(10, &checks(&[(proof, true), (given, true)])), 10.0);
        assert_eq!(earned(10, &checks(&[(proof, true), (proof, true), (proof, false)])), 6.67);
        assert_eq!(earned(10, &checks(&[(proof, true), (given, false)])), 5.0);
        assert_eq!(earned(10, &checks(&[(proof, false), (given, true)])), 0.0);
        assert_eq!(earned(10, &checks(&[(given, true)])), 0.0);
        assert_eq!(earned(10, &[]), 0.0);
    }
}
