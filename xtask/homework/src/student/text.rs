//! How texts look: as wide as the terminal, and coloured on one only.

use console::{Term, measure_text_width, style};

/// Wider lines are hard to read.
const WIDEST: usize = 100;

/// Where nobody says how wide it is.
const USUAL: usize = 80;

/// How wide a text may be: as the terminal; elsewhere as `COLUMNS` says, or 80.
pub(crate) fn width() -> usize {
    let terminal = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(told).filter(|columns| *columns > 0).unwrap_or(USUAL).min(WIDEST)
}

/// `text`, which is paragraphs and lists as in Markdown, in lines of `width` that begin with `indent`. What is in
/// backticks stays on one line, so that a command can be copied.
pub(crate) fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.len()).max(20);
    let mut lines = Vec::new();
    for block in blocks(text) {
        match block {
            Block::Blank => lines.push(String::new()),
            Block::Verbatim(line) => lines.push(format!("{indent}{line}")),
            Block::Words { first, rest, text } => {
                let broken = broken(&text, room - first.len());
                for (n, line) in broken.iter().enumerate() {
                    lines.push(format!("{indent}{}{line}", if n == 0 { first } else { rest }));
                }
            }
        }
    }
    lines.join("\n")
}

enum Block<'t> {
    Blank,
    /// A line of code.
    Verbatim(&'t str),
    /// A paragraph or the item of a list, and what its first line and the others begin with.
    Words {
        first: &'static str,
        rest: &'static str,
        text: String,
    },
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for line in text.trim().lines() {
        let (item, words) = match line.trim_start().strip_prefix("- ") {
            Some(words) => (true, words),
            None => (false, line.trim()),
        };
        match (words.is_empty(), blocks.last_mut()) {
            (true, _) => blocks.push(Block::Blank),
            (false, _) if line.starts_with("    ") => blocks.push(Block::Verbatim(line)),
            (false, Some(Block::Words { text, .. })) if !item => {
                text.push(' ');
                text.push_str(words);
            }
            _ => {
                let (first, rest) = if item { ("- ", "  ") } else { ("", "") };
                blocks.push(Block::Words { first, rest, text: words.to_owned() });
            }
        }
    }
    blocks
}

/// `text` in lines of at most `room` columns; a word that is wider has a line of its own.
fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        let line = lines.last_mut().expect("there is a line from the start");
        if line.is_empty() {
            line.push_str(word);
        } else if measure_text_width(line) + 1 + measure_text_width(word) <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.iter().map(|line| coloured(line)).collect()
}

/// What is between blanks; blanks between backticks part nothing.
fn words(text: &str) -> Vec<&str> {
    let mut code = false;
    let parts = text.split(|c: char| {
        code ^= c == '`';
        c.is_whitespace() && !code
    });
    parts.filter(|word| !word.is_empty()).collect()
}

/// `line` with colours for what is in backticks.
fn coloured(line: &str) -> String {
    let parts = line.split('`').collect::<Vec<_>>();
    // An odd one out is no pair.
    if parts.len() % 2 == 0 {
        return line.to_owned();
    }
    let shown = parts.iter().enumerate().map(|(n, part)| match n % 2 {
        0 => (*part).to_owned(),
        _ => style(format!("`{part}`")).cyan().to_string(),
    });
    shown.collect()
}

/// A bar of `width` columns, filled as far as `done` is of `all`.
pub(crate) fn bar(done: usize, all: usize, width: usize) -> String {
    let full = (done * width).checked_div(all).unwrap_or(0);
    // One that has begun shows it.
    let full = full.clamp(usize::from(done > 0), width);
    let (full, rest) = ("█".repeat(full), "░".repeat(width - full));
    format!("{}{}", style(full).green(), style(rest).dim())
}

/// `text` with a line at its left, so that what a program says is told from what is said about it.
pub(crate) fn quoted(text: &str) -> String {
    let bar = style("│").dim().to_string();
    let lines: Vec<String> =
        text.lines().map(|line| format!("  {bar} {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

/// `1 check`, `2 checks`.
pub(crate) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lists_are_wrapped() {
        let text = "\nOne two three\nfour five.\n\nWhat counts:\n- a list's item that\n  is long\n- and `a b c d e` code\n\n    let x = 1;\n";
        let lines = wrapped(text, 22, "  ");
        let expected = "  One two three four\n  five.\n\n  What counts:\n  - a list's item that\n    is long\n  - and `a b c d e`\n    code\n\n      let x = 1;";
        assert_eq!(console::strip_ansi_codes(&lines), expected);
        assert!(expected.lines().all(|line| line.len() <= 22));
    }

    #[test]
    fn a_word_wider_than_the_line_stays_whole() {
        let lines = wrapped("a https://example.org/a/very/long/path b", 24, "");
        assert_eq!(lines, "a\nhttps://example.org/a/very/long/path\nb");
    }

    #[test]
    fn a_lone_backtick_is_a_character() {
        assert_eq!(wrapped("it's a ` b", 80, ""), "it's a ` b");
        assert_eq!(wrapped("", 80, ""), "");
    }

    #[test]
    fn a_bar_is_full_only_at_the_end() {
        let bar = |done, all| console::strip_ansi_codes(&bar(done, all, 10)).into_owned();
        assert_eq!(bar(0, 24), "░░░░░░░░░░");
        assert_eq!(bar(1, 1000), "█░░░░░░░░░");
        assert_eq!(bar(12, 24), "█████░░░░░");
        assert_eq!(bar(999, 1000), "█████████░");
        assert_eq!(bar(24, 24), "██████████");
        assert_eq!(bar(0, 0), "░░░░░░░░░░");
    }
}
