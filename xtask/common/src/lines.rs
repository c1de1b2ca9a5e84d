//! A stream of bytes as lines: a buffer that is read into, and hands out the lines that are complete.
//!
//! A line ends with a newline, or a carriage return and a newline, which are no part of it; what comes after the
//! last newline is a line as well. Lines are borrowed from the buffer, none is copied, and a newline is searched
//! for once in each byte, also when a line comes in many parts.
//!
//! The buffer has two bounds. It begins with 256 bytes, all that most clients ever need, and becomes larger only
//! when a read filled it: up to 16 KiB for a client that sends many lines at a time, and beyond that only for a
//! single line that needs it, up to the longest that is allowed. That memory is given back after the line; the
//! rest too if whoever reads asks for it with [`Lines::shrink`].

use memchr::memchr;

/// What a buffer begins with.
const SMALL: usize = 256;

/// What it grows to for a client that sends many lines at a time.
const LARGE: usize = 16 << 10;

/// More than the longest line came without a newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line too long (at most {0} bytes)")]
pub struct TooLong(usize);

/// The lines of one client.
#[derive(Debug)]
pub struct Lines {
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
    pub fn new(most: usize) -> Self {
        let buffer = vec![0; SMALL.min(room_for(most))];
        Self { buffer, start: 0, searched: 0, end: 0, full: false, ended: false, most }
    }

    /// Where to read to: never empty after [`next`](Self::next) has given all lines.
    pub fn space(&mut self) -> &mut [u8] {
        self.move_to_front();
        let len = self.buffer.len();
        if self.end == 0 && len > LARGE {
            // A line that long is rare; its memory is not kept.
            self.buffer = vec![0; LARGE];
        } else if self.end == len {
            self.grow(room_for(self.most));
        } else if self.full {
            self.grow(LARGE);
        }
        &mut self.buffer[self.end..]
    }

    /// Gives back what the buffer has beyond its first size and the bytes in it, unless the last read filled it.
    /// For clients that say little, and seldom much at once: others would take it again at their next read.
    pub fn shrink(&mut self) {
        self.move_to_front();
        if !self.full && self.buffer.len() > self.end + SMALL {
            self.buffer.truncate(self.end + SMALL);
            self.buffer.shrink_to_fit();
        }
    }

    /// Takes note that `n` bytes were read into the space, none at the end of all input. Returns whether they
    /// filled it, so that there are probably more.
    pub fn filled(&mut self, n: usize) -> bool {
        self.end += n;
        self.full = self.end == self.buffer.len();
        self.ended = n == 0;
        self.full
    }

