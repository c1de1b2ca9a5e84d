//! Names of files as text: any bytes, as one line, and so that the bytes can be had back.

use std::fmt::Write;

/// `bytes` as text, with `\\` for a backslash, and `\x` and two digits for each byte that is no UTF-8 or belongs to
/// a control character.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let hex = |text: &mut String, bytes: &[u8]| {
        for byte in bytes {
            // Writing to a string does not fail.
            _ = write!(text, "\\x{byte:02x}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => text.push_str(r"\\"),
                c if c.is_control() => hex(&mut text, c.encode_utf8(&mut [0; 4]).as_bytes()),
                c => text.push(c),
            }
        }
        hex(&mut text, chunk.invalid());
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What anybody who reads the text does.
    fn unescape(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\\') {
            bytes.extend_from_slice(before.as_bytes());
            rest = match after.strip_prefix('x') {
                Some(hex) => {
                    bytes.push(u8::from_str_radix(&hex[..2], 16).unwrap());
                    &hex[2..]
                }
                None => {
                    bytes.push(b'\\');
                    after.strip_prefix('\\').unwrap()
                }
            };
        }
        bytes.extend_from_slice(rest.as_bytes());
        bytes
    }

    #[test]
    fn most_names_are_as_they_are() {
        assert_eq!(escape("a/größe 时.txt".as_bytes()), "a/größe 时.txt");
        assert_eq!(escape(b"a\\b\nc\xff\x1b"), r"a\\b\x0ac\xff\x1b");
        assert_eq!(escape("\u{85}".as_bytes()), r"\xc2\x85");
    }

    proptest! {
        #[test]
        fn one_line_and_the_bytes_can_be_had_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let text = escape(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(unescape(&text), bytes);
        }
    }
}
