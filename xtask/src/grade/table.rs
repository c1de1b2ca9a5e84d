//! A class on a terminal: a line a student.

use comfy_table::{Cell, Color};
use runner::table;

use super::export::text;
use super::result::Graded;
use super::store::shown;

/// Columns that a name, and what is to be said of a student, may take: with the points, less than 80.
const NAME: usize = 22;
const REST: usize = 36;

/// The class as a table, and a line that sums it up.
pub(crate) fn render<'a>(class: impl IntoIterator<Item = &'a Graded>) -> String {
    let class: Vec<&Graded> = class.into_iter().collect();
    let mut table = table::new(1, ["student", "points", "of", "lost in"]);
    if let Some(column) = table.column_mut(3) {
        column.set_cell_alignment(comfy_table::CellAlignment::Left);
    }
    for graded in &class {
        let name = Cell::new(text::line(&graded.student, NAME));
        table.add_row(match &graded.infra {
            Some(why) => {
                let why = Cell::new(text::line(&format!("not graded: {why}"), REST)).fg(Color::Yellow);
                vec![name, Cell::new("–"), Cell::new("–"), why]
            }
            None => {
                let points = [shown(graded.earned()), graded.points().to_string()].map(Cell::new);
                [name].into_iter().chain(points).chain([Cell::new(lost(graded))]).collect()
            }
        });
    }
    format!("{table}\n\n{}", summary(&class))
}

/// The exercises in which points were lost, on any runtime; as many as there is room for.
fn lost(graded: &Graded) -> String {
    let mut lost: Vec<&str> = Vec::new();
    for exercise in graded.exercises.iter().filter(|exercise| !exercise.is_full()) {
        if !lost.contains(&&*exercise.id) {
            lost.push(&exercise.id);
        }
    }
    let (mut told, mut shown) = (lost.join(", "), lost.len());
    while told.chars().count() > REST && shown > 0 {
        shown -= 1;
        told = format!("{} and {} more", lost[..shown].join(", "), lost.len() - shown);
    }
    text::line(&told, REST)
}

/// How many were graded, and what the middle one has.
fn summary(class: &[&Graded]) -> String {
    let mut earned: Vec<f64> = class.iter().filter(|g| g.infra.is_none()).map(|g| g.earned()).collect();
    earned.sort_by(f64::total_cmp);
    let mut told = format!("{} graded", earned.len());
    if let Some(median) = earned.get(earned.len() / 2) {
        told += &format!(", the median is {}", shown(*median));
    }
    let without = class.len() - earned.len();
    if without > 0 {
        told += &format!("; {without} could not be graded, which is not their fault");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::tests::sample;

    #[test]
    fn a_class_at_a_glance() {
        let mut infra = sample("bob");
        infra.infra = Some("the sandbox does not start: a very long reason".to_owned());
        let mut many = sample("a name that is really much too long");
        let lost = many.exercises[1].clone();
        many.exercises.extend((1..20).map(|n| {
            let mut exercise = lost.clone();
            exercise.id = format!("ex8.{n}");
            exercise
        }));
        let text = render(&[sample("alice"), infra, many]);
        let lines: Vec<String> =
            text.lines().map(|line| console::strip_ansi_codes(line).into_owned()).collect();
        assert!(lines.iter().all(|line| line.trim_end().chars().count() <= 80), "{text}");
        for part in [
            "13.33  25  8.2, ex8.1",
            "–   –  not graded: the sandbox does not st…",
            "8.2, ex8.1, ex8.2, ex8.3 and 16 more",
            "2 graded, the median is 13.33; 1 could not be graded, which is not their fault",
        ] {
            let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(spaced(&lines.join("\n")).contains(&spaced(part)), "{part:?} is not in\n{text}");
        }
    }
}