    /// The next complete line.
    ///
    /// # Errors
    /// When it is too long, complete or not.
    #[expect(clippy::should_implement_trait, reason = "it lends the line, which an iterator cannot")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, TooLong> {
        self.next_if(|| true)
    }

    /// Like [`next`](Self::next), but if there is a line, it is left where it is unless `may` says so.
    ///
    /// # Errors
    /// When it is too long, complete or not.
    pub fn next_if(&mut self, may: impl FnOnce() -> bool) -> Result<Option<&[u8]>, TooLong> {
        let newline = memchr(b'\n', &self.buffer[self.searched..self.end]);
        self.searched = newline.map_or(self.end, |at| self.searched + at);
        let line = &self.buffer[self.start..self.searched];
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        let complete = newline.is_some() || self.ended && !line.is_empty();
        // Of an incomplete one, a byte more may be the carriage return.
        if complete && text.len() > self.most || line.len() > room_for(self.most) - 1 {
            return Err(TooLong(self.most));
        }
        if !complete || !may() {
            return Ok(None);
        }
        self.start = self.searched + usize::from(newline.is_some());
        self.searched = self.start;
        Ok(Some(text))
    }

    fn move_to_front(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.searched -= self.start;
            self.start = 0;
        }
    }

    fn grow(&mut self, most: usize) {
        let len = self.buffer.len();
        let more = len.saturating_mul(if len < LARGE { 4 } else { 2 });
        if len < most {
            self.buffer.resize(more.min(most), 0);
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

    /// Reads `bytes` in parts of at most `part` bytes, and calls `then` after each.
    fn read<E>(
        lines: &mut Lines,
        bytes: &[u8],
        part: usize,
        mut then: impl FnMut(&mut Lines) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let space = lines.space();
            let n = space.len().min(part).min(rest.len());
            assert!(n > 0, "no space");
            space[..n].copy_from_slice(&rest[..n]);
            rest = &rest[n..];
            lines.filled(n);
            then(lines)?;
        }
        Ok(())
    }

    fn take_all(lines: &mut Lines, found: &mut Vec<Vec<u8>>) -> Result<(), TooLong> {
        while let Some(line) = lines.next()? {
            found.push(line.to_vec());
        }
        Ok(())
    }

    /// The lines of `bytes` when they come in parts of at most `part` bytes.
    fn lines(bytes: &[u8], part: usize, most: usize) -> Result<Vec<Vec<u8>>, TooLong> {
        let (mut lines, mut found) = (Lines::new(most), Vec::new());
        read(&mut lines, bytes, part, |lines| {
            assert!(lines.buffer.len() <= LARGE.max(room_for(most)), "not bounded");
            take_all(lines, &mut found)
        })?;
        lines.filled(0);
        take_all(&mut lines, &mut found)?;
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
            assert_eq!(lines(fits, 100, 5).unwrap(), [b"12345".to_vec()], "{}", fits.escape_ascii());
        }
        for wrong in [&b"123456\n"[..], b"123456\r\n", b"123456", b"1234567", b"1\n123456\n"] {
            assert_eq!(lines(wrong, 100, 5).unwrap_err(), TooLong(5), "{}", wrong.escape_ascii());
            assert_eq!(lines(wrong, 1, 5).unwrap_err(), TooLong(5), "{}", wrong.escape_ascii());
        }
        assert!(lines(b"no bound that overflows\n", 5, usize::MAX - 1).is_ok());
    }

    #[test]
    fn a_line_that_may_not_come_yet_stays() {
        let mut lines = Lines::new(10);
        read(&mut lines, b"a\nb\nrest", 100, |_| Ok::<(), ()>(())).unwrap();
        assert_eq!(lines.next_if(|| false), Ok(None));
        assert_eq!(lines.next(), Ok(Some(&b"a"[..])));
        assert_eq!(lines.next_if(|| false), Ok(None));
        assert_eq!(lines.next_if(|| true), Ok(Some(&b"b"[..])));
        assert_eq!(lines.next_if(|| panic!("there is none to ask about")), Ok(None));
        lines.filled(0);
        assert_eq!(lines.next_if(|| false), Ok(None));
        assert_eq!(lines.next(), Ok(Some(&b"rest"[..])));
        assert_eq!(lines.next(), Ok(None));
    }

    #[test]
    fn a_client_that_says_little_costs_little() {
        let (mut lines, mut found) = (Lines::new(1 << 20), Vec::new());
        read(&mut lines, &b"0123456789\n".repeat(100), 11, |lines| take_all(lines, &mut found)).unwrap();
        assert_eq!(found.len(), 100);
        assert_eq!(lines.buffer.capacity(), SMALL);
    }

    #[test]
    fn the_buffer_grows_for_who_fills_it() {
        let (mut lines, mut found, mut reads) = (Lines::new(1 << 20), Vec::new(), 0);
        read(&mut lines, &b"0123456789\n".repeat(10_000), usize::MAX, |lines| {
            reads += 1;
            assert!(lines.buffer.len() <= LARGE);
            take_all(lines, &mut found)
        })
        .unwrap();
        assert_eq!(found.len(), 10_000);
        assert_eq!(lines.buffer.len(), LARGE);
        assert!(reads < 12, "{reads} reads of 110,000 bytes");
    }

    #[test]
    fn memory_is_given_back_after_a_long_line() {
        let (mut lines, mut found) = (Lines::new(1 << 20), Vec::new());
        let bytes = [vec![b'x'; 100 << 10], b"\n".to_vec()].concat();
        read(&mut lines, &bytes, 1 << 10, |lines| take_all(lines, &mut found)).unwrap();
        assert_eq!(found[0].len(), 100 << 10);
        assert!(lines.space().len() <= LARGE);
        assert!(lines.buffer.capacity() <= LARGE);
    }

    #[test]
    fn shrinks_to_what_is_there() {
        let mut lines = Lines::new(1 << 20);
        read(&mut lines, &[b'x'; SMALL], SMALL, |_| Ok::<(), ()>(())).unwrap();
        lines.shrink();
        let space = lines.space();
        assert!(space.len() > SMALL, "it was filled: there is probably more");
        space[0] = b'x';
        lines.filled(1);
        assert_eq!(lines.next(), Ok(None));
        lines.shrink();
        assert_eq!(lines.space().len(), SMALL);
        assert_eq!(lines.buffer.capacity(), 2 * SMALL + 1);
        lines.space()[0] = b'\n';
        lines.filled(1);
        assert_eq!(lines.next(), Ok(Some(&[b'x'; SMALL + 1][..])));
        lines.shrink();
        assert_eq!(lines.buffer.capacity(), SMALL);
    }

    proptest! {
        #[test]
        fn cut_anywhere(
            bytes in prop::collection::vec(prop::sample::select(&b"ab\r\n"[..]), 0..60),
            part in 1_usize..20,
            most in 0_usize..60,
        ) {
            prop_assert_eq!(lines(&bytes, part, most), lines(&bytes, 100, most));
        }
    }
}
