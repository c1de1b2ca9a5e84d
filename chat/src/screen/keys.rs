//! Bytes that come from a terminal into keys.
//!
//! A read can end anywhere: the beginning of a key is kept for the next one. Only a read that ends in the byte
//! ESC is the key of that name, since nothing else tells it from the beginning of a sequence.

use std::str;

const ESC: u8 = 0x1b;

/// The most bytes of a sequence; a longer one is no key of ours.
const LONGEST: usize = 32;

/// What a terminal sends in [`BRACKETED_PASTE`](super::terminal) around what is pasted.
const PASTE: &[u8] = b"\x1b[200~";
const PASTED: &[u8] = b"\x1b[201~";

/// A key, or what was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Without control characters.
    Text(String),
    /// Of Ctrl and a letter that has no other meaning here.
    Ctrl(char),
    Enter,
    Escape,
    Backspace,
    Delete,
    DeleteWord,
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Up,
    Down,
    PageUp,
    PageDown,
    /// One row, whatever the modifier.
    ScrollUp,
    ScrollDown,
    ScrollHome,
    ScrollEnd,
}

/// The keyboard: what it sent, and is no whole key yet.
#[derive(Debug, Default)]
pub(super) struct Keys {
    bytes: Vec<u8>,
    pasting: bool,
}

/// What stands at the beginning of some bytes.
enum Next {
    Key(Key),
    /// A key that means nothing here.
    Nothing,
    /// More has to come.
    Unfinished,
}

impl Keys {
    /// The keys that `bytes`, one read, complete.
    pub(super) fn press(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.bytes.extend_from_slice(bytes);
        let mut keys = Vec::new();
        let mut start = 0;
        while start < self.bytes.len() {
            let rest = &self.bytes[start..];
            let (next, len) = if self.pasting { pasted(rest) } else { typed(rest) };
            match next {
                Next::Unfinished => break,
                Next::Nothing if rest.starts_with(PASTE) || rest.starts_with(PASTED) => {
                    self.pasting = rest.starts_with(PASTE);
                }
                Next::Nothing => {}
                Next::Key(Key::Text(more)) => match keys.last_mut() {
                    Some(Key::Text(text)) => text.push_str(&more),
                    _ => keys.push(Key::Text(more)),
                },
                Next::Key(key) => keys.push(key),
            }
            start += len;
        }
        self.bytes.drain(..start);
        keys
    }
}

/// Inside of what is pasted: text in one line. Ctrl-C stays a key, since the end of it may never come.
fn pasted(bytes: &[u8]) -> (Next, usize) {
    match bytes[0] {
        0x03 => (Next::Key(Key::Ctrl('c')), 1),
        b'\r' | b'\n' | b'\t' => (Next::Key(Key::Text(" ".to_owned())), 1),
        ESC if bytes.starts_with(PASTED) => (Next::Nothing, PASTED.len()),
        ESC if PASTED.starts_with(bytes) => (Next::Unfinished, 0),
        byte if byte.is_ascii_control() => (Next::Nothing, 1),
        _ => character(bytes),
    }
}

fn typed(bytes: &[u8]) -> (Next, usize) {
    let key = match bytes {
        [ESC] => Key::Escape,
        [ESC, b'[', rest @ ..] => return sequence(rest),
        [ESC, b'O'] => return (Next::Unfinished, 0),
        [ESC, b'O', last, ..] => return (of(plain(*last)), 3),
        [ESC, second, ..] => return (of(with_alt(*second)), 2),
        [b'\r' | b'\n', ..] => Key::Enter,
        [0x08 | 0x7f, ..] => Key::Backspace,
        // As readline has them.
        [0x01, ..] => Key::Home,
        [0x02, ..] => Key::Left,
        [0x05, ..] => Key::End,
        [0x06, ..] => Key::Right,
        [0x0e, ..] => Key::Down,
        [0x10, ..] => Key::Up,
        [0x17, ..] => Key::DeleteWord,
        [byte @ 0x01..=0x1a, ..] => Key::Ctrl(char::from(byte - 1 + b'a')),
        [byte, ..] if byte.is_ascii_control() => return (Next::Nothing, 1),
        _ => return character(bytes),
    };
    (Next::Key(key), 1)
}

/// A sequence behind `ESC [`: parameters, and a last byte that says what it is.
fn sequence(bytes: &[u8]) -> (Next, usize) {
    let last = bytes.iter().position(|byte| (0x40..=0x7e).contains(byte) && *byte != b'[');
    // The keys F1 to F5 of Linux's console: `ESC [ [ A`.
    let end = match (bytes.first(), last) {
        (_, Some(last)) => last,
        (_, None) if bytes.len() < LONGEST => return (Next::Unfinished, 0),
        (_, None) => return (Next::Nothing, 2 + bytes.len()),
    };
    let key = match (&bytes[..end], bytes[end]) {
        ([], last) => plain(last),
        (b"1" | b"7", b'~') => Some(Key::Home),
        (b"4" | b"8", b'~') => Some(Key::End),
        (b"3", b'~') => Some(Key::Delete),
        (b"5", b'~') => Some(Key::PageUp),
        (b"6", b'~') => Some(Key::PageDown),
        ([b'1', b';', _], last) => with_modifier(last),
        _ => None,
    };
    (of(key), 2 + end + 1)
}

fn plain(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        _ => return None,
    })
}

