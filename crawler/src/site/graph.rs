//! Which page links to which: a formula of the seed, so that whoever knows it can say what a crawl must find.
//!
//! Page 0 is the root of a tree with four children a page (or as many as there are links): page `n` links to
//! `4n + 1` to `4n + 4` first, as far as they exist, so every page is reached, and the deepest lies as deep as the
//! logarithm of their number. Its other links are drawn by SplitMix64 (Steele, Lea, Flood 2014): link `k` of page
//! `n` leads to `mix(seed + mix(n * 2^32 + k)) mod pages`, where `mix(x)` is the first number of the generator with
//! the state `x`, and sums wrap. They may lead to a page twice, and to the page itself.

/// Children of a page in the tree, at most.
const CHILDREN: u64 = 4;

/// The pages of a site and their links.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Graph {
    pub(crate) pages: u32,
    /// Links on each page.
    pub(crate) links: u32,
    pub(crate) seed: u64,
}

impl Graph {
    /// Where the links of page `n` lead, in the order in which they stand on it.
    pub(crate) fn targets(self, n: u32) -> impl Iterator<Item = u32> {
        let children = CHILDREN.min(u64::from(self.links));
        let child = move |k: u64| (k < children).then(|| u64::from(n) * children + 1 + k);
        let pages = u64::from(self.pages);
        (0..u64::from(self.links)).map(move |k| {
            let drawn = || self.draw(n, k) % pages;
            let target = child(k).filter(|child| *child < pages).unwrap_or_else(drawn);
            u32::try_from(target).unwrap_or(0)
        })
    }

    /// The number `k` of those that belong to page `n`.
    pub(crate) fn draw(self, n: u32, k: u64) -> u64 {
        mix(self.seed.wrapping_add(mix(u64::from(n) << 32 | k)))
    }
}

/// The first number of SplitMix64 with the state `x`.
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::{HashSet, VecDeque};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn splitmix64() {
        // The first numbers of the reference implementation with the seeds 0 and 1234567.
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
    }

    #[test]
    fn a_chain_with_one_link_a_page() {
        let chain = Graph { pages: 3, links: 1, seed: 7 };
        assert_eq!(chain.targets(0).collect::<Vec<_>>(), [1]);
        assert_eq!(chain.targets(1).collect::<Vec<_>>(), [2]);
        assert!(chain.targets(2).all(|target| target < 3));
    }

    proptest! {
        #[test]
        fn every_page_is_reached(pages in 1_u32..500, links in 1_u32..30, seed: u64) {
            let graph = Graph { pages, links, seed };
            let (mut seen, mut queue) = (HashSet::from([0]), VecDeque::from([0]));
            while let Some(n) = queue.pop_front() {
                prop_assert_eq!(graph.targets(n).count(), links as usize);
                queue.extend(graph.targets(n).filter(|&target| seen.insert(target)));
            }
            prop_assert_eq!(seen.len(), pages as usize);
        }
    }
}
