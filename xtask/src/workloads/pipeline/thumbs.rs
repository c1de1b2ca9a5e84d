//! `pipeline thumbs`: photos of 12 megapixels, thumbnails a second and peak memory.
//!
//! A program from elsewhere gets `thumbs --jobs 2 --out DIR FILE…` and leaves `NAME.thumb.jpg` in DIR.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use load::photo::{Photo, means, photo};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::LIMIT;
use crate::results::{Group, Settings};
use crate::workloads::footprint::{self, Run, Seen};
use crate::workloads::{Contestant, Measure, Samples};

static RATE: Measure = Measure::rate("thumbs", "thumbnails of photos of 12 megapixels, 2 jobs");
static CPU: Measure = Measure::time("thumbs_cpu", "CPU of a thumbnail");
static PEAK: Measure = Measure::bytes("thumbs_peak", "peak memory, thumbnails, 2 jobs").of(Group::Footprint);

/// The size of a thumbnail, in points.
const THUMBNAIL: (u16, u16) = (128, 96);

/// How far a mean may be off, of 255: shrinking and packing change it by less than half of that.
const OFF: f32 = 8.0;

/// Photos that differ. Each stands for as many files as it takes.
const DIFFERENT: u32 = 4;

/// Has thumbnails made.
pub(super) fn measure(contestant: &Contestant, settings: &Settings, samples: &mut Samples) -> Result<Seen> {
    let count = settings.scale.pick(4, 8, 200);
    let dir = tempfile::tempdir()?;
    let photos = lay_out(dir.path(), count)?;
    let out = dir.path().join("out");
    fs::create_dir(&out)?;
    let out_arg = out.to_str().context("the folder for temporary files is no UTF-8")?;
    let names = photos.iter().filter_map(|photo| photo.to_str());
    let args: Vec<&str> = ["thumbs", "--jobs", "2", "--out", out_arg].into_iter().chain(names).collect();
    let Run { took, cpu, seen, .. } = footprint::run(contestant, settings, &args, LIMIT)?;
    check(&photos, &out).with_context(|| contestant.asked(&args[..3]))?;
    samples.push((&RATE, count as f64 / took.as_secs_f64()));
    samples.push((&CPU, cpu.as_secs_f64() / count as f64));
    samples.push((&PEAK, seen.peak as f64));
    Ok(seen)
}

/// The photos, which take a while to make.
fn made() -> Result<&'static [Photo]> {
    static PHOTOS: OnceLock<Vec<Photo>> = OnceLock::new();
    if let Some(photos) = PHOTOS.get() {
        return Ok(photos);
    }
    let photos = thread::scope(|scope| {
        let made: Vec<_> = (0..DIFFERENT).map(|number| scope.spawn(move || photo(number))).collect();
        let photos =
            made.into_iter().map(|photo| photo.join().map_err(|_| anyhow!("a photo has panicked"))?);
        photos.collect::<Result<_>>()
    })?;
    Ok(PHOTOS.get_or_init(|| photos))
}

/// Puts `count` photos into `dir`.
fn lay_out(dir: &Path, count: usize) -> Result<Vec<PathBuf>> {
    let photos = made()?;
    let mut files = Vec::new();
    for (n, photo) in (0..count).zip(photos.iter().cycle()) {
        let file = dir.join(format!("{n}.jpg"));
        match files.get(n.wrapping_sub(photos.len())) {
            // The same photo as a file of its own: it is read and decoded as any other.
            Some(first) => fs::hard_link::<&PathBuf, _>(first, &file)?,
            None => fs::write(&file, &photo.jpeg)?,
        }
        files.push(file);
    }
    Ok(files)
}

/// Each photo has a thumbnail of the right size that looks like it, and equal photos have equal ones.
fn check(photos: &[PathBuf], out: &Path) -> Result<()> {
    let mut of_each = BTreeMap::new();
    for (n, photo) in photos.iter().enumerate() {
        let stem = photo.file_stem().context("a photo without a name")?.display();
        let file = out.join(format!("{stem}.thumb.jpg"));
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let which = n % usize::try_from(DIFFERENT)?;
        match of_each.get(&which) {
            Some(first) if *first != bytes => {
                bail!(
                    "{}: expected the thumbnail of the same photo before\n     got another one",
                    file.display()
                )
            }
            Some(_) => {}
            None => {
                let looks = looks_like(&bytes, &made()?[which]);
                looks.with_context(|| file.display().to_string())?;
                of_each.insert(which, bytes);
            }
        }
    }
    Ok(())
}

