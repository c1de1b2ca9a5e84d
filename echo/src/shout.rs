//! What an echo says: the three answers to a line, without any input or output.
//!
//! A line goes in without its newline. Letters change case as Unicode has it; bytes that are not UTF-8 pass
//! unchanged.

use bstr::ByteSlice;
use common::lines::{Lines, TooLong};

/// How loud an answer is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loudness {
    Upper,
    Same,
    Lower,
}

/// The answers to a line, in their order.
pub(crate) const FADING: [Loudness; 3] = [Loudness::Upper, Loudness::Same, Loudness::Lower];

/// Bytes of a buffer for answers that are kept between two reads.
const KEPT: usize = 64 << 10;

/// One answer to `line`, as the client gets it.
pub(crate) fn answer(loudness: Loudness, line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 3);
    answer_into(loudness, line, &mut out);
    out
}

/// Appends all answers to the complete lines among `lines` to `out`.
///
/// # Errors
/// When a line is too long; those before it are answered.
pub(crate) fn all_into(lines: &mut Lines, out: &mut Vec<u8>) -> Result<(), TooLong> {
    while let Some(line) = lines.next()? {
        fading_into(line, out);
    }
    Ok(())
}

/// Makes `out` ready for the next answers. What an unusual lot of them needed is not kept.
pub(crate) fn reuse(out: &mut Vec<u8>) {
    out.clear();
    out.shrink_to(KEPT);
}

fn fading_into(line: &[u8], out: &mut Vec<u8>) {
    for loudness in FADING {
        answer_into(loudness, line, out);
    }
}

fn answer_into(loudness: Loudness, line: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\t ");
    let start = out.len();
    // Most text is ASCII, and is then changed many bytes at a time instead of one character.
    let ascii = line.is_ascii();
    match loudness {
        Loudness::Upper if !ascii => line.to_uppercase_into(out),
        Loudness::Lower if !ascii => line.to_lowercase_into(out),
        _ => out.extend_from_slice(line),
    }
    match loudness {
        Loudness::Upper if ascii => out[start..].make_ascii_uppercase(),
        Loudness::Lower if ascii => out[start..].make_ascii_lowercase(),
        _ => {}
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fading(line: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        fading_into(line, &mut out);
        out
    }

    #[test]
    fn fades() {
        assert_eq!(fading(b"Hello"), b"\t HELLO\n\t Hello\n\t hello\n");
        assert_eq!(fading(b""), b"\t \n\t \n\t \n");
        assert_eq!(answer(Loudness::Same, b"Hello"), b"\t Hello\n");
    }

    #[test]
    fn letters_beyond_ascii_change_case() {
        assert_eq!(fading("Grüße".as_bytes()), "\t GRÜSSE\n\t Grüße\n\t grüße\n".as_bytes());
        assert_eq!(fading("Ёж İ".as_bytes()), "\t ЁЖ İ\n\t Ёж İ\n\t ёж i\u{307}\n".as_bytes());
    }

    #[test]
    fn what_is_not_utf_8_passes_unchanged() {
        assert_eq!(fading(b"a\xffb\xe9"), b"\t A\xffB\xe9\n\t a\xffb\xe9\n\t a\xffb\xe9\n");
        // A character that lacks its end, and what is replaced elsewhere but valid itself.
        assert_eq!(answer(Loudness::Upper, b"x\xf0\x9f"), b"\t X\xf0\x9f\n");
        assert_eq!(answer(Loudness::Lower, "\u{fffd}X".as_bytes()), "\t \u{fffd}x\n".as_bytes());
    }

    proptest! {
        #[test]
        fn ascii_is_no_special_case(line in "[ -~]{0,40}") {
            // The same line with a letter that is its own upper and lower case goes the long way.
            let long = format!("{line}ª");
            let stripped = String::from_utf8(fading(long.as_bytes())).unwrap().replace('ª', "");
            prop_assert_eq!(stripped.into_bytes(), fading(line.as_bytes()));
        }
    }
}
