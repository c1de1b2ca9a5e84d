//! Numbers and their squares: what flows between the stages of `squares`, without the channels that it flows
//! through.

/// What the printer keeps at most before it writes.
pub(crate) const PAGE: usize = 64 << 10;

/// Numbers that travel together, in one message of a channel.
///
/// One number is no allocation: then a message costs what the channel does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    One(u64),
    Many(Vec<u64>),
}

/// A number whose square does not fit into 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the square of {0} does not fit into 64 bits; stop before it with --count")]
pub(crate) struct Overflow(u64);

/// The numbers that are still to be counted, in batches.
#[derive(Debug)]
pub(crate) struct Naturals {
    next: u64,
    /// None is without end.
    left: Option<u64>,
    batch: usize,
}

impl Naturals {
    /// From `from` on `count` numbers, or all there are; `batch` of them at a time.
    pub(crate) fn new(from: u64, count: Option<u64>, batch: usize) -> Self {
        Self { next: from, left: count, batch }
    }
}

impl Iterator for Naturals {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let batch = u64::try_from(self.batch).unwrap_or(u64::MAX);
        let most = self.left.unwrap_or(u64::MAX).min(u64::MAX - self.next);
        let len = batch.min(most);
        if let Some(left) = &mut self.left {
            *left -= len;
        }
        let first = self.next;
        self.next += len;
        match (len, batch) {
            (0, _) => None,
            (_, 1) => Some(Batch::One(first)),
            _ => Some(Batch::Many((first..self.next).collect())),
        }
    }
}

impl Batch {
    /// Squares each number, in place. Up to one whose square does not fit: what was before it is kept.
    ///
    /// # Errors
    /// The number whose square does not fit.
    pub(crate) fn square(&mut self) -> Result<(), Overflow> {
        match self {
            Self::One(n) => match n.checked_mul(*n) {
                Some(square) => *n = square,
                None => {
                    let overflow = Overflow(*n);
                    *self = Self::Many(Vec::new());
                    return Err(overflow);
                }
            },
            Self::Many(numbers) => {
                // The last is the largest: if its square fits, all do, and the loop has no exit to keep the
                // compiler from squaring several at a time.
                let fits = numbers.last().is_none_or(|n| n.checked_mul(*n).is_some());
                let whole = if fits {
                    numbers.len()
                } else {
                    numbers.partition_point(|n| n.checked_mul(*n).is_some())
                };
                let overflow = numbers.get(whole).copied();
                numbers.truncate(whole);
                for n in numbers {
                    *n = n.wrapping_mul(*n);
                }
                if let Some(n) = overflow {
                    return Err(Overflow(n));
                }
            }
        }
        Ok(())
    }

    /// The numbers.
    pub(crate) fn numbers(&self) -> &[u64] {
        match self {
            Self::One(n) => std::slice::from_ref(n),
            Self::Many(numbers) => numbers,
        }
    }
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
    pub(crate) fn take(&mut self, batch: &Batch) {
        match self {
            Self::Lines(text) => {
                let mut digits = itoa::Buffer::new();
                for n in batch.numbers() {
                    text.extend_from_slice(digits.format(*n).as_bytes());
                    text.push(b'\n');
                }
            }
            Self::Sum(sum) => *sum += batch.numbers().iter().map(|&n| u128::from(n)).sum::<u128>(),
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

    fn numbers(from: u64, count: Option<u64>, batch: usize) -> Vec<u64> {
        Naturals::new(from, count, batch).take(50).flat_map(|batch| batch.numbers().to_vec()).collect()
    }

    #[test]
    fn counts() {
        assert_eq!(numbers(0, Some(5), 1), [0, 1, 2, 3, 4]);
        assert_eq!(numbers(0, Some(5), 2), [0, 1, 2, 3, 4]);
        assert_eq!(numbers(7, Some(0), 2), []);
        assert_eq!(numbers(0, None, 3).len(), 150);
        assert_eq!(numbers(u64::MAX - 2, None, 3), [u64::MAX - 2, u64::MAX - 1], "no wrap");
    }

    #[test]
    fn one_number_is_no_vector() {
        assert!(Naturals::new(0, Some(3), 1).all(|batch| matches!(batch, Batch::One(_))));
    }

    #[test]
    fn a_square_that_does_not_fit_is_an_error_and_no_wrap() {
        let last = u64::from(u32::MAX);
        let mut batch = Batch::Many(vec![3, last, last + 1, last + 2]);
        assert_eq!(batch.square(), Err(Overflow(last + 1)));
        assert_eq!(batch.numbers(), [9, last * last]);
        let mut batch = Batch::One(last + 1);
        assert_eq!(batch.square(), Err(Overflow(last + 1)));
        assert!(batch.numbers().is_empty());
        let mut batch = Batch::One(last);
        assert_eq!((batch.square(), batch), (Ok(()), Batch::One(last * last)));
    }

    #[test]
    fn lines_or_their_sum() {
        let mut lines = Tally::new(false);
        lines.take(&Batch::Many(vec![0, 1, 4]));
        let mut page = b"old".to_vec();
        lines.page(&mut page);
        assert_eq!(page, b"0\n1\n4\n");
        lines.take(&Batch::One(9));
        assert_eq!(lines.last(), b"9\n");
        let mut sum = Tally::new(true);
        sum.take(&Batch::Many(vec![u64::MAX, u64::MAX]));
        sum.page(&mut page);
        assert!(page.is_empty());
        assert_eq!(sum.last(), b"36893488147419103230\n");
    }

    proptest! {
        #[test]
        fn batches_make_no_difference(from in 0..u64::from(u32::MAX) + 9, count in 0..40_u64, batch in 1..50_usize) {
            let squares = |batch| {
                let mut all = Vec::new();
                for mut numbers in Naturals::new(from, Some(count), batch) {
                    let end = numbers.square();
                    all.extend_from_slice(numbers.numbers());
                    if let Err(overflow) = end {
                        return (all, Some(overflow));
                    }
                }
                (all, None)
            };
            prop_assert_eq!(squares(batch), squares(1));
        }
    }
}
