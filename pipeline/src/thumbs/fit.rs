//! How large a thumbnail is.

/// The size of a picture of `width` by `height` points that is to fit into a square of `max`: its proportions
/// are kept, each side has a point at least, and nothing is enlarged.
pub(crate) fn fit(width: u32, height: u32, max: u32) -> (u32, u32) {
    let longest = width.max(height);
    if longest <= max {
        return (width, height);
    }
    let side = |side: u32| {
        // Rounded; 64 bits hold the product of two of 32.
        let (side, longest, max) = (u64::from(side), u64::from(longest), u64::from(max));
        u32::try_from((side * max + longest / 2) / longest).unwrap_or(u32::MAX).max(1)
    };
    (side(width), side(height))
}

/// In how many eighths of its size to decode a picture of `width` by `height` points that is to fit into a square
/// of `max`: twice the thumbnail's at least, so that it is as sharp as from the whole.
pub(crate) fn eighths(width: u32, height: u32, max: u32) -> u8 {
    let (wanted, longest) = (2 * u64::from(max), u64::from(width.max(height)));
    (1..8).find(|eighths| longest * u64::from(*eighths) / 8 >= wanted).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(fit(4000, 3000, 128), (128, 96));
        assert_eq!(fit(3000, 4000, 128), (96, 128));
        assert_eq!(fit(128, 5, 128), (128, 5));
        assert_eq!(fit(65_535, 1, 128), (128, 1));
        assert_eq!(fit(u32::MAX, u32::MAX, 16_384), (16_384, 16_384));
        assert_eq!(eighths(4000, 3000, 128), 1);
        assert_eq!(eighths(1000, 750, 128), 3);
        assert_eq!(eighths(128, 128, 128), 8);
    }

    proptest! {
        #[test]
        fn it_fits_and_keeps_its_proportions(width in 1..100_000_u32, height in 1..100_000_u32, max in 1..20_000_u32) {
            let (w, h) = fit(width, height, max);
            prop_assert!(w >= 1 && h >= 1 && w <= width && h <= height, "{w} x {h}");
            prop_assert!(w <= max && h <= max, "{w} x {h}");
            // It is as large as it can be, and within half a point of the true side.
            prop_assert!(w == width || w.max(h) == max, "{w} x {h}");
            let scale = f64::from(w.max(h)) / f64::from(width.max(height));
            prop_assert!(w == 1 || (f64::from(width) * scale - f64::from(w)).abs() <= 0.5 + 1e-6, "{w} x {h}");
            prop_assert!(h == 1 || (f64::from(height) * scale - f64::from(h)).abs() <= 0.5 + 1e-6, "{w} x {h}");
        }

        #[test]
        fn it_is_decoded_large_enough(width in 1..100_000_u32, height in 1..100_000_u32, max in 1..20_000_u32) {
            let n = u64::from(eighths(width, height, max));
            let longest = u64::from(width.max(height));
            prop_assert!((1..=8).contains(&n));
            prop_assert!(n == 8 || longest * n / 8 >= 2 * u64::from(max));
            prop_assert!(n == 1 || longest * (n - 1) / 8 < 2 * u64::from(max));
        }
    }
}
