//! What comes from one client: its lines, bounded in length and in rate.

use std::time::{Duration, Instant};

use common::lines::Lines;

use crate::rate::Bucket;

/// The bytes of a client that are no whole line yet, or wait for their turn.
#[derive(Debug)]
pub(crate) struct Intake {
    lines: Lines,
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
        Self { lines: Lines::new(max_line), bucket: Bucket::new(rate, now) }
    }

    /// Where to read into: never empty.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        // Who chats says little, and then nothing for minutes.
        self.lines.shrink();
        self.lines.space()
    }

    /// Takes in the first `n` bytes of the space.
    pub(crate) fn came(&mut self, n: usize) {
        self.lines.filled(n);
    }

    /// Nothing will come any more: what is left is a line too.
    pub(crate) fn ended(&mut self) {
        self.lines.filled(0);
    }

    /// What to do, now that it is `now`.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        let mut lines = Vec::new();
        let after = loop {
            let mut turn = Ok(());
            let line = self.lines.next_if(|| {
                turn = self.bucket.take(now);
                turn.is_ok()
            });
            match line {
                Ok(Some(line)) => {
                    lines.extend_from_slice(line);
                    lines.push(b'\n');
                }
                Ok(None) => break turn.map_or_else(Next::Wait, |()| Next::Read),
                Err(_) => break Next::TooLong,
            }
        };
        if lines.is_empty() { after } else { Next::Tell(lines) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads `bytes` into the space that there is.
    fn feed(intake: &mut Intake, bytes: &[u8]) {
        intake.space()[..bytes.len()].copy_from_slice(bytes);
        intake.came(bytes.len());
    }

    /// Reads `bytes` as they fit, and returns what is to be told of them.
    fn told(intake: &mut Intake, mut bytes: &[u8], now: Instant) -> Vec<u8> {
        let mut told = Vec::new();
        while !bytes.is_empty() {
            let n = intake.space().len().min(bytes.len());
            assert!(n > 0, "no space");
            feed(intake, &bytes[..n]);
            bytes = &bytes[n..];
            while let Next::Tell(lines) = intake.next(now) {
                told.extend(lines);
            }
            assert_eq!(intake.next(now), Next::Read);
        }
        told
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
            (b"1234567", Next::TooLong),
        ] {
            let mut intake = Intake::new(5, 0, now);
            feed(&mut intake, bytes);
            assert_eq!(intake.next(now), then, "{bytes:?}");
        }
        let mut intake = Intake::new(5, 0, now);
        feed(&mut intake, b"ok\n1234");
        assert_eq!(intake.next(now), tell(b"ok\n"), "what came before is told");
        feed(&mut intake, b"567\n");
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
    fn memory_is_given_back_before_a_silence() {
        let now = Instant::now();
        let mut intake = Intake::new(1 << 20, 0, now);
        let small = intake.space().len();
        let all = b"hello\n".repeat(10_000);
        assert_eq!(told(&mut intake, &all, now), all);
        assert_eq!(told(&mut intake, b"bye\n", now), b"bye\n");
        assert_eq!(intake.space().len(), small);
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
            let (mut said, mut rest) = (Vec::new(), all.as_bytes());
            for cut in cuts.iter().cycle() {
                let (now_there, later) = rest.split_at((*cut).min(rest.len()));
                said.extend(told(&mut intake, now_there, now));
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(String::from_utf8(said).unwrap(), all);
        }
    }
}