fn looks_like(jpeg: &[u8], photo: &Photo) -> Result<()> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let points = decoder.decode().map_err(|error| anyhow!("no JPEG: {error}"))?;
    let size = decoder.info().map(|info| (info.width, info.height));
    ensure!(size == Some(THUMBNAIL), "expected {THUMBNAIL:?} points\n     got {size:?}");
    let pairs = means(&points, THUMBNAIL).into_iter().zip(&photo.means);
    let off = pairs.map(|(mean, of_photo)| (mean - of_photo).abs()).fold(0.0, f32::max);
    ensure!(
        off <= OFF,
        "expected the photo made small\n     got a part whose colour is off by {off:.0} of 255"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use jpeg_encoder::{ColorType, Encoder};
    use kit::refused;
    use load::photo::SIZE;

    use super::super::super::tests::{quick, script};
    use super::*;

    /// A JPEG of the size of a thumbnail, with this colour at each point.
    fn thumbnail(colour: impl Fn(u16, u16) -> [u8; 3]) -> Result<Vec<u8>> {
        let (width, height) = THUMBNAIL;
        let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let points: Vec<u8> = all.flat_map(|(x, y)| colour(x, y)).collect();
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes, 80).encode(&points, width, height, ColorType::Rgb)?;
        Ok(bytes)
    }

    /// A photo made small, in the plainest way.
    fn shrunk(photo: &Photo) -> Result<Vec<u8>> {
        let points = JpegDecoder::new(ZCursor::new(&photo.jpeg)).decode().context("a photo of ours")?;
        let (across, down) = (usize::from(SIZE.0), usize::from(SIZE.1));
        thumbnail(|x, y| {
            let (x, y) = (usize::from(x) * across / 128, usize::from(y) * down / 96);
            let mut sums = [0_usize; 3];
            for at in (0..31).flat_map(|dy| (0..31).map(move |dx| ((y + dy) * across + x + dx) * 3)) {
                (0..3).for_each(|channel| sums[channel] += usize::from(points[at + channel]));
            }
            sums.map(|sum| u8::try_from(sum / (31 * 31)).unwrap_or(255))
        })
    }

    #[test]
    fn a_thumbnail_looks_like_its_photo() -> Result<()> {
        let photos = made()?;
        let small = shrunk(&photos[0])?;
        looks_like(&small, &photos[0])?;
        refused(looks_like(&small, &photos[1]), "colour is off");
        refused(looks_like(&thumbnail(|_, _| [128; 3])?, &photos[0]), "colour is off");
        refused(looks_like(&small[..small.len() / 2], &photos[0]), "");
        refused(looks_like(b"", &photos[0]), "no JPEG");
        refused(
            looks_like(&photos[0].jpeg, &photos[0]),
            "expected (128, 96) points\n     got Some((4000, 3000))",
        );
        Ok(())
    }

    /// One that takes the thumbnail that a camera has put into a photo could be as quick, and be another.
    #[test]
    fn thumbnails_that_are_not_made_are_refused() -> Result<()> {
        let measure = |text: &str| measure(&script(text)?.contestant, &quick(), &mut Samples::new());
        // Its arguments: thumbs --jobs 2 --out DIR FILE…
        refused(measure("true"), "cannot read");
        refused(measure("for n in 0 1 2 3; do : >$5/$n.thumb.jpg; done"), "no JPEG");
        let dir = tempfile::tempdir()?;
        let one = dir.path().join("one.jpg");
        fs::write(&one, shrunk(&made()?[0])?)?;
        let text = format!("for n in 0 1 2 3; do cp {} $5/$n.thumb.jpg; done", one.display());
        refused(measure(&text), "1.thumb.jpg: expected the photo made small");
        Ok(())
    }
}
