//! GitHub's Markdown, for a job summary or an issue: all exercises of one student; of a class, the points, and of each
//! student where points were lost.

use std::fmt::Write;

use super::text;
use crate::grade::result::{Exercise, Graded};
use crate::grade::store::shown;

/// Bytes of the whole: GitHub takes 1 MiB for a job summary.
const MOST_BYTES: usize = 900 << 10;

/// Characters of a failure in a table.
const MOST: usize = 240;

/// The results as Markdown.
pub(super) fn render(class: &[&Graded]) -> String {
    let mut text = match class {
        [one] => student(one, "#", true),
        _ => overview(class),
    };
    if class.len() == 1 {
        return text;
    }
    for (n, graded) in class.iter().enumerate() {
        let section = student(graded, "##", false);
        if text.len() + section.len() > MOST_BYTES {
            writeln!(text, "\n{} more students have no room here.", class.len() - n).ok();
            break;
        }
        text += "\n";
        text += &section;
    }
    text
}

/// A line a student.
fn overview(class: &[&Graded]) -> String {
    let graded = class.iter().filter(|graded| graded.infra.is_none()).count();
    let mut text = format!("# {graded} of {} graded\n\n", class.len());
    text += "| student | points | of | exercises in full |\n| --- | ---: | ---: | ---: |\n";
    for graded in class {
        let name = cell(&graded.student, 100);
        let full = graded.exercises.iter().filter(|exercise| exercise.is_full()).count();
        match &graded.infra {
            Some(_) => writeln!(text, "| {name} | not graded | | |"),
            None => writeln!(
                text,
                "| {name} | {} | {} | {full}/{} |",
                shown(graded.earned()),
                graded.points(),
                graded.exercises.len()
            ),
        }
        .ok();
    }
    text
}

/// One student: `all` exercises, or those in which points were lost.
fn student(graded: &Graded, level: &str, all: bool) -> String {
    let name = code(&graded.student, 100);
    if let Some(why) = &graded.infra {
        let why = code(why, MOST);
        return format!("{level} {name}: not graded\n\nThe grader failed, not the submission: {why}\n");
    }
    let (earned, points) = (shown(graded.earned()), graded.points());
    let mut text = format!("{level} {name}: {earned} of {points} points\n");
    let rows: Vec<&Exercise> =
        graded.exercises.iter().filter(|exercise| all || !exercise.is_full()).collect();
    if !rows.is_empty() {
        text += "\n| exercise | runtime | points | first failure |\n| --- | --- | ---: | --- |\n";
    }
    for exercise in rows {
        let what = cell(&format!("{} {}", exercise.id, exercise.title), 120);
        let (runtime, earned) = (cell(&exercise.runtime, 40), shown(exercise.earned));
        let failure = failure(exercise);
        writeln!(text, "| {what} | {runtime} | {earned}/{} | {failure} |", exercise.points).ok();
    }
    for (n, note) in graded.notes.iter().take(20).enumerate() {
        let before = if n == 0 { "\n" } else { "" };
        writeln!(text, "{before}- {}", code(note, MOST)).ok();
    }
    text
}

fn failure(exercise: &Exercise) -> String {
    match exercise.first_failure() {
        None => String::new(),
        Some((None, said)) => format!("does not build: {}", cell(said, MOST)),
        Some((Some(check), said)) => format!("{}: {}", cell(check, 120), cell(said, MOST)),
    }
}

/// [`code`] in a table, in which a `|` is not the end of a cell.
fn cell(text: &str, most: usize) -> String {
    // A backslash before `\|` would make it that after all.
    code(text, most).replace("\\|", "\\¦").replace('|', "\\|")
}

/// `text` as a line of code, in which nothing is markup, a mention or a link.
fn code(text: &str, most: usize) -> String {
    let mut line = text::line(text, most);
    if line.is_empty() {
        line = "–".to_owned();
    }
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if line.starts_with('`') || line.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{line}{gap}{fence}")
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;
    use crate::grade::tests::{hostile, sample};

    /// What `markdown` has in it beside tables, headings, lists and code.
    fn markup(markdown: &str) -> Vec<String> {
        let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_GFM);
        let plain = |tag: &Tag<'_>| {
            matches!(
                tag,
                Tag::Table(_)
                    | Tag::TableHead
                    | Tag::TableRow
                    | Tag::TableCell
                    | Tag::Heading { .. }
                    | Tag::Paragraph
                    | Tag::List(_)
                    | Tag::Item
            )
        };
        let odd = parser.filter(|event| match event {
            Event::Start(tag) => !plain(tag),
            Event::End(_) | Event::Text(_) | Event::Code(_) | Event::SoftBreak => false,
            _ => true,
        });
        odd.map(|event| format!("{event:?}")).collect()
    }

    /// The code in `markdown`.
    fn codes(markdown: &str) -> Vec<String> {
        let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES);
        let codes = parser.filter_map(|event| match event {
            Event::Code(code) => Some(code.to_string()),
            _ => None,
        });
        codes.collect()
    }

    #[test]
    fn one_student_with_all_exercises() {
        let expected = "\
# `alice`: 13.33 of 25 points

| exercise | runtime | points | first failure |
| --- | --- | ---: | --- |
| `8.2 A clock server` | `smol` | 10/10 |  |
| `8.2 A clock server` | `tokio` | 0/10 | does not build: `error[E0308]: mismatched types --> clock/src/serve.rs:1` |
| `ex8.1 A wall of clocks` | `smol` | 3.33/5 | `ex8.1/wall`: `expected \"12:00\" got \"<none>\"` |

- `clock/Cargo.toml differs from the template: not taken`
";
        assert_eq!(render(&[&sample("alice")]), expected);
    }

    #[test]
    fn a_class_with_what_was_lost() {
        let mut infra = sample("bob");
        infra.infra = Some("the disk\nis full".to_owned());
        let text = render(&[&sample("alice"), &infra]);
        assert!(text.starts_with("# 1 of 2 graded\n"), "{text}");
        for part in [
            "| `alice` | 13.33 | 25 | 1/3 |",
            "| `bob` | not graded | | |",
            "not the submission: `the disk is full`",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert_eq!(text.matches("`8.2 A clock server`").count(), 1, "what is full is left out");
        assert_eq!(markup(&text), [] as [&str; 0]);
    }

    #[test]
    fn nothing_of_a_student_is_markup() {
        let text = render(&[&hostile()]);
        assert_eq!(markup(&text), [] as [&str; 0], "{text}");
        // In a table, and in the notes below it.
        for said in [
            "`` <script>alert(1)</script> @team #1 [x](http:y) | a || b ` c \\¦ **d** end` ::set-output",
            "`` <script>alert(1)</script> @team #1 [x](http:y) | a || b ` c \\| **d** end` ::set-output",
        ] {
            assert!(codes(&text).iter().any(|code| code.starts_with(said)), "{:?}", codes(&text));
        }
        assert!(codes(&text).iter().any(|code| code == "=HYPERLINK(\"http:x\",\"a|b\")"));
        // Four columns, and what is in the code makes no more.
        let cells = Parser::new_ext(&text, Options::ENABLE_TABLES);
        let cells = cells.filter(|event| matches!(event, Event::Start(Tag::TableCell))).count();
        assert_eq!(cells, 4 * (1 + hostile().exercises.len()));
    }

    #[test]
    fn a_large_class_has_room() {
        let class: Vec<Graded> = (0..5_000).map(|n| sample(&format!("student-{n}"))).collect();
        let text = render(&class.iter().collect::<Vec<_>>());
        assert!(text.len() < 1 << 20 && text.contains("more students have no room here"));
    }
}
