//! The site's pages and links, computed again: what a crawl must find.

use std::collections::{BTreeMap, BTreeSet};

/// A generated site, by the flags that it was started with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Oracle {
    pub(crate) pages: u64,
    pub(crate) links: u64,
    pub(crate) seed: u64,
}

impl Oracle {
    /// The flags of `site` for it, without corners.
    pub(crate) fn flags(self) -> [String; 7] {
        let [pages, links, seed] = [self.pages, self.links, self.seed].map(|n| n.to_string());
        ["--pages".into(), pages, "--links".into(), links, "--seed".into(), seed, "--no-corners".into()]
    }

    /// Where page `n` links to: its children in a tree of at most four each, and else pages drawn by SplitMix64.
    fn targets(self, n: u64) -> BTreeSet<u64> {
        let width = self.links.min(4);
        let target = |k: u64| match n * width + k + 1 {
            child if k < width && child < self.pages => child,
            _ => splitmix64(self.seed.wrapping_add(splitmix64((n << 32) + k))) % self.pages,
        };
        (0..self.links).map(target).collect()
    }

    /// The path of page `n`.
    fn path(n: u64) -> String {
        if n == 0 { "/".to_owned() } else { format!("/page/{n}") }
    }

    /// How many different pages each page links to, by path.
    pub(crate) fn link_counts(self) -> BTreeMap<String, u64> {
        (0..self.pages).map(|n| (Self::path(n), self.targets(n).len() as u64)).collect()
    }

    /// The paths that are at most `most` links away from the root, with their distance: level by level.
    pub(crate) fn distances(self, most: Option<u32>) -> BTreeMap<String, u32> {
        let (mut found, mut level) = (BTreeMap::from([(0, 0)]), vec![0]);
        for distance in 1..=most.unwrap_or(u32::MAX) {
            let linked: BTreeSet<u64> = level.iter().flat_map(|n| self.targets(*n)).collect();
            level = linked.into_iter().filter(|n| !found.contains_key(n)).collect();
            if level.is_empty() {
                break;
            }
            found.extend(level.iter().map(|n| (*n, distance)));
        }
        found.into_iter().map(|(n, distance)| (Self::path(n), distance)).collect()
    }
}

/// The first number of a SplitMix64 generator.
fn splitmix64(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
