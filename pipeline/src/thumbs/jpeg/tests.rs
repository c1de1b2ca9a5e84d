use std::iter::repeat_n;

use image::Rgb;
use proptest::prelude::*;

use super::*;

const MEMORY: u64 = 64 << 20;

fn compressed(space: ColorSpace, side: usize, point: &[u8], progressive: bool) -> Vec<u8> {
    let mut compress = Compress::new(space);
    compress.set_fastest_defaults();
    compress.set_size(side, side);
    if progressive {
        compress.set_progressive_mode();
    }
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(&point.repeat(side * side)).unwrap();
    started.finish().unwrap()
}

#[test]
fn no_more_is_decoded_than_is_needed() {
    let jpeg = compressed(ColorSpace::JCS_RGB, 800, &[200, 100, 50], false);
    let picture = decode(&jpeg, 50, MEMORY).unwrap();
    assert_eq!((picture.points.width(), picture.points.height()), (100, 100));
    let Rgb(point) = *picture.points.into_rgb8().get_pixel(50, 50);
    assert!(point.iter().zip([200, 100, 50]).all(|(got, expected)| got.abs_diff(expected) < 8), "{point:?}");
    let grey = decode(&compressed(ColorSpace::JCS_GRAYSCALE, 30, &[77], false), 50, MEMORY).unwrap();
    assert!(
        grey.points
            .as_luma8()
            .is_some_and(|grey| grey.width() == 30 && grey.get_pixel(9, 9).0[0].abs_diff(77) < 4)
    );
}

#[test]
fn ink_becomes_light() {
    // No ink; all of cyan; all of black. Adobe's are inverted.
    let points = [0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255];
    let light = [255, 255, 255, 0, 255, 255, 0, 0, 0];
    assert_eq!(from_cmyk(&points, false), light);
    assert_eq!(from_cmyk(&points.map(|ink: u8| 255 - ink), true), light);
    let jpeg = compressed(ColorSpace::JCS_CMYK, 16, &[255, 0, 255, 255], false);
    let Rgb([red, green, _]) = *decode(&jpeg, 16, MEMORY).unwrap().points.into_rgb8().get_pixel(8, 8);
    assert!(red > 240 && green < 15, "{red} {green}: libjpeg writes Adobe's marker");
}

#[test]
fn a_progressive_picture_keeps_its_coefficients() {
    let baseline = compressed(ColorSpace::JCS_RGB, 512, &[9; 3], false);
    let progressive = compressed(ColorSpace::JCS_RGB, 512, &[9; 3], true);
    assert!(!keeps_all(&baseline) && keeps_all(&progressive));
    assert!(keeps_all(&[]) && keeps_all(&[0xff, 0xd8]) && keeps_all(&[0xff, 0xd8, 0xff, 0xc0, 0, 1]));
    let enough = u64::try_from(baseline.len().max(progressive.len())).unwrap() + 4 * 64 * 64;
    assert!(decode(&baseline, 20, enough).is_ok());
    let error = decode(&progressive, 20, enough).unwrap_err().to_string();
    assert!(error.contains("512 x 512") && error.contains("--max-memory"), "{error}");
}

#[test]
fn colours_keep_their_meaning() {
    let profile = [&[0; 16][..], b"RGB ", &[7; 300]].concat();
    let points = DynamicImage::from(RgbImage::from_pixel(20, 20, Rgb([1, 2, 3])));
    let kept = |profile: &[u8]| decode(&encode(&points, Some(profile)).unwrap(), 20, MEMORY).unwrap().profile;
    assert_eq!(kept(&profile), Some(profile.clone()));
    assert_eq!(kept(&[&[0; 16][..], b"CMYK", &[7; 300]].concat()), None);
    assert_eq!(kept(&[&profile[..], &[0; LARGEST_PROFILE]].concat()), None);
}

#[test]
fn many_scans_are_refused() {
    let mut jpeg = compressed(ColorSpace::JCS_RGB, 16, &[9; 3], true);
    assert!(decode(&jpeg, 16, MEMORY).is_ok());
    jpeg.extend(repeat_n([0xff, 0xda], MOST_SCANS).flatten());
    assert!(decode(&jpeg, 16, MEMORY).unwrap_err().to_string().contains("scans"));
}

proptest! {
    #[test]
    fn an_early_end_is_an_error(cut in 0..1000_usize, progressive: bool) {
        let jpeg = compressed(ColorSpace::JCS_RGB, 64, &[1, 200, 3], progressive);
        // The very end of the data may be missing unseen: a few bits fill it up.
        let error = decode(&jpeg[..cut % (jpeg.len() - 8)], 16, MEMORY).unwrap_err();
        prop_assert!(!error.to_string().is_empty());
    }

    #[test]
    fn whatever_the_bytes_there_is_an_answer(at in 0..2000_usize, bytes: [u8; 3], progressive: bool) {
        let mut jpeg = compressed(ColorSpace::JCS_RGB, 64, &[1, 200, 3], progressive);
        let at = at % (jpeg.len() - 3);
        jpeg[at..at + 3].copy_from_slice(&bytes);
        if let Err(error) = decode(&jpeg, 16, MEMORY) {
            let text = format!("{error:#}");
            prop_assert!(!text.is_empty(), "an error without a reason");
        }
        // The header alone is looked at by us.
        keeps_all(&jpeg);
    }
}
