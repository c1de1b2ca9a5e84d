//! The modules that are written once for each runtime, side by side: function beside function, line beside line, and
//! what differs marked.
//!
//! It is written as HTML here, and not by the template, since it is most of the report: thousands of lines. The classes
//! are short for the same reason; `style.css` says what they are.

mod align;
mod items;
mod lex;

use std::fmt::Write;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use self::align::Row;
use self::lex::{Kind, Line, Word};
use crate::results::Source;

/// Lines that share less than this of their words are marked as a whole.
const ALIKE: f64 = 0.5;

/// A file on each runtime, in columns: the lines of each, none where the file is not there.
struct Columns<'a>(Vec<Vec<Line<'a>>>);

/// The rows of a table with a column for each of the `runtimes`.
pub(super) fn rows(source: &Source, runtimes: &[String]) -> String {
    let text = |runtime: &String| source.texts.get(runtime).map_or("", String::as_str);
    let texts: Vec<&str> = runtimes.iter().map(text).collect();
    let columns = Columns(texts.iter().map(|text| lex::lines(text)).collect());
    let mut html = String::new();
    for (name, piece) in align::pieces(texts.iter().map(|text| items::pieces(text)).collect()) {
        // Without a span over the columns, which would count those that are hidden.
        html.push_str("<tbody><tr><th scope=rowgroup>");
        escape(&mut html, &name);
        html.push('\n');
        columns.piece(&mut html, &piece);
    }
    html
}

impl Columns<'_> {
    /// The lines of one piece, row by row.
    fn piece(&self, html: &mut String, piece: &Row<Range<usize>>) {
        for row in align::lines(piece, &self.0) {
            html.push_str("<tr");
            class(html, self.kind(&row).as_slice());
            html.push('>');
            for column in 0..row.len() {
                self.cell(html, &row, column);
            }
            html.push('\n');
        }
    }

    fn line(&self, row: &Row<usize>, column: usize) -> Option<&Line<'_>> {
        row[column].map(|line| &self.0[column][line])
    }

    /// Whether two columns have the same line, blanks apart, or both have none.
    fn same(&self, row: &Row<usize>, a: usize, b: usize) -> bool {
        match (self.line(row, a), self.line(row, b)) {
            (Some(a), Some(b)) => a.says(b),
            (None, None) => true,
            _ => false,
        }
    }

    /// What a row is good for, so that it can be hidden when it shows nothing of what is chosen: `e`, all columns have the
    /// same line; of three columns: `e01`, these two have; `f2`, the others have, and 2 has none; `z2`, 2 has none; `g01`,
    /// these two have none.
    fn kind(&self, row: &Row<usize>) -> Option<String> {
        let absent: Vec<usize> = (0..row.len()).filter(|&column| row[column].is_none()).collect();
        let pairs = (0..row.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        let same: Vec<(usize, usize)> = pairs.filter(|&(a, b)| self.same(row, a, b)).collect();
        match (row.len(), &*absent, &*same) {
            (columns, [], same) if same.len() == columns * (columns - 1) / 2 => Some("e".to_owned()),
            (3, [], [(a, b)]) => Some(format!("e{a}{b}")),
            (3, [absent], [_]) => Some(format!("f{absent}")),
            (2 | 3, [absent], []) => Some(format!("z{absent}")),
            (3, [a, b], _) => Some(format!("g{a}{b}")),
            _ => None,
        }
    }

    /// A line, with the number that it has in its file and the columns from which it differs (`x0 x2`).
    fn cell(&self, html: &mut String, row: &Row<usize>, column: usize) {
        let others: Vec<usize> = (0..row.len()).filter(|&other| !self.same(row, column, other)).collect();
        let mut classes = vec![format!("c{column}")];
        classes.extend(others.iter().map(|other| format!("x{other}")));
        html.push_str("<td");
        let Some(line) = self.line(row, column) else {
            classes.push("z".to_owned());
            class(html, &classes);
            html.push('>');
            return;
        };
        classes.extend(line.depth().map(|depth| format!("p{depth}")));
        class(html, &classes);
        if let Some(number) = row[column] {
            write!(html, " data-n={}", number + 1).ok();
        }
        html.push('>');
        let mut differs = vec![Vec::new(); line.words.len()];
        for &number in &others {
            if let Some(other) = self.line(row, number) {
                mark(&mut differs, line, other, number);
            }
        }
        let all: Vec<(&Word<'_>, &Vec<usize>)> = line.words.iter().zip(&differs).collect();
        for alike in all.chunk_by(|a, b| a.0.kind == b.0.kind && a.1 == b.1) {
            let text: String = alike.iter().map(|(word, _)| word.text).collect();
            span(html, alike[0].0.kind, &text, alike[0].1);
        }
    }
}

/// Notes which words of `line` are not in `other`, the line of the column `number`. Lines that have little in common are
/// marked as lines, not word by word.
fn mark(differs: &mut [Vec<usize>], line: &Line<'_>, other: &Line<'_>, number: usize) {
    if line.likeness(other) < ALIKE {
        return;
    }
    let words = |line: &Line<'_>| -> Vec<String> {
        line.words.iter().filter(|word| !word.is_blank()).map(|word| word.text.to_owned()).collect()
    };
    let places: Vec<usize> = (0..line.words.len()).filter(|&place| !line.words[place].is_blank()).collect();
    for part in capture_diff_slices(Algorithm::Myers, &words(line), &words(other)) {
        if !matches!(part, DiffOp::Equal { .. }) && !part.old_range().is_empty() {
            // With the blanks between the words.
            let (first, last) = (places[part.old_range().start], places[part.old_range().end - 1]);
            differs[first..=last].iter_mut().for_each(|differs| differs.push(number));
        }
    }
}

