//! What waits to be written to one client: bounded, so that a client which does not read costs its own
//! messages and nobody's time.
//!
//! The room puts messages in and never waits; the client's writer takes all of them out at once. What the room
//! says is formatted once and shared by all boxes that it is in.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One message as it goes over the wire, or several that were said at once.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    text: Arc<[u8]>,
    /// How many messages it is. Of several, each is one line.
    messages: usize,
}

impl Said {
    /// `text`, which is one message.
    pub(crate) fn one(text: &str) -> Self {
        Self::lines(text, 1)
    }

    /// `text`, which is as many messages as it has lines: `messages`.
    pub(crate) fn lines(text: &str, messages: usize) -> Self {
        Self { text: Arc::from(text.as_bytes()), messages }
    }

    /// What it says.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }

    /// The first `n` messages of several: a copy, so that one client that reads slowly does not keep what it
    /// will never get.
    fn first(&self, n: usize) -> Arc<[u8]> {
        self.text.split_inclusive(|&byte| byte == b'\n').take(n).flatten().copied().collect()
    }
}

/// Slices in one write.
const AT_A_TIME: usize = 64;

/// The messages of a client that its writer has not taken yet.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// The most messages that wait.
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    said: VecDeque<Arc<[u8]>>,
    /// How many messages that is.
    messages: usize,
    /// How many came after those and did not fit.
    skipped: usize,
}

impl Outbox {
    /// An empty box for `most` messages.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, waiting: Mutex::default() }
    }

    /// Puts in what of `said` there is room for, and counts the rest. True if the box was empty: its writer has
    /// to be told.
    pub(crate) fn put(&self, said: &Said) -> bool {
        let mut waiting = self.lock();
        let was_empty = waiting.messages == 0;
        // ANCHOR: ex8.15-full
        match self.most - waiting.messages {
            room if said.messages <= room => {
                waiting.said.push_back(Arc::clone(&said.text));
                waiting.messages += said.messages;
            }
            room => {
                if room > 0 {
                    waiting.said.push_back(said.first(room));
                }
                waiting.messages = self.most;
                waiting.skipped += said.messages - room;
            }
        }
        // ANCHOR_END: ex8.15-full
        was_empty
    }

    /// Takes everything out, and in the place of what was skipped how much that was.
    pub(crate) fn take(&self) -> Batch {
        let Waiting { mut said, skipped, .. } = std::mem::take(&mut *self.lock());
        match skipped {
            0 => {}
            1 => said.push_back(Arc::from("… 1 message skipped\n".as_bytes())),
            n => said.push_back(Arc::from(format!("… {n} messages skipped\n").as_bytes())),
        }
        Batch { said, written: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Messages on their way into a socket.
#[derive(Debug)]
pub(crate) struct Batch {
    said: VecDeque<Arc<[u8]>>,
    /// Bytes of the first one that are written.
    written: usize,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Hands what is next to `write`, all in one call, without copying them.
    pub(crate) fn with_slices<T>(&self, write: impl FnOnce(&[IoSlice<'_>]) -> T) -> T {
        let mut slices = [IoSlice::new(&[]); AT_A_TIME];
        let mut filled = 0;
        for (slice, said) in slices.iter_mut().zip(&self.said) {
            *slice = IoSlice::new(said);
            filled += 1;
        }
        if let Some(first) = self.said.front() {
            slices[0] = IoSlice::new(&first[self.written..]);
        }
        write(&slices[..filled])
    }

    /// Drops what a write took: the next `n` bytes.
    pub(crate) fn advance(&mut self, n: usize) {
        self.written += n;
        while let Some(first) = self.said.front().filter(|first| first.len() <= self.written) {
            self.written -= first.len();
            self.said.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes `batch` as a socket would that takes `n` bytes at a time.
    fn written(mut batch: Batch, n: usize) -> String {
        let mut all = Vec::new();
        while !batch.is_empty() {
            let next: Vec<u8> =
                batch.with_slices(|s| s.iter().flat_map(|s| s.iter().copied()).take(n).collect());
            batch.advance(next.len());
            all.extend(next);
        }
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_counted_in_its_place() {
        let outbox = Outbox::new(2);
        for text in ["a\n", "b\n", "c\n", "d\n"] {
            outbox.put(&Said::one(text));
        }
        assert_eq!(written(outbox.take(), 100), "a\nb\n… 2 messages skipped\n");
        assert!(outbox.take().is_empty(), "told once");
        for text in ["e\n", "f\n", "g\n"] {
            outbox.put(&Said::one(text));
        }
        assert_eq!(written(outbox.take(), 100), "e\nf\n… 1 message skipped\n");
    }

    #[test]
    fn of_several_at_once_the_first_may_fit() {
        let outbox = Outbox::new(3);
        outbox.put(&Said::lines("a\nb\n", 2));
        outbox.put(&Said::lines("c\nd\ne\n", 3));
        outbox.put(&Said::lines("f\ng\n", 2));
        assert_eq!(written(outbox.take(), 100), "a\nb\nc\n… 4 messages skipped\n");
        outbox.put(&Said::lines("h\ni\nj\nk\n", 4));
        assert_eq!(written(outbox.take(), 100), "h\ni\nj\n… 1 message skipped\n");
    }

    #[test]
    fn the_writer_is_told_of_the_first_message() {
        let outbox = Outbox::new(2);
        assert!(outbox.put(&Said::one("a")));
        assert!(!outbox.put(&Said::one("b")) && !outbox.put(&Said::one("c")));
        outbox.take();
        assert!(outbox.put(&Said::one("d")));
        let narrow = Outbox::new(1);
        assert!(narrow.put(&Said::lines("a\nb\n", 2)));
        assert!(!narrow.put(&Said::one("c\n")));
    }

    #[test]
    fn a_write_may_end_anywhere() {
        let texts: Vec<String> = (0..2 * AT_A_TIME + 3).map(|n| format!("{n}: text\n")).collect();
        for n in [1, 7, 100, 1 << 20] {
            let outbox = Outbox::new(texts.len());
            texts.iter().for_each(|text| _ = outbox.put(&Said::one(text)));
            assert_eq!(written(outbox.take(), n), texts.concat(), "{n} bytes at a time");
        }
    }
}
