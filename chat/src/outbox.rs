//! What waits to be written to one client: bounded, so that a client which does not read costs its own
//! messages and nobody's time.
//!
//! The room puts messages in and never waits; the client's writer takes all of them out at once. A message is
//! formatted once and shared by all boxes that it is in.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is said, as it goes over the wire.
pub(crate) type Message = Arc<[u8]>;

/// Messages in one write.
const AT_A_TIME: usize = 256;

/// The messages of a client that its writer has not taken yet.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// The most messages that wait.
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Message>,
    /// How many came after those and did not fit.
    skipped: u64,
}

impl Outbox {
    /// An empty box for `most` messages.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, waiting: Mutex::default() }
    }

    /// Puts `message` in if there is room, and else counts it. True if the box was empty: its writer has to be
    /// told.
    pub(crate) fn put(&self, message: &Message) -> bool {
        let mut waiting = self.lock();
        if waiting.messages.len() < self.most {
            waiting.messages.push_back(Arc::clone(message));
        } else {
            waiting.skipped += 1;
        }
        waiting.messages.len() == 1 && waiting.skipped == 0
    }

    /// Takes everything out, and in the place of what was skipped how much that was.
    pub(crate) fn take(&self) -> Batch {
        let waiting = std::mem::take(&mut *self.lock());
        let mut messages = waiting.messages;
        match waiting.skipped {
            0 => {}
            1 => messages.push_back(Arc::from("… 1 message skipped\n".as_bytes())),
            n => messages.push_back(Arc::from(format!("… {n} messages skipped\n").as_bytes())),
        }
        Batch { messages, written: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Messages on their way into a socket.
#[derive(Debug)]
pub(crate) struct Batch {
    messages: VecDeque<Message>,
    /// Bytes of the first one that are written.
    written: usize,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Hands the next messages to `write`, all in one call, without copying them.
    pub(crate) fn with_slices<T>(&self, write: impl FnOnce(&[IoSlice<'_>]) -> T) -> T {
        let mut slices = [IoSlice::new(&[]); AT_A_TIME];
        let mut filled = 0;
        for (slice, message) in slices.iter_mut().zip(&self.messages) {
            *slice = IoSlice::new(message);
            filled += 1;
        }
        if let Some(first) = self.messages.front() {
            slices[0] = IoSlice::new(&first[self.written..]);
        }
        write(&slices[..filled])
    }

    /// Drops what a write took: the next `n` bytes.
    pub(crate) fn advance(&mut self, n: usize) {
        self.written += n;
        while let Some(first) = self.messages.front().filter(|first| first.len() <= self.written) {
            self.written -= first.len();
            self.messages.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Arc::from(text.as_bytes())
    }

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
            outbox.put(&message(text));
        }
        assert_eq!(written(outbox.take(), 100), "a\nb\n… 2 messages skipped\n");
        assert!(outbox.take().is_empty(), "told once");
        for text in ["e\n", "f\n", "g\n"] {
            outbox.put(&message(text));
        }
        assert_eq!(written(outbox.take(), 100), "e\nf\n… 1 message skipped\n");
    }

    #[test]
    fn the_writer_is_told_of_the_first_message() {
        let outbox = Outbox::new(2);
        assert!(outbox.put(&message("a")));
        assert!(!outbox.put(&message("b")) && !outbox.put(&message("c")));
        outbox.take();
        assert!(outbox.put(&message("d")));
        let narrow = Outbox::new(1);
        assert!(narrow.put(&message("a")));
        assert!(!narrow.put(&message("b")));
    }

    #[test]
    fn a_write_may_end_anywhere() {
        let texts: Vec<String> = (0..2 * AT_A_TIME + 3).map(|n| format!("{n}: text\n")).collect();
        for n in [1, 7, 100, 1 << 20] {
            let outbox = Outbox::new(texts.len());
            texts.iter().for_each(|text| _ = outbox.put(&message(text)));
            assert_eq!(written(outbox.take(), n), texts.concat(), "{n} bytes at a time");
        }
    }
}
