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
use self::lex::{Kind, Word};
use crate::results::Source;

/// Lines that share less than this of their words are marked as a whole.
const ALIKE: f64 = 0.5;

/// A file on each runtime, in columns.
struct Columns<'a> {
    /// The words of each line of each column; none where the file is not there
    words: Vec<Vec<Vec<Word<'a>>>>,
}

/// The rows of a table with a column for each of the `runtimes`.
pub(super) fn rows(source: &Source, runtimes: &[String]) -> String {
    let text = |runtime: &String| source.texts.get(runtime).map_or("", String::as_str);
    let texts: Vec<&str> = runtimes.iter().map(text).collect();
    let columns = Columns { words: texts.iter().map(|text| lex::lines(text)).collect() };
    let mut html = String::new();
    for (name, piece) in align::pieces(texts.iter().map(|text| items::pieces(text)).collect()) {
        html.push_str("<tbody><tr><th scope=rowgroup colspan=");
        write!(html, "{}>", runtimes.len()).ok();
        escape(&mut html, &name);
        html.push('\n');
        columns.piece(&mut html, &piece);
    }
    html
}

impl Columns<'_> {
    /// The lines of one piece, row by row.
    fn piece(&self, html: &mut String, piece: &Row<Range<usize>>) {
        for row in align::lines(piece, &self.words) {
            html.push_str("<tr");
            class(html, &self.equal(&row));
            html.push('>');
            for column in 0..row.len() {
                self.cell(html, &row, column);
            }
            html.push('\n');
        }
    }

    /// The words of the line that is in `column` of `row`.
    fn line(&self, row: &Row<usize>, column: usize) -> Option<&[Word<'_>]> {
        row[column].map(|line| &*self.words[column][line])
    }

    /// Whether two columns have the same line, indentation apart.
    fn same(&self, row: &Row<usize>, a: usize, b: usize) -> bool {
        let words = |column| {
            let words = self.line(row, column)?.iter();
            Some(words.filter(|word| word.kind != Kind::Space).map(|word| word.text).collect::<Vec<_>>())
        };
        words(a) == words(b)
    }

    /// `e01 e12`: the pairs of columns that have nothing different in this row, so that it can be hidden when they are
    /// chosen.
    fn equal(&self, row: &Row<usize>) -> Vec<String> {
        let pairs = (0..row.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        pairs.filter(|&(a, b)| self.same(row, a, b)).map(|(a, b)| format!("e{a}{b}")).collect()
    }

    /// A line, with the number that it has in its file and the columns from which it differs (`x0 x2`).
    fn cell(&self, html: &mut String, row: &Row<usize>, column: usize) {
        let others: Vec<usize> = (0..row.len()).filter(|&other| !self.same(row, column, other)).collect();
        let mut classes = vec![format!("c{column}")];
        classes.extend(others.iter().map(|other| format!("x{other}")));
        html.push_str("<td");
        let Some(words) = self.line(row, column) else {
            classes.push("z".to_owned());
            class(html, &classes);
            html.push('>');
            return;
        };
        class(html, &classes);
        if let Some(line) = row[column] {
            write!(html, " data-n={}", line + 1).ok();
        }
        html.push('>');
        let mut differs = vec![Vec::new(); words.len()];
        for &other in &others {
            if let Some(line) = self.line(row, other) {
                mark(&mut differs, words, line, other);
            }
        }
        let all: Vec<(&Word<'_>, &Vec<usize>)> = words.iter().zip(&differs).collect();
        for alike in all.chunk_by(|a, b| a.0.kind == b.0.kind && a.1 == b.1) {
            let text: String = alike.iter().map(|(word, _)| word.text).collect();
            span(html, alike[0].0.kind, &text, alike[0].1);
        }
    }
}

/// Notes which of `words` are not in `other`, the line of the column `number`. Lines that have little in common are
/// marked as lines, not word by word.
fn mark(differs: &mut [Vec<usize>], words: &[Word<'_>], other: &[Word<'_>], number: usize) {
    if align::likeness(words, other) < ALIKE {
        return;
    }
    let texts = |words: &[Word<'_>]| words.iter().map(|word| word.text.to_owned()).collect::<Vec<_>>();
    for part in capture_diff_slices(Algorithm::Myers, &texts(words), &texts(other)) {
        if !matches!(part, DiffOp::Equal { .. }) {
            for place in part.old_range() {
                differs[place].push(number);
            }
        }
    }
}

/// Words of one kind, with the columns from which they differ (`w0 w2`).
fn span(html: &mut String, kind: Kind, text: &str, differs: &[usize]) {
    let mut classes: Vec<String> = kind.class().map(String::from).into_iter().collect();
    if kind != Kind::Space {
        classes.extend(differs.iter().map(|other| format!("w{other}")));
    }
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
            "colspan=2>f\n",
            "<tr class=e01><td class=c0 data-n=1>",
            "<td class=\"c0 x1\" data-n=2>",
            "<span class=\"n w1\">1</span>",
            "<td class=\"c1 x0\" data-n=2>",
            "<span class=\"n w0\">2</span>",
        ] {
            assert!(html.contains(part), "{part:?} is not in\n{html}");
        }
        assert_eq!(html.matches("w1").count(), 1, "only what differs is marked\n{html}");
    }

    #[test]
    fn what_only_one_has_faces_nothing() {
        let html = drawn(&[("one", "fn f() {}\n"), ("two", "fn f() {}\n\nfn g() {}\n"), ("three", "")]);
        for part in ["colspan=3>g\n<tr class=e02><td class=\"c0 x1 z\"><td class=\"c1 x0 x2\" data-n=3>"] {
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
