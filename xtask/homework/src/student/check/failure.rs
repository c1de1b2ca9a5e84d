//! What a failed check says, made short enough to be read.

use common::text::printable;

/// Lines of a failure that are shown: what was expected and what came are the first ones.
const LINES: usize = 60;

/// What the program says that ends at a `todo!`.
const UNWRITTEN: &str = "not yet implemented: ";

/// The text of a failure, without what could play tricks on a terminal.
pub(crate) fn shown(failure: &str) -> String {
    let text = printable(failure.as_bytes());
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let mut shown = lines[..lines.len().min(LINES)].join("\n");
    if lines.len() > LINES {
        shown.push_str(&format!("\n… and {} lines more", lines.len() - LINES));
    }
    shown
}

/// What a program has met that is still to be written: `8.2: take clients in`.
pub(crate) fn unwritten(failure: &str) -> Option<String> {
    let (_, words) = failure.split_once(UNWRITTEN)?;
    words.lines().next().map(|words| printable(words.trim().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_failure_keeps_its_begin() {
        let long: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let shown = shown(&long);
        assert!(
            shown.starts_with("line 0\nline 1\n") && shown.ends_with("line 59\n… and 40 lines more"),
            "{shown}"
        );
        assert_eq!(super::shown("expected a\n     got \x1b[2J\n\n"), "expected a\n     got \u{fffd}[2J");
    }

    #[test]
    fn what_is_not_yet_implemented_is_found() {
        let failure = "expected a line\n     got the end\n  stderr of `clock serve`:\n    thread 'main' panicked at \
                       clock/src/runtime/smol/serve.rs:31:5:\n    not yet implemented: 8.2: take clients in\n    note: …\n";
        assert_eq!(unwritten(failure).as_deref(), Some("8.2: take clients in"));
        assert_eq!(unwritten("expected a line"), None);
    }
}
