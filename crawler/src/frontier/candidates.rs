//! The pages of a level to come, the first so many of them.
//!
//! Which page finds another first is a matter of time. A candidate therefore has a rank, which is none: the page
//! where its link stands, by that page's own place, and the place of the link in it. It keeps the lowest of all its
//! links. Once the level before is complete, the ranks and the first N of them are the same in every run.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::PageId;

/// Where a link stands: the page, and its place among the page's links.
pub(super) type Rank = (PageId, u32);

pub(super) struct Candidates {
    by_url: HashMap<Arc<str>, Candidate>,
    by_rank: BTreeMap<Rank, Arc<str>>,
}

#[derive(Clone, Copy)]
struct Candidate {
    rank: Rank,
    follow: bool,
}

/// A page that was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) url: Arc<str>,
    /// Where it was found.
    pub(super) from: PageId,
    /// Its own links count.
    pub(super) follow: bool,
}

impl Candidates {
    pub(super) fn new() -> Self {
        Self { by_url: HashMap::new(), by_rank: BTreeMap::new() }
    }

    /// A link to `url`. Of more than `most` candidates, the last goes. Returns whether one went, this one or another.
    pub(super) fn add(&mut self, url: &str, rank: Rank, follow: bool, most: usize) -> bool {
        if let Some(known) = self.by_url.get_mut(url) {
            known.follow |= follow;
            if rank < known.rank
                && let Some(url) = self.by_rank.remove(&known.rank)
            {
                known.rank = rank;
                self.by_rank.insert(rank, url);
            }
            return false;
        }
        let is_full = self.by_url.len() >= most;
        if is_full && self.by_rank.last_key_value().is_none_or(|(last, _)| rank > *last) {
            return true;
        }
        let url: Arc<str> = url.into();
        self.by_url.insert(Arc::clone(&url), Candidate { rank, follow });
        self.by_rank.insert(rank, url);
        if is_full && let Some((_, last)) = self.by_rank.pop_last() {
            self.by_url.remove(&last);
        }
        is_full
    }

    /// All of them, by rank; none is left.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Chosen> + use<> {
        let by_url = std::mem::take(&mut self.by_url);
        std::mem::take(&mut self.by_rank).into_iter().map(move |((from, _), url)| {
            let follow = by_url.get(&url).is_some_and(|candidate| candidate.follow);
            Chosen { url, from, follow }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn in_any_order_the_same(
            links in prop::collection::vec((0..20u8, 0..10usize, any::<bool>()), 0..100),
            most in 1..30usize,
            seed in any::<u64>(),
        ) {
            let links: Vec<_> = links.into_iter().zip(0u32..).collect();
            let mut turned = links.clone();
            let len = turned.len().max(1);
            turned.rotate_left(usize::try_from(seed % 1000).unwrap() % len);
            if seed % 2 == 0 {
                turned.reverse();
            }
            let chosen = |links: &[((u8, usize, bool), u32)]| {
                let mut candidates = Candidates::new();
                for ((url, from, _), at) in links {
                    candidates.add(&url.to_string(), (*from, *at), true, most);
                }
                candidates.take().collect::<Vec<_>>()
            };
            let all = chosen(&links);
            prop_assert!(all.len() <= most);
            prop_assert_eq!(all, chosen(&turned));
        }
    }
}
