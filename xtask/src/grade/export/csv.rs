//! The class for a spreadsheet: a line a student, a column an exercise and runtime (RFC 4180).

use anyhow::Result;
use csv::WriterBuilder;

use super::text;
use crate::grade::result::Graded;
use crate::grade::store::shown;

/// Characters of a cell.
const MOST: usize = 200;

/// The class as CSV, with a header. Who could not be graded has empty cells.
///
/// # Errors
/// None that is known of.
pub(crate) fn render<'a>(class: impl IntoIterator<Item = &'a Graded>) -> Result<String> {
    let class: Vec<&Graded> = class.into_iter().collect();
    let columns = columns(&class);
    let mut csv = WriterBuilder::new().from_writer(Vec::new());
    let titles = columns.iter().map(|(id, runtime)| cell(&format!("{id}/{runtime}")));
    csv.write_record(["student", "total", "points"].map(str::to_owned).into_iter().chain(titles))?;
    for graded in class {
        let known = graded.infra.is_none();
        let sums = [shown(graded.earned()), graded.points().to_string()];
        let sums = sums.map(|sum| if known { sum } else { String::new() });
        let each = columns.iter().map(|column| {
            let here = graded.exercises.iter().find(|e| (&*e.id, &*e.runtime) == *column);
            here.filter(|_| known).map(|exercise| shown(exercise.earned)).unwrap_or_default()
        });
        csv.write_record([cell(&graded.student)].into_iter().chain(sums).chain(each))?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

/// The exercises on the runtimes, each once, in the order in which they come.
fn columns<'a>(class: &[&'a Graded]) -> Vec<(&'a str, &'a str)> {
    let mut columns = Vec::new();
    for exercise in class.iter().flat_map(|graded| &graded.exercises) {
        let column = (&*exercise.id, &*exercise.runtime);
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// Text that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = text::line(text, MOST);
    let formula = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']);
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::tests::{hostile, sample};

    #[test]
    fn a_line_for_each_student() -> Result<()> {
        let mut infra = sample("bob");
        infra.infra = Some("the disk is full".to_owned());
        let text = render(&[sample("alice"), infra, hostile()])?;
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = csv.headers()?.iter().map(str::to_owned).collect();
        assert_eq!(header, ["student", "total", "points", "8.2/smol", "8.2/tokio", "ex8.1/smol"]);
        let lines = csv.records().collect::<Result<Vec<_>, _>>()?;
        let line = |n: usize| lines[n].iter().collect::<Vec<_>>();
        assert_eq!(line(0), ["alice", "13.33", "25", "10", "0", "3.33"]);
        assert_eq!(line(1), ["bob", "", "", "", "", ""], "a fault of the grader is no zero");
        assert_eq!(line(2)[0], "'=HYPERLINK(\"http:x\",\"a|b\")");
        Ok(())
    }

    #[test]
    fn no_cell_is_a_formula() {
        for hostile in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "＝1"] {
            let cell = cell(hostile);
            assert!(cell.starts_with('\'') || cell.starts_with('\u{fffd}'), "{hostile:?} became {cell:?}");
        }
        assert_eq!(cell("alice"), "alice");
    }
}