/// With Shift, Alt, Ctrl, or several of them.
fn with_modifier(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::ScrollUp,
        b'B' => Key::ScrollDown,
        b'C' => Key::WordRight,
        b'D' => Key::WordLeft,
        b'F' => Key::ScrollEnd,
        b'H' => Key::ScrollHome,
        _ => return None,
    })
}

fn with_alt(second: u8) -> Option<Key> {
    Some(match second {
        b'b' => Key::WordLeft,
        b'f' => Key::WordRight,
        0x7f => Key::DeleteWord,
        _ => return None,
    })
}

fn of(key: Option<Key>) -> Next {
    key.map_or(Next::Nothing, Next::Key)
}

/// A character; U+FFFD for bytes that are none.
fn character(bytes: &[u8]) -> (Next, usize) {
    // The longest has 4 bytes.
    let bytes = &bytes[..bytes.len().min(4)];
    let (valid, error) = match str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => (str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(), Some(error)),
    };
    let text = match (valid.chars().next(), error.map(|error| error.error_len())) {
        // U+0080 to U+009F.
        (Some(c), _) if c.is_control() => return (Next::Nothing, c.len_utf8()),
        (Some(c), _) => c,
        (None, Some(Some(len))) => return (Next::Key(Key::Text(char::REPLACEMENT_CHARACTER.into())), len),
        (None, _) => return (Next::Unfinished, 0),
    };
    (Next::Key(Key::Text(text.into())), text.len_utf8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Key {
        Key::Text(text.to_owned())
    }

    #[test]
    fn keys_of_a_terminal() {
        let keys = |bytes: &[u8]| Keys::default().press(bytes);
        assert_eq!(keys("grüße 🦀".as_bytes()), [text("grüße 🦀")]);
        assert_eq!(keys(b"a\rb\x7f"), [text("a"), Key::Enter, text("b"), Key::Backspace]);
        assert_eq!(keys(b"\x1b[A\x1bOB\x1b[C\x1b[D"), [Key::Up, Key::Down, Key::Right, Key::Left]);
        assert_eq!(keys(b"\x1b[5~\x1b[6~\x1b[3~"), [Key::PageUp, Key::PageDown, Key::Delete]);
        assert_eq!(keys(b"\x1b[H\x1b[4~\x01\x05"), [Key::Home, Key::End, Key::Home, Key::End]);
        assert_eq!(
            keys(b"\x1b[1;5D\x1bf\x1b[1;2A\x17"),
            [Key::WordLeft, Key::WordRight, Key::ScrollUp, Key::DeleteWord]
        );
        assert_eq!(keys(b"\x03\x04"), [Key::Ctrl('c'), Key::Ctrl('d')]);
        assert_eq!(keys(b"\x1b"), [Key::Escape]);
    }

    #[test]
    fn what_is_no_key_of_ours_is_ignored() {
        let mut keys = Keys::default();
        let nothing = b"\x1b[[A\x1b[15~\x1b[999;999~\x1b[<0;1;1M\x1b[?1;2c\x1bOP\x1bx\x00\x1f\xc2\x9b";
        assert_eq!(keys.press(nothing), []);
        assert_eq!(keys.press(b"\xffa"), [text("\u{fffd}a")]);
        assert_eq!(keys.press(&[&b"\x1b["[..], &[b'1'; 1000]].concat()), []);
        assert!(keys.bytes.is_empty());
        assert_eq!(keys.press(b"a"), [text("a")]);
    }

    #[test]
    fn a_paste_is_one_line() {
        let mut keys = Keys::default();
        let pasted = keys.press(b"a\x1b[200~one\r\ntwo\t\x1b[Athree\x03\x1b[201~\r");
        assert_eq!(pasted, [text("aone  two [Athree"), Key::Ctrl('c'), Key::Enter]);
    }

    proptest! {
        /// But for a cut behind ESC, which makes it a key.
        #[test]
        fn where_it_is_cut_makes_no_difference(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("ü🦀x".as_bytes().to_vec()),
                    Just(b"\x1b[A".to_vec()),
                    Just(b"\x1b[1;5C".to_vec()),
                    Just(b"\x1b[5~".to_vec()),
                    Just(b"\x1bOD".to_vec()),
                    Just(PASTE.to_vec()),
                    Just(PASTED.to_vec()),
                    Just(b"\r\x7f\x01".to_vec()),
                    prop::collection::vec(any::<u8>(), 0..10),
                ],
                0..10,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let all = [parts.concat(), b".".to_vec()].concat();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(all.len())).collect();
            cuts.retain(|&cut| cut == 0 || all[cut - 1] != ESC);
            cuts.extend([0, all.len()]);
            cuts.sort_unstable();
            let (mut one, mut several) = (Keys::default(), Keys::default());
            let mut keys: Vec<Key> = Vec::new();
            for cut in cuts.windows(2) {
                for key in several.press(&all[cut[0]..cut[1]]) {
                    match (keys.last_mut(), key) {
                        (Some(Key::Text(text)), Key::Text(more)) => text.push_str(&more),
                        (_, key) => keys.push(key),
                    }
                }
                prop_assert!(several.bytes.len() <= 2 + LONGEST);
            }
            prop_assert_eq!(keys, one.press(&all));
            prop_assert_eq!(several.bytes, one.bytes);
        }
    }
}
