//! A stream of bytes as lines: a buffer that is read into, and hands out the lines that are complete.
//!
//! It is bounded by the longest line that is allowed, begins small, and grows only for a client that sends
//! much at a time.

use bstr::ByteSlice;

/// What a buffer begins with.
const SMALL: usize = 1 << 10;

/// What it grows to for a client that sends many lines at a time.
const LARGE: usize = 16 << 10;

/// More than the longest line came without a newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line too long (at most {0} bytes)")]
pub(crate) struct TooLong(usize);

/// The lines of one client.
#[derive(Debug)]
pub(crate) struct Lines {
    buffer: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Up to here there is no newline: what came in many parts is not searched again.
    searched: usize,
    /// Where the next bytes go.
    end: usize,
    /// The last read filled the space.
    full: bool,
    /// All input has come.
    ended: bool,
    /// The longest line, without its newline.
    most: usize,
}

impl Lines {
    /// Nothing so far; lines have `most` bytes at most.
    pub(crate) fn new(most: usize) -> Self {
        let buffer = vec![0; SMALL.min(room_for(most))];
        Self { buffer, start: 0, searched: 0, end: 0, full: false, ended: false, most }
    }

    /// Where to read to: never empty after [`next`](Self::next) has given all lines.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        let left = self.end - self.start;
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.searched, self.end) = (0, self.searched - self.start, left);
        }
        if left == 0 && self.buffer.len() > LARGE {
            // A line that long is rare; its memory is not kept.
            self.buffer = vec![0; LARGE];
        }
        if left == self.buffer.len() {
            self.grow(room_for(self.most));
        } else if self.full {
            self.grow(LARGE);
        }
        &mut self.buffer[self.end..]
    }

    /// Takes note that `n` bytes were read into the space, none at the end of all input. Returns whether they
    /// filled it, so that there are probably more.
    pub(crate) fn filled(&mut self, n: usize) -> bool {
        self.end += n;
        self.full = self.end == self.buffer.len();
        self.ended = n == 0;
        self.full
    }

    /// The next complete line, without its newline and a carriage return before it. What comes after the last
    /// newline is a line once all input has come.
    ///
    /// # Errors
    /// When it is too long, complete or not.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let Some(at) = self.buffer[self.searched..self.end].find_byte(b'\n') else {
            return self.rest();
        };
        let line = self.start..self.searched + at;
        self.start = line.end + 1;
        self.searched = self.start;
        self.line(line).map(Some)
    }

    /// What to make of the bytes after the last newline.
    fn rest(&mut self) -> Result<Option<&[u8]>, TooLong> {
        self.searched = self.end;
        let rest = self.start..self.end;
        if self.ended && !rest.is_empty() {
            self.start = self.end;
            return self.line(rest).map(Some);
        }
        // One more may be the carriage return.
        if rest.len() > self.most + 1 { Err(TooLong(self.most)) } else { Ok(None) }
    }

    fn line(&self, line: std::ops::Range<usize>) -> Result<&[u8], TooLong> {
        let line = &self.buffer[line];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > self.most { Err(TooLong(self.most)) } else { Ok(line) }
    }

    fn grow(&mut self, most: usize) {
        let len = self.buffer.len();
        if len < most {
            self.buffer.resize((2 * len).min(most), 0);
        }
    }
}

/// The buffer that the longest line fits into, with its carriage return and newline.
fn room_for(most: usize) -> usize {
    most.saturating_add(2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of `bytes` when they come in parts of at most `part` bytes.
    fn lines(bytes: &[u8], part: usize, most: usize) -> Result<Vec<Vec<u8>>, TooLong> {
        let (mut lines, mut found) = (Lines::new(most), Vec::new());
        let mut rest = bytes;
        while !rest.is_empty() {
            let space = lines.space();
            let n = space.len().min(part).min(rest.len());
            assert!(n > 0, "no space");
            space[..n].copy_from_slice(&rest[..n]);
            rest = &rest[n..];
            lines.filled(n);
            while let Some(line) = lines.next()? {
                found.push(line.to_vec());
            }
            assert!(lines.buffer.len() <= LARGE.max(most + 2), "not bounded");
        }
        lines.filled(0);
        while let Some(line) = lines.next()? {
            found.push(line.to_vec());
        }
        Ok(found)
    }

    #[test]
    fn a_carriage_return_belongs_to_the_newline() {
        let expected = [&b"a"[..], b"", b"b\rc", b"\r", b"d"].map(<[u8]>::to_vec);
        assert_eq!(lines(b"a\r\n\nb\rc\n\r\r\nd", 100, 10).unwrap(), expected);
        assert!(lines(b"", 100, 10).unwrap().is_empty());
        assert!(lines(b"a\n", 100, 10).unwrap().len() == 1, "no empty line after the last newline");
    }

    #[test]
    fn the_longest_line_is_the_longest() {
        for fits in [&b"12345\n"[..], b"12345\r\n", b"12345", b"12345\r"] {
            assert_eq!(lines(fits, 100, 5).unwrap(), [b"12345".to_vec()], "{}", fits.as_bstr());
        }
        for wrong in [&b"123456\n"[..], b"123456\r\n", b"123456", b"1234567", b"1\n123456\n"] {
            assert_eq!(lines(wrong, 100, 5).unwrap_err(), TooLong(5), "{}", wrong.as_bstr());
            assert_eq!(lines(wrong, 1, 5).unwrap_err(), TooLong(5), "{}", wrong.as_bstr());
        }
    }

    #[test]
    fn memory_is_given_back_after_a_long_line() {
        let mut lines = Lines::new(1 << 20);
        for part in [&[b'x'; 1 << 10][..]; 100].into_iter().chain([&b"\n"[..]]) {
            lines.space()[..part.len()].copy_from_slice(part);
            lines.filled(part.len());
            while lines.next().unwrap().is_some() {}
        }
        assert!(lines.space().len() <= LARGE);
    }

    proptest! {
        #[test]
        fn cut_anywhere(bytes in prop::collection::vec(prop::sample::select(&b"ab\r\n"[..]), 0..60), part in 1_usize..20) {
            prop_assert_eq!(lines(&bytes, part, 60), lines(&bytes, 100, 60));
        }
    }
}
