//! Numbers and their squares: what flows between the stages of `squares`, without the channels that it flows
//! through.

use std::ops::Range;

/// What the printer keeps at most before it writes.
pub(crate) const PAGE: usize = 64 << 10;

/// What one message of a channel carries: a number, as in the book, or a batch of them.
///
/// A type for each, since a message is copied from one thread to another: a number alone is no longer for being
/// possibly a batch, and costs what the channel does.
pub(crate) trait Message: Send + Sized + 'static {
    /// The squares, and what ends them: with a number whose square does not fit, those before it, if any.
    fn squared(self) -> (Option<Self>, Result<(), Overflow>);

    /// The numbers in it.
    fn numbers(&self) -> &[u64];
}

/// A number whose square does not fit into 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the square of {0} does not fit into 64 bits; stop before it with --count")]
pub(crate) struct Overflow(u64);

impl Message for u64 {
    fn squared(self) -> (Option<Self>, Result<(), Overflow>) {
        let square = self.checked_mul(self);
        (square, square.map(drop).ok_or(Overflow(self)))
    }

    fn numbers(&self) -> &[u64] {
        std::slice::from_ref(self)
    }
}

impl Message for Vec<u64> {
    fn squared(mut self) -> (Option<Self>, Result<(), Overflow>) {
        let fits = |n: &u64| n.checked_mul(*n).is_some();
        // The last is the largest: if its square fits, all do, and the loop has no exit to keep the compiler from
        // squaring several at a time.
        let whole = if self.last().is_none_or(fits) { self.len() } else { self.partition_point(fits) };
        let end = self.get(whole).map_or(Ok(()), |n| Err(Overflow(*n)));
        self.truncate(whole);
        for n in &mut self {
            *n = n.wrapping_mul(*n);
        }
        (Some(self), end)
    }

    fn numbers(&self) -> &[u64] {
        self
    }
}

/// The numbers in batches of `size`; the last may be smaller.
pub(crate) fn batches(mut numbers: Range<u64>, size: u64) -> impl Iterator<Item = Vec<u64>> {
    std::iter::from_fn(move || {
        let end = numbers.start.saturating_add(size).min(numbers.end);
        let batch: Vec<u64> = (numbers.start..end).collect();
        numbers.start = end;
        (!batch.is_empty()).then_some(batch)
    })
}

/// What the printer makes of the squares.
#[derive(Debug)]
pub(crate) enum Tally {
    /// Each on a line: those that are not written yet.
    Lines(Vec<u8>),
    /// Nothing but their sum.
    Sum(u128),
}

impl Tally {
    /// Lines; or the `sum` alone.
    pub(crate) fn new(sum: bool) -> Self {
        if sum { Self::Sum(0) } else { Self::Lines(Vec::with_capacity(PAGE)) }
    }

    /// Takes in squares.
    pub(crate) fn take(&mut self, squares: &impl Message) {
        match self {
            Self::Lines(text) => {
                let mut digits = itoa::Buffer::new();
                for n in squares.numbers() {
                    text.extend_from_slice(digits.format(*n).as_bytes());
                    text.push(b'\n');
                }
            }
            Self::Sum(sum) => *sum += squares.numbers().iter().map(|&n| u128::from(n)).sum::<u128>(),
        }
    }

    /// Whether there is nothing to be written yet.
    pub(crate) fn is_empty(&self) -> bool {
        !matches!(self, Self::Lines(text) if !text.is_empty())
    }

    /// Whether so much is there that it has to be written before more is taken.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Lines(text) if text.len() >= PAGE)
    }

    /// What is to be written now; it is forgotten here.
    pub(crate) fn page(&mut self, into: &mut Vec<u8>) {
        into.clear();
        if let Self::Lines(text) = self {
            std::mem::swap(text, into);
        }
    }

    /// What is to be written when all squares have come.
    pub(crate) fn last(self) -> Vec<u8> {
        match self {
            Self::Lines(text) => text,
            Self::Sum(sum) => format!("{sum}\n").into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn batches_of_what_there_is() {
        assert_eq!(batches(0..5, 2).collect::<Vec<_>>(), [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(batches(7..7, 2).count(), 0);
        let end = u64::MAX;
        assert_eq!(batches(end - 2..end, 9).collect::<Vec<_>>(), [[end - 2, end - 1]], "no wrap");
    }

    #[test]
    fn a_square_that_does_not_fit_is_an_error_and_no_wrap() {
        let last = u64::from(u32::MAX);
        let end = Err(Overflow(last + 1));
        assert_eq!(vec![3, last, last + 1, last + 2].squared(), (Some(vec![9, last * last]), end));
        assert_eq!((last + 1).squared(), (None, end));
        assert_eq!(last.squared(), (Some(last * last), Ok(())));
    }

    #[test]
    fn lines_or_their_sum() {
        let mut lines = Tally::new(false);
        lines.take(&vec![0, 1, 4]);
        let mut page = b"old".to_vec();
        lines.page(&mut page);
        assert_eq!(page, b"0\n1\n4\n");
        lines.take(&9);
        assert_eq!(lines.last(), b"9\n");
        let mut sum = Tally::new(true);
        sum.take(&vec![u64::MAX, u64::MAX]);
        sum.page(&mut page);
        assert!(page.is_empty());
        assert_eq!(sum.last(), b"36893488147419103230\n");
    }

    /// All squares up to the first that does not fit, and that.
    fn squares<M: Message>(messages: impl Iterator<Item = M>) -> (Vec<u64>, Result<(), Overflow>) {
        let mut all = Vec::new();
        for message in messages {
            let (squares, end) = message.squared();
            all.extend(squares.iter().flat_map(Message::numbers));
            if end.is_err() {
                return (all, end);
            }
        }
        (all, Ok(()))
    }

    proptest! {
        #[test]
        fn batches_make_no_difference(from in 0..u64::from(u32::MAX) + 9, count in 0..40_u64, size in 1..50_u64) {
            let numbers = from..from + count;
            prop_assert_eq!(squares(batches(numbers.clone(), size)), squares(numbers));
        }
    }
}