/// Words of one kind, with the columns from which they differ (`w0 w2`).
fn span(html: &mut String, kind: Kind, text: &str, differs: &[usize]) {
    let mut classes: Vec<String> = kind.class().map(String::from).into_iter().collect();
    classes.extend(differs.iter().map(|other| format!("w{other}")));
    if classes.is_empty() {
        return escape(html, text);
    }
    html.push_str("<span");
    class(html, &classes);
    html.push('>');
    escape(html, text);
    html.push_str("</span>");
}

/// The attribute of these classes, if there are any.
fn class(html: &mut String, classes: &[String]) {
    match classes {
        [] => {}
        [one] => _ = write!(html, " class={one}"),
        many => _ = write!(html, " class=\"{}\"", many.join(" ")),
    }
}

/// Adds `text` as what it is.
fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(texts: &[(&str, &str)]) -> String {
        let runtimes: Vec<String> = texts.iter().map(|(name, _)| (*name).to_owned()).collect();
        let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        rows(&Source { file: "a.rs".to_owned(), texts }, &runtimes)
    }

    #[test]
    fn differing_lines_and_words_are_marked() {
        let html = drawn(&[("one", "fn f() {\n    a(1);\n}\n"), ("two", "fn f() {\n    a(2);\n}\n")]);
        for part in [
            "<th scope=rowgroup>f\n",
            "<tr class=e><td class=c0 data-n=1>",
            "<td class=\"c0 x1 p1\" data-n=2>",
            "<span class=\"n w1\">1</span>",
            "<td class=\"c1 x0 p1\" data-n=2>",
            "<span class=\"n w0\">2</span>",
        ] {
            assert!(html.contains(part), "{part:?} is not in\n{html}");
        }
        assert_eq!(html.matches("w1").count(), 1, "only what differs is marked\n{html}");
    }

    #[test]
    fn what_only_one_has_faces_nothing() {
        let html = drawn(&[("one", "fn f() {}\n"), ("two", "fn f() {}\n\nfn g() {}\n"), ("three", "")]);
        for part in [
            "<th scope=rowgroup>f\n<tr class=f2>",
            "<th scope=rowgroup>g\n<tr class=g02><td class=\"c0 x1 z\"><td class=\"c1 x0 x2\" data-n=3>",
        ] {
            assert!(html.contains(part), "{part:?} is not in\n{html}");
        }
    }

    #[test]
    fn texts_are_no_markup() {
        let html = drawn(&[("one", "fn f() { \"<script>&amp;\" }\n"), ("two", "<script>\n")]);
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;script&gt;&amp;amp;"), "{html}");
    }
}
