//! What a program says that has come to a `todo!`.

use crate::Children;

/// What the panic of a `todo!` says, at the begin of a line.
const WORDS: &str = "not yet implemented";

/// More of a line is not looked at.
const LONGEST: usize = 4 << 10;

/// Looks through what a program writes for the words of a `todo!`. The check that started it fails with them, whatever
/// it waits for.
#[derive(Debug)]
pub struct Unfinished {
    children: Children,
    /// What there is of a line whose end is still to come: its begin.
    line: Vec<u8>,
}

impl Unfinished {
    /// Tells `children` of what it finds.
    pub(crate) fn new(children: Children) -> Self {
        Self { children, line: Vec::new() }
    }

    /// Looks at the bytes that came next.
    pub fn look(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = LONGEST.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                if let Some(words) = words(&self.line) {
                    self.children.unfinished(words);
                }
                self.line.clear();
            }
        }
    }
}

/// The line of a `todo!`'s panic, if `line` is one.
fn words(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(WORDS.as_bytes())?;
    // A terminal ends its lines with a carriage return too.
    let whole = rest.starts_with(b": ") || rest.trim_ascii().is_empty();
    whole.then(|| String::from_utf8_lossy(line).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in these parts.
    fn found(parts: &[&str]) -> Option<String> {
        let children = Children::default();
        let mut unfinished = Unfinished::new(children.clone());
        parts.iter().for_each(|part| unfinished.look(part.as_bytes()));
        children.is_unfinished()
    }

    #[test]
    fn the_words_are_found_however_they_come() {
        let panic =
            "\nthread 'main' (7) panicked at src/main.rs:1:2:\nnot yet implemented: 8.2: é\nnote: run\n";
        assert_eq!(found(&[panic]).as_deref(), Some("not yet implemented: 8.2: é"));
        let bytes: Vec<String> = panic.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        assert_eq!(found(&bytes).as_deref(), Some("not yet implemented: 8.2: é"));
        assert_eq!(found(&["not yet implemented\r\n"]).as_deref(), Some("not yet implemented"));
        let twice = ["not yet implemented: first\n", "not yet implemented: second\n"];
        assert_eq!(found(&twice).as_deref(), Some("not yet implemented: first"));
    }

    #[test]
    fn other_words_are_nothing() {
        for text in [
            "not yet implemented: without its end",
            "it is not yet implemented: said by somebody\n",
            "not yet implemented_at_all\n",
            "not implemented: an `unimplemented!`\n",
        ] {
            assert_eq!(found(&[text]), None, "{text}");
        }
        let long = "x".repeat(LONGEST - 5);
        assert_eq!(found(&[&long, "not yet implemented: a part of it\n"]), None);
    }
}
