//! Which line of one module stands beside which of another.

use std::ops::Range;

use super::items::Piece;
use super::lex::Line;

/// What one module has of something, if it has it: a piece, a line.
pub(super) type Row<T> = Vec<Option<T>>;

/// Lines that are worth less than this are not the same line in other words.
const ALIKE: f64 = 0.5;

/// What it is worth that two lines that have nothing in common stand beside each other rather than one after the other.
const BESIDE: f64 = 0.02;

/// Pieces of the same name side by side. One that only some modules have is in the row where it stands.
pub(super) fn pieces(modules: Vec<Vec<Piece>>) -> Vec<(String, Row<Range<usize>>)> {
    let columns = modules.len();
    let mut rows: Vec<(String, Row<Range<usize>>)> = Vec::new();
    for (column, pieces) in modules.into_iter().enumerate() {
        let mut next = 0;
        for piece in pieces {
            let free = |row: &(String, Row<_>)| row.0 == piece.name && row.1[column].is_none();
            let place = rows.iter().position(free).unwrap_or_else(|| {
                rows.insert(next, (piece.name.clone(), vec![None; columns]));
                next
            });
            rows[place].1[column] = Some(piece.lines);
            next = place + 1;
        }
    }
    rows
}

/// The lines of one piece, side by side: for each module the number of its line.
///
/// A module is put beside those before it so that the lines that face each other have the most words in common
/// (Needleman and Wunsch, 1970, without a price for a gap).
pub(super) fn lines(piece: &Row<Range<usize>>, texts: &[Vec<Line<'_>>]) -> Vec<Row<usize>> {
    let columns = piece.len();
    let mut rows: Vec<Row<usize>> = Vec::new();
    for (column, range) in piece.iter().enumerate() {
        let Some(range) = range else { continue };
        let lines: Vec<usize> = range.clone().collect();
        let worth = |row: &Row<usize>, line: usize| {
            let there = row.iter().zip(texts).filter_map(|(other, text)| Some(&text[(*other)?]));
            there.map(|other| worth(other, &texts[column][line])).fold(0.0, f64::max)
        };
        let scores: Vec<Vec<f64>> =
            rows.iter().map(|row| lines.iter().map(|&line| worth(row, line)).collect()).collect();
        rows = merged(rows, &lines, column, columns, &best(&scores, lines.len()));
    }
    rows
}

/// `best[a][b]`: what the rows from `a` on and the lines from `b` on are worth at the most.
fn best(scores: &[Vec<f64>], lines: usize) -> Vec<Vec<f64>> {
    let mut best = vec![vec![0.0; lines + 1]; scores.len() + 1];
    for (a, row) in scores.iter().enumerate().rev() {
        for (b, score) in row.iter().enumerate().rev() {
            best[a][b] = f64::max(best[a + 1][b + 1] + score, f64::max(best[a + 1][b], best[a][b + 1]));
        }
    }
    best
}

/// The `rows` with the `lines` of one more column, as `best` has them.
fn merged(
    rows: Vec<Row<usize>>,
    lines: &[usize],
    column: usize,
    columns: usize,
    best: &[Vec<f64>],
) -> Vec<Row<usize>> {
    let mut merged = Vec::with_capacity(rows.len().max(lines.len()));
    let mut b = 0;
    let alone = |line: usize| {
        let mut row = vec![None; columns];
        row[column] = Some(line);
        row
    };
    for (a, mut row) in rows.into_iter().enumerate() {
        while b < lines.len() && best[a][b] <= best[a][b + 1] {
            merged.push(alone(lines[b]));
            b += 1;
        }
        if b < lines.len() && best[a][b] > best[a + 1][b] {
            row[column] = Some(lines[b]);
            b += 1;
        }
        merged.push(row);
    }
    merged.extend(lines[b..].iter().map(|&line| alone(line)));
    merged
}

/// What it is worth that two lines face each other. How they begin counts more: a signature on one line faces the first
/// of those on many.
fn worth(a: &Line<'_>, b: &Line<'_>) -> f64 {
    let worth = a.likeness(b) + a.beginning(b) / 2.0;
    if worth >= ALIKE { worth } else { BESIDE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::html::code::{items, lex};

    /// Texts side by side, each line in 10 columns.
    fn beside(texts: &[&str]) -> String {
        let words: Vec<_> = texts.iter().map(|text| lex::lines(text)).collect();
        let whole: Row<Range<usize>> = words.iter().map(|lines| Some(0..lines.len())).collect();
        let cell = |column: usize, line: Option<usize>| {
            line.and_then(|n| texts[column].lines().nth(n)).unwrap_or("")
        };
        let rows = lines(&whole, &words).into_iter().map(|row| {
            let cells =
                row.into_iter().enumerate().map(|(column, line)| format!("{:10}", cell(column, line)));
            cells.collect::<String>().trim_end().to_owned() + "\n"
        });
        rows.collect()
    }

    #[test]
    fn lines_face_those_that_say_the_same() {
        let expected = "a();      a();\n          b();\nc(x, y);  c(x, z);\nd();      d();\n";
        assert_eq!(beside(&["a();\nc(x, y);\nd();", "a();\nb();\nc(x, z);\nd();"]), expected);
    }

    #[test]
    fn a_signature_faces_its_beginning() {
        let (one, many) =
            ("fn a(b: B, c: C) -> D {\n    e();", "fn a(\n    b: B,\n    c: C,\n) -> D {\n    e();");
        let words = [one, many].map(lex::lines);
        let rows = lines(&vec![Some(0..2), Some(0..5)], &words);
        assert_eq!(rows.first(), Some(&vec![Some(0), Some(0)]));
        assert_eq!(rows.last(), Some(&vec![Some(1), Some(4)]));
    }

    #[test]
    fn a_third_column_joins_the_rows_of_either() {
        let found = beside(&["a();\nd();", "a();\nbb();\nd();", "a();\nbb();\ncc();\nd();"]);
        assert_eq!(
            found,
            "a();      a();      a();\n          bb();     bb();\n                    cc();\nd();      d();      d();\n"
        );
    }

    #[test]
    fn lines_without_a_likeness_stand_beside_each_other() {
        assert_eq!(
            beside(&["a();\none\nz();", "a();\ntwo\nz();"]),
            "a();      a();\none       two\nz();      z();\n"
        );
        assert_eq!(beside(&["", "a"]), "          a\n");
    }

    #[test]
    fn every_line_is_there_once() {
        let texts = ["x\ny\nx\n}\n}\n", "y\nx\n}\nq\n", "}\nx\ny\ny\n"];
        let words: Vec<_> = texts.iter().map(|text| lex::lines(text)).collect();
        let whole: Row<Range<usize>> = words.iter().map(|lines| Some(0..lines.len())).collect();
        let rows = lines(&whole, &words);
        for (column, text) in texts.iter().enumerate() {
            let found: Vec<usize> = rows.iter().filter_map(|row| row[column]).collect();
            assert_eq!(found, (0..text.lines().count()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn functions_are_matched_by_name() {
        let texts =
            ["fn a() {}\nfn b() {}\n", "fn a() {}\nfn new() {}\nfn b() {}\n", "fn b() {}\nfn a() {}\n"];
        let rows = pieces(texts.iter().map(|text| items::pieces(text)).collect());
        let names: Vec<(&str, Vec<bool>)> =
            rows.iter().map(|(name, row)| (&**name, row.iter().map(Option::is_some).collect())).collect();
        let expected = [("a", [true, true, true]), ("new", [false, true, false]), ("b", [true, true, true])];
        assert_eq!(names, expected.map(|(name, there)| (name, there.to_vec())));
    }
}
