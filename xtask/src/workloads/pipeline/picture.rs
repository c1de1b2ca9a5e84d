//! The picture of `pipeline mandelbrot`, compared with points that are computed here.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The part of the plane that is drawn, on both axes.
const FROM: f64 = -2.0;
const TO: f64 = 2.0;

/// Steps after which a point that has not escaped is taken to be in the set.
const STEPS: u8 = 200;

/// How much darker each step makes a point; it wraps, as the book's bytes do.
const CONTRAST: u8 = 15;

/// Points that are compared, in each direction: a prime, so that they are not those that a cheap picture has.
const COMPARED: u32 = 97;

/// How many of a hundred may differ: at the edge of the set a rounding decides.
const DIFFERENT: u32 = 2;

/// Whether `file` is the picture of `size` by `size` points. `first` is the first one that was: the others are its equals.
pub(super) fn check(file: &Path, size: u32, first: &mut Option<Vec<u8>>) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    // Whoever comes next does not find it.
    fs::remove_file(file).with_context(|| format!("cannot remove {}", file.display()))?;
    match first {
        Some(first) => ensure!(*first == bytes, "expected the same picture\n     got another one"),
        None => {
            compare(&bytes, size)?;
            *first = Some(bytes);
        }
    }
    Ok(())
}

/// Compares points all over the picture.
fn compare(png: &[u8], size: u32) -> Result<()> {
    let (points, across) = decode(png).context("no PNG of a byte or more a point")?;
    ensure!(
        points.len() == across * across,
        "expected a square\n     got {} points in rows of {across}",
        points.len()
    );
    ensure!(
        u32::try_from(across) == Ok(size),
        "expected {size} by {size} points\n     got {across} by {across}"
    );
    let at = |n: u32| n * (size - 1) / (COMPARED - 1);
    let all = (0..COMPARED).flat_map(|row| (0..COMPARED).map(move |column| (at(column), at(row))));
    let differs = |(x, y): &(u32, u32)| points[index(*y) * across + index(*x)] != grey(*x, *y, size);
    let different = u32::try_from(all.filter(differs).count())?;
    ensure!(
        different * 100 <= COMPARED * COMPARED * DIFFERENT,
        "expected the Mandelbrot set\n     got {different} of {} points otherwise",
        COMPARED * COMPARED
    );
    Ok(())
}

/// The first byte of each point, which is its grey, and the points in a row.
fn decode(png: &[u8]) -> Result<(Vec<u8>, usize)> {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![0; reader.output_buffer_size().context("it is too large")?];
    let info = reader.next_frame(&mut bytes)?;
    let step = info.color_type.samples();
    Ok((bytes[..info.buffer_size()].iter().step_by(step).copied().collect(), index(info.width)))
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The grey of a point: black in the set, else by the steps until it escapes.
pub(super) fn grey(x: u32, y: u32, size: u32) -> u8 {
    let at = |pixel: u32| f64::from(pixel) / f64::from(size) * (TO - FROM) + FROM;
    let (x, y) = (at(x), at(y));
    let (mut re, mut im) = (0.0_f64, 0.0_f64);
    for step in 0..STEPS {
        (re, im) = (re * re - im * im + x, 2.0 * re * im + y);
        if re.hypot(im) > 2.0 {
            return 255_u8.wrapping_sub(CONTRAST.wrapping_mul(step));
        }
    }
    0
}

#[cfg(test)]
pub(super) mod tests {
    use kit::refused;

    use super::*;

    /// A PNG of `size` by `size` greys.
    pub(in super::super) fn png(size: u32, grey: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let points: Vec<u8> =
            (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size, size);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&points)).unwrap();
        bytes
    }

    #[test]
    fn a_picture_is_compared_point_by_point() -> Result<()> {
        compare(&png(200, |x, y| grey(x, y, 200)), 200)?;
        refused(compare(b"\x89PNG", 200), "no PNG");
        refused(compare(&png(199, |x, y| grey(x, y, 199)), 200), "got 199 by 199");
        let otherwise = "points otherwise";
        refused(compare(&png(200, |_, _| 0), 200), otherwise);
        // Half of it is left out, or drawn with fewer steps, or a part of it is mirrored.
        refused(compare(&png(200, |x, y| if y < 100 { grey(x, y, 200) } else { 0 }), 200), otherwise);
        refused(compare(&png(200, |x, y| grey(x / 4 * 4, y / 4 * 4, 200)), 200), otherwise);
        refused(compare(&png(200, |x, y| grey(199 - x, y, 200)), 200), otherwise);
        Ok(())
    }

    #[test]
    fn a_picture_is_the_first_one_again() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("x.png");
        let mut first = None;
        for contrast in [1, 1, 2] {
            fs::write(&file, png(150, |x, y| grey(x, y, 150).wrapping_mul(contrast)))?;
            let checked = check(&file, 150, &mut first);
            if contrast == 1 { checked? } else { refused(checked, "got another one") }
        }
        refused(check(&file, 150, &mut first), "cannot read");
        Ok(())
    }
}
