//! What comes from one client: a stream of bytes into lines, bounded in length and in rate.

use std::time::{Duration, Instant};

use crate::rate::Bucket;

/// The buffer of a client that says little: most of them, most of the time.
const SMALL: usize = 256;

/// The buffer of a client that fills the small one.
const LARGE: usize = 16 << 10;

/// The bytes of a client that are no whole line yet, or wait for their turn.
#[derive(Debug)]
pub(crate) struct Intake {
    buffer: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// Where the bytes that came end.
    end: usize,
    /// The last read filled the buffer: there may be more.
    filled: bool,
    max_line: usize,
    bucket: Bucket,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Tell these lines, each with its newline.
    Tell(Vec<u8>),
    /// Wait: the client has sent too many lines.
    Wait(Duration),
    /// Read: there is no whole line.
    Read,
    /// Let the client go: its line is too long.
    TooLong,
}

impl Intake {
    /// Lines of at most `max_line` bytes, and `rate` of them in a second.
    pub(crate) fn new(max_line: usize, rate: u32, now: Instant) -> Self {
        let bucket = Bucket::new(rate, now);
        Self { buffer: Vec::new(), start: 0, end: 0, filled: false, max_line, bucket }
    }

    /// Where to read into: never empty.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let len = self.end + if self.filled { LARGE } else { SMALL };
        if len < self.buffer.len() {
            self.buffer.truncate(len);
            self.buffer.shrink_to_fit();
        } else {
            self.buffer.resize(len, 0);
        }
        &mut self.buffer[self.end..]
    }

    /// Takes in the first `n` bytes of the space.
    pub(crate) fn came(&mut self, n: usize) {
        self.end += n;
        self.filled = self.end == self.buffer.len();
    }

    /// Nothing will come any more: what is left is a line too.
    pub(crate) fn ended(&mut self) {
        let rest = &self.buffer[self.start..self.end];
        if !rest.is_empty() && !rest.ends_with(b"\n") {
            self.buffer.truncate(self.end);
            self.buffer.push(b'\n');
            self.end += 1;
        }
    }

    /// What to do, now that it is `now`.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        let mut lines = Vec::new();
        let after = loop {
            let rest = &self.buffer[self.start..self.end];
            let line = match rest.iter().position(|&byte| byte == b'\n') {
                Some(len) => &rest[..len],
                // One more byte could still be the CR of the newline.
                None if rest.len() <= self.max_line + 1 => break Next::Read,
                None => break Next::TooLong,
            };
            let text = line.strip_suffix(b"\r").unwrap_or(line);
            if text.len() > self.max_line {
                break Next::TooLong;
            }
            if let Err(wait) = self.bucket.take(now) {
                break Next::Wait(wait);
            }
            lines.extend_from_slice(text);
            lines.push(b'\n');
            self.start += line.len() + 1;
        };
        if lines.is_empty() { after } else { Next::Tell(lines) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn feed(intake: &mut Intake, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let space = intake.space();
            let n = space.len().min(bytes.len());
            space[..n].copy_from_slice(&bytes[..n]);
            intake.came(n);
            bytes = &bytes[n..];
        }
    }

    fn tell(lines: &[u8]) -> Next {
        Next::Tell(lines.to_vec())
    }

    #[test]
    fn whole_lines_of_one_packet_come_together() {
        let now = Instant::now();
        let mut intake = Intake::new(100, 0, now);
        feed(&mut intake, b"Ann\r\nhello\n\nrest");
        assert_eq!(intake.next(now), tell(b"Ann\nhello\n\n"));
        assert_eq!(intake.next(now), Next::Read);
        feed(&mut intake, b" of it\n");
        assert_eq!(intake.next(now), tell(b"rest of it\n"));
        feed(&mut intake, b"no newline");
        intake.ended();
        assert_eq!(intake.next(now), tell(b"no newline\n"));
        intake.ended();
        assert_eq!(intake.next(now), Next::Read);
    }

    #[test]
    fn a_line_has_a_longest() {
        let now = Instant::now();
        for (bytes, then) in [
            (&b"12345\n"[..], tell(b"12345\n")),
            (b"12345\r\n", tell(b"12345\n")),
            (b"12345\r", Next::Read),
            (b"123456\n", Next::TooLong),
            (b"123456\r\n", Next::TooLong),
            (b"1234567", Next::TooLong),
        ] {
            let mut intake = Intake::new(5, 0, now);
            feed(&mut intake, bytes);
            assert_eq!(intake.next(now), then, "{bytes:?}");
        }
        let mut intake = Intake::new(5, 0, now);
        feed(&mut intake, b"ok\n123456\n");
        assert_eq!(intake.next(now), tell(b"ok\n"), "what came before is told");
        assert_eq!(intake.next(now), Next::TooLong);
    }

    #[test]
    fn above_the_rate_lines_wait_and_none_is_lost() {
        let start = Instant::now();
        let mut intake = Intake::new(10, 1, start);
        feed(&mut intake, b"a\nb\nc\n");
        assert_eq!(intake.next(start), tell(b"a\nb\n"));
        assert_eq!(intake.next(start), Next::Wait(Duration::from_secs(1)));
        assert_eq!(intake.next(start + Duration::from_secs(1)), tell(b"c\n"));
    }

    #[test]
    fn the_buffer_is_large_only_while_it_is_filled() {
        let now = Instant::now();
        let mut intake = Intake::new(1 << 20, 0, now);
        assert_eq!(intake.space().len(), SMALL);
        intake.came(SMALL);
        assert_eq!(intake.space().len(), LARGE);
        intake.came(1);
        intake.ended();
        assert!(matches!(intake.next(now), Next::Tell(lines) if lines.len() == SMALL + 2));
        assert_eq!(intake.space().len(), SMALL);
        assert!(intake.buffer.capacity() < LARGE);
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(
            lines in prop::collection::vec("[a-z]{0,400}", 0..6),
            cuts in prop::collection::vec(1_usize..500, 1..10),
        ) {
            let now = Instant::now();
            let all: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let mut intake = Intake::new(400, 0, now);
            let (mut told, mut rest) = (Vec::new(), all.as_bytes());
            for cut in cuts.iter().cycle() {
                let (now_there, later) = rest.split_at((*cut).min(rest.len()));
                feed(&mut intake, now_there);
                if let Next::Tell(lines) = intake.next(now) {
                    told.extend(lines);
                }
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(String::from_utf8(told).unwrap(), all);
        }
    }
}
