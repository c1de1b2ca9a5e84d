//! How probable it is that two lists of samples differ by chance.

/// Below this a difference is significant: one in a hundred comparisons of equal things is.
pub(crate) const SIGNIFICANT: f64 = 0.01;

/// The two-sided p of the rank-sum test (Wilcoxon, 1945; Mann and Whitney, 1947), exact, with middle ranks for
/// equal samples. It assumes nothing of how the samples are distributed.
pub(crate) fn rank_sum(a: &[f64], b: &[f64]) -> f64 {
    let ranks = doubled_ranks(a, b);
    let observed: usize = ranks[..a.len()].iter().sum();
    let ways = ways(&ranks, a.len());
    let all: f64 = ways.iter().sum();
    let low: f64 = ways[..=observed].iter().sum();
    let high: f64 = ways[observed..].iter().sum();
    (2.0 * low.min(high) / all).min(1.0)
}

/// Twice the rank of each sample, so that a middle rank is a whole number too.
fn doubled_ranks(a: &[f64], b: &[f64]) -> Vec<usize> {
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let below = |x: f64| all.iter().filter(|y| **y < x).count();
    let equal = |x: f64| all.iter().filter(|y| **y == x).count();
    all.iter().map(|&x| 2 * below(x) + equal(x) + 1).collect()
}

/// In how many ways `n` of the ranks have each sum.
fn ways(ranks: &[usize], n: usize) -> Vec<f64> {
    let most = ranks.iter().sum::<usize>();
    let mut ways = vec![vec![0.0; most + 1]; n + 1];
    ways[0][0] = 1.0;
    for &rank in ranks {
        for taken in (1..=n).rev() {
            for sum in rank..=most {
                ways[taken][sum] += ways[taken - 1][sum - rank];
            }
        }
    }
    ways.swap_remove(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn the_least_p_of_so_many_samples() {
        // One of the 252 ways to divide ten into five and five, on each side.
        let (low, high) = ([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]);
        assert!(about(rank_sum(&low, &high), 2.0 / 252.0));
        assert!(about(rank_sum(&high, &low), 2.0 / 252.0));
        // Three and three: 20 ways.
        assert!(about(rank_sum(&low[..3], &high[..3]), 0.1));
    }

    /// The example of Mann and Whitney's U = 4 for n = 4, m = 5 in the published tables: P(U <= 4) = 0.0952 on a side.
    #[test]
    fn known_probabilities() {
        let (a, b) = ([1.0, 2.0, 4.0, 7.0], [3.0, 5.0, 6.0, 8.0, 9.0]);
        assert!((rank_sum(&a, &b) - 2.0 * 0.0952).abs() < 2e-3, "{}", rank_sum(&a, &b));
    }

    #[test]
    fn equal_samples_do_not_differ() {
        assert!(about(rank_sum(&[1.0, 1.0, 1.0], &[1.0, 1.0, 1.0]), 1.0));
        assert!(rank_sum(&[1.0, 3.0, 5.0], &[2.0, 4.0, 6.0]) > 0.5);
    }
}
