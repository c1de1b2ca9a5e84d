//! Text from the network, made safe to print on a terminal.
//!
//! A peer can send escape sequences that retitle a window, recolour what follows or answer as if the user
//! had typed. On a terminal its text is shown without control characters; into a pipe or a file the bytes
//! go unchanged.

use std::borrow::Cow;
use std::io::{self, IsTerminal};
use std::str;

/// `bytes` as text without control characters but newline and tab; each of the others, and each malformed
/// sequence of UTF-8, becomes U+FFFD.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        push(chunk.valid(), &mut text);
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Appends `bytes` to `text` as a part of one line: without control characters, newline and tab among them,
/// and with U+FFFD for each malformed sequence of UTF-8.
pub fn push_line(text: &mut String, bytes: &[u8]) {
    // The first byte of U+0080 to U+009F is 0xC2: without it and the ASCII ones nothing has to go.
    let suspicious = |byte: u8| byte < b' ' || byte == 0x7f || byte == 0xc2;
    for chunk in bytes.utf8_chunks() {
        match chunk.valid() {
            valid if valid.bytes().any(suspicious) => text.extend(valid.chars().filter(|c| !c.is_control())),
            valid => text.push_str(valid),
        }
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// [`printable`] for a stream that is cut anywhere: keeps back the character that a cut divides (at most
/// 3 bytes).
#[derive(Debug, Default)]
pub struct Printable {
    /// The beginning of a character whose rest is still to come.
    cut: Vec<u8>,
}

impl Printable {
    /// What can be printed once `bytes` have come.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.cut.extend_from_slice(bytes);
        let whole = match str::from_utf8(&self.cut) {
            Ok(text) => text.len(),
            Err(_) => self.cut.len() - unfinished(&self.cut),
        };
        let rest = self.cut.split_off(whole);
        let text = printable(&self.cut);
        self.cut = rest;
        text
    }
}

/// The way of a peer's text to stdout: printable on a terminal, unchanged into a pipe or a file.
#[derive(Debug)]
pub struct Outlet {
    printable: Option<Printable>,
}

impl Outlet {
    /// The way to stdout as it is now.
    pub fn stdout() -> Self {
        Self { printable: io::stdout().is_terminal().then(Printable::default) }
    }

    /// What to write of `bytes`, which came next.
    pub fn pass<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &mut self.printable {
            Some(printable) => printable.push(bytes).into_bytes().into(),
            None => bytes.into(),
        }
    }
}

/// How many bytes at the end of `bytes` may be the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let last = bytes.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    // `from_utf8` says `None` for a sequence that only lacks its end.
    let incomplete = str::from_utf8(last).is_err_and(|e| e.error_len().is_none());
    if incomplete { last.len() } else { 0 }
}

fn push(valid: &str, text: &mut String) {
    text.extend(valid.chars().map(|c| match c {
        '\n' | '\t' => c,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_is_left() {
        assert_eq!(printable(b"12:00:00\n"), "12:00:00\n");
        assert_eq!(printable(b"\x1b]0;mine\x07a\rb\tc\x7f"), "\u{fffd}]0;mine\u{fffd}a\u{fffd}b\tc\u{fffd}");
        assert_eq!(printable("\u{9b}31m über".as_bytes()), "\u{fffd}31m über");
        assert_eq!(printable(b"a\xffb"), "a\u{fffd}b");
    }

    #[test]
    fn a_line_is_without_any_control_character() {
        let line = |bytes: &[u8]| {
            let mut text = "> ".to_owned();
            push_line(&mut text, bytes);
            text
        };
        assert_eq!(line("über £5".as_bytes()), "> über £5");
        assert_eq!(line(b"\x1b[31mred\x1b[0m\x07 a\tb\r\n"), "> [31mred[0m ab");
        assert_eq!(line("\u{9b}31m\u{85}x".as_bytes()), "> 31mx");
        assert_eq!(line(b"a\xff\x1bb\xc2"), "> a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn a_stream_may_be_cut_anywhere() {
        let bytes = "häß 时 🦀\n".as_bytes();
        for cut in 0..=bytes.len() {
            let mut printable = Printable::default();
            let text = printable.push(&bytes[..cut]) + &printable.push(&bytes[cut..]);
            assert_eq!(text.as_bytes(), bytes, "cut at {cut}");
        }
        let mut printable = Printable::default();
        assert_eq!(printable.push(b"a\xf0\x9f") + &printable.push(b"b"), "a\u{fffd}b");
    }
}
