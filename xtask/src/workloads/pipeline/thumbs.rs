//! `pipeline thumbs`: photos of 12 megapixels, thumbnails a second and peak memory.
//!
//! A program from elsewhere gets `thumbs --jobs 2 --out DIR FILE…` and leaves `NAME.thumb.jpg` in DIR.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::LIMIT;
use crate::workloads::{Contestant, Measure, Samples};

static RATE: Measure = Measure::rate("thumbs", "thumbnails of photos of 12 megapixels, 2 jobs");
static PEAK: Measure = Measure::bytes("thumbs_peak", "thumbnails: peak memory");

/// The size of a photo, and what its thumbnail has.
const SIZE: (u16, u16) = (4000, 3000);
const THUMBNAIL: (u16, u16) = (128, 96);

/// Photos that differ. Each stands for as many files as it takes.
const DIFFERENT: u32 = 4;

/// Has thumbnails made of `count` photos.
pub(super) fn measure(contestant: &Contestant, count: usize, samples: &mut Samples) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let photos = lay_out(dir.path(), count)?;
    let out = dir.path().join("out");
    fs::create_dir(&out)?;
    let out_arg = out.to_str().context("the folder for temporary files is no UTF-8")?;
    let names = photos.iter().filter_map(|photo| photo.to_str());
    let args: Vec<&str> = ["thumbs", "--jobs", "2", "--out", out_arg].into_iter().chain(names).collect();
    let start = Instant::now();
    let mut program = contestant.run(&args)?;
    let mut peak = 0;
    let status = loop {
        // What it holds now is asked for while it runs: afterwards nobody can tell.
        if let Some(status) = program.wait_for(Duration::from_millis(5))? {
            break status;
        }
        peak = program.peak_resident().map_or(peak, |now| now.max(peak));
        ensure!(start.elapsed() < LIMIT, "thumbs: no end in {LIMIT:?}");
    };
    let took = start.elapsed();
    ensure!(status.success(), "thumbs: {status}: {}", program.stderr());
    check(&photos, &out)?;
    samples.push((&RATE, count as f64 / took.as_secs_f64()));
    samples.push((&PEAK, peak as f64));
    Ok(())
}

/// Puts `count` photos into `dir`.
fn lay_out(dir: &Path, count: usize) -> Result<Vec<PathBuf>> {
    static PHOTOS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let photos = match PHOTOS.get() {
        Some(photos) => photos,
        None => {
            let made = (0..DIFFERENT).map(photo).collect::<Result<_>>()?;
            PHOTOS.get_or_init(|| made)
        }
    };
    let mut files = Vec::new();
    for (n, bytes) in (0..count).zip(photos.iter().cycle()) {
        let file = dir.join(format!("{n}.jpg"));
        match files.get(n.wrapping_sub(photos.len())) {
            // The same photo as a file of its own: it is read and decoded as any other.
            Some(first) => fs::hard_link::<&PathBuf, _>(first, &file)?,
            None => fs::write(&file, bytes)?,
        }
        files.push(file);
    }
    Ok(files)
}

/// A picture as a camera's: shapes, and the grain that its bytes are about.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from floats, it saturates")]
fn photo(number: u32) -> Result<Vec<u8>> {
    let (width, height) = SIZE;
    let mut points = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    let (mut seed, waves) = (number.wrapping_mul(0x9e37_79b9) | 1, 9.0 + number as f32);
    let columns: Vec<f32> = (0..width).map(|x| (f32::from(x) / f32::from(width) * waves).sin()).collect();
    for y in 0..height {
        let row = (f32::from(y) / f32::from(height) * 7.0).cos();
        for (x, column) in (0..width).zip(&columns) {
            let edge = if (x / 160 + y / 120) % 2 == 0 { 25.0 } else { -25.0 };
            for channel in [1.0, 0.6, -0.8] {
                // Xorshift (Marsaglia, 2003).
                seed ^= seed << 13;
                seed ^= seed >> 17;
                seed ^= seed << 5;
                let grain = f32::from((seed >> 24) as u8) / 255.0 - 0.5;
                points.push((128.0 + 60.0 * column * row * channel + edge + 28.0 * grain) as u8);
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&points, width, height, ColorType::Rgb).context("a photo to measure with")?;
    Ok(bytes)
}

/// Each photo has a thumbnail of the right size, and equal photos have equal ones.
fn check(photos: &[PathBuf], out: &Path) -> Result<()> {
    let mut of_each = BTreeMap::new();
    for (n, photo) in photos.iter().enumerate() {
        let stem = photo.file_stem().context("a photo without a name")?.display();
        let file = out.join(format!("{stem}.thumb.jpg"));
        let bytes = fs::read(&file).with_context(|| format!("{} is missing", file.display()))?;
        let size = size(&bytes);
        ensure!(size == Some(THUMBNAIL), "{}: expected {THUMBNAIL:?} points, got {size:?}", file.display());
        let which = n % usize::try_from(DIFFERENT)?;
        if *of_each.entry(which).or_insert_with(|| bytes.clone()) != bytes {
            bail!("{}: another thumbnail than that of the same photo before", file.display());
        }
    }
    Ok(())
}

/// Width and height of a whole JPEG (ITU-T T.81, B.2.2).
fn size(jpeg: &[u8]) -> Option<(u16, u16)> {
    let mut rest = jpeg.strip_prefix(b"\xff\xd8")?.strip_suffix(b"\xff\xd9")?;
    loop {
        let [0xff, marker, high, low, segment @ ..] = rest else { return None };
        if matches!(marker, 0xc0..=0xc2) {
            let [_, h1, h0, w1, w0, ..] = segment else { return None };
            return Some((u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0])));
        }
        rest = segment.get(usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_tells_its_size() {
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, 90).encode(&[0; 3 * 20 * 30], 20, 30, ColorType::Rgb).unwrap();
        assert_eq!(size(&jpeg), Some((20, 30)));
        for end in 0..jpeg.len() {
            assert_eq!(size(&jpeg[..end]), None);
        }
    }
}
