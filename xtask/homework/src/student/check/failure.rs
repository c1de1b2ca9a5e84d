//! What a failed check says, made short enough to be read.

use common::text::printable;

/// Lines of a failure that are shown: what was expected and what came are the first ones.
const LINES: usize = 60;

/// What a program says that has come to a `todo!`, and what it says before that of where it was.
const UNWRITTEN: &str = "not yet implemented";
const AT: &str = "panicked at ";

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

/// What a program has come to that is still to be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unwritten {
    /// `clock/src/runtime/smol/serve.rs:31:5`
    pub(crate) at: Option<String>,
    /// `8.2: take clients in`; nothing when the `todo!` says nothing.
    pub(crate) words: String,
}

/// What a program has come to, if the failure is of that.
pub(crate) fn unwritten(failure: &str) -> Option<Unwritten> {
    let text = printable(failure.as_bytes());
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let words = lines.iter().find_map(|line| line.strip_prefix(UNWRITTEN))?;
    let words = words.trim_start_matches(':').trim().to_owned();
    let above = lines.windows(2).filter(|two| two[1].starts_with(UNWRITTEN));
    let at = above.filter_map(|two| two[0].split_once(AT)).next();
    Some(Unwritten { at: at.map(|(_, at)| at.trim_end_matches(':').to_owned()), words })
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
        let at = Some("clock/src/runtime/smol/serve.rs:31:5".to_owned());
        assert_eq!(unwritten(failure), Some(Unwritten { at, words: "8.2: take clients in".to_owned() }));
        let bare = unwritten("not yet implemented\n");
        assert_eq!(bare, Some(Unwritten { at: None, words: String::new() }));
        assert_eq!(unwritten("expected a line"), None);
    }
}
