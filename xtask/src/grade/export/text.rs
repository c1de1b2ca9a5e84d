//! Words of students' programs, made harmless: they end up in terminals, logs of CI, spreadsheets and web pages.

use common::text::printable;

/// `text` of at most `most` characters, with its lines, as it is safe in a log.
pub(crate) fn block(text: &str, most: usize) -> String {
    let text = clean(text);
    let Some((cut, _)) = text.char_indices().nth(most) else { return text };
    let more = text[cut..].chars().count();
    format!("{}\n… and {more} characters more", text[..cut].trim_end())
}

/// `text` as one line of at most `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let text = clean(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// `text` without control characters, without what reorders or hides what a person reads, and without what CI systems
/// take for their own commands.
fn clean(text: &str) -> String {
    let text = printable(text.as_bytes()).replace(is_deceptive, "\u{fffd}");
    let lines: Vec<String> = text.split('\n').map(without_commands).collect();
    lines.join("\n")
}

/// Marks of direction, separators of lines that only some readers know, and what takes no room.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A line in which `::set-output …::`, `##[command]` and `##vso[…]` are words like others: GitHub's runner looks for the
/// first at the beginning of a line, and it and others for the rest anywhere.
fn without_commands(line: &str) -> String {
    let start = line.len() - line.trim_start().len();
    let mut out = line[..start].to_owned();
    let mut rest = &line[start..];
    if let Some(after) = rest.strip_prefix("::") {
        out.push_str(": :");
        rest = after;
    }
    while let Some(at) = rest.find("##") {
        let (before, hashes) = rest.split_at(at + 1);
        out.push_str(before);
        let word = hashes[1..].trim_start_matches(|c: char| c.is_ascii_alphabetic());
        if word.starts_with('[') {
            out.push(' ');
        }
        rest = hashes;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_ci_are_words() {
        for (hostile, harmless) in [
            ("::set-output name=x::y", ": :set-output name=x::y"),
            (" \t::error::x", " \t: :error::x"),
            (":::error::x", ": ::error::x"),
            ("a ::b:: c", "a ::b:: c"),
            ("x ##[error]y", "x # #[error]y"),
            ("###[group]", "## #[group]"),
            ("##vso[task.setvariable]##TeamCity[x]", "# #vso[task.setvariable]# #TeamCity[x]"),
            ("## a heading", "## a heading"),
            ("##", "##"),
            ("\x1b]0;title\x07::error::", "\u{fffd}]0;title\u{fffd}::error::"),
            ("a\r::error::b", "a\u{fffd}::error::b"),
            ("a\u{2028}::error::\u{202e}b", "a\u{fffd}::error::\u{fffd}b"),
        ] {
            assert_eq!(block(hostile, 100), harmless);
            assert_eq!(block(&format!("first\n{hostile}"), 100), format!("first\n{harmless}"));
        }
    }

    #[test]
    fn text_has_a_bound() {
        assert_eq!(block("äöü", 3), "äöü");
        assert_eq!(block("äöüß\n", 3), "äöü\n… and 2 characters more");
        assert_eq!(line("a\n  b\tc", 5), "a b c");
        assert_eq!(line("a\nbcdefg", 5), "a bc…");
        assert_eq!(line("\n::x\n", 9), ": :x");
        assert_eq!(line("", 9), "");
    }
}
