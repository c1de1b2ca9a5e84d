//! JPEG, by libjpeg-turbo as mozjpeg has it: it decodes a picture in eighths of its size, which a thumbnail needs
//! no more of, and so leaves out most of the work (ITU-T T.81).

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Error, Result, ensure};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use memchr::memmem;
use mozjpeg::decompress::{DecompressStarted, Format};
use mozjpeg::{ColorSpace, Compress, Decompress, Marker};

use super::fit::eighths;
use super::picture::{Picture, for_shrinking, within};

/// How good a thumbnail is, from 0 to 100.
const QUALITY: f32 = 80.0;

/// Scans in a picture. Progressive ones have about ten; each takes as long as a whole picture.
const MOST_SCANS: usize = 100;

/// The largest colour profile that is kept, in bytes: those of cameras and screens have a few hundred.
const LARGEST_PROFILE: usize = 4096;

/// The beginning of a profile that is in one piece.
const PROFILE: &[u8] = b"ICC_PROFILE\0\x01\x01";

/// Decodes a picture, in as many eighths of its size as a thumbnail of `max` points needs.
///
/// # Errors
/// When it is broken, ends early, or would take more than `memory` bytes.
pub(crate) fn decode(bytes: &[u8], max: u32, memory: u64) -> Result<Picture> {
    let scans = memmem::find_iter(bytes, b"\xff\xda").take(MOST_SCANS + 1).count();
    ensure!(scans <= MOST_SCANS, "more than {MOST_SCANS} scans");
    let short = Cell::new(false);
    // libjpeg's way to report an error is to leave by a jump; mozjpeg's is to unwind, with the reason.
    let decoded =
        catch_unwind(AssertUnwindSafe(|| decompress(Whole { rest: bytes, short: &short }, max, memory)));
    match decoded {
        _ if short.get() => Err(Error::msg("it ends too early")),
        Ok(decoded) => decoded,
        Err(reason) => {
            let text = reason.downcast_ref::<String>().map_or("the decoder failed", String::as_str);
            Err(Error::msg(text.trim_start_matches("libjpeg fatal error: ").to_owned()))
        }
    }
}

/// Encodes a thumbnail of 8 bits a channel, grey or RGB.
///
/// # Errors
/// When it cannot be encoded.
pub(crate) fn encode(points: &DynamicImage, profile: Option<&[u8]>) -> Result<Vec<u8>> {
    let grey = !points.color().has_color();
    let mut compress = Compress::new(if grey { ColorSpace::JCS_GRAYSCALE } else { ColorSpace::JCS_RGB });
    compress.set_size(usize::try_from(points.width())?, usize::try_from(points.height())?);
    compress.set_quality(QUALITY);
    let mut started = compress.start_compress(Vec::new())?;
    if let Some(profile) = profile.filter(|profile| !grey && is_for_rgb(profile)) {
        // Counted from 1, as ICC.1 (B.4) has it; mozjpeg's own function counts from 0.
        started.write_marker(Marker::APP(2), &[PROFILE, profile].concat());
    }
    started.write_scanlines(points.as_bytes())?;
    Ok(started.finish()?)
}

fn decompress(whole: Whole<'_>, max: u32, memory: u64) -> Result<Picture> {
    let bytes = whole.rest;
    let markers = [Marker::APP(1), Marker::APP(2), Marker::APP(14)];
    let mut decompress = Decompress::with_markers(&markers).from_reader(whole)?;
    let (mut orientation, mut profile, mut adobe) = (Orientation::NoTransforms, None, false);
    for marker in decompress.markers() {
        let data = marker.data;
        if let (Marker::APP(1), Some(exif)) = (marker.marker, data.strip_prefix(b"Exif\0\0")) {
            orientation = Orientation::from_exif_chunk(exif).unwrap_or(orientation);
        } else if let (Marker::APP(2), Some(icc)) = (marker.marker, data.strip_prefix(PROFILE)) {
            profile = Some(icc.to_vec());
        }
        adobe |= marker.marker == Marker::APP(14) && data.starts_with(b"Adobe");
    }
    let (width, height) = (u32::try_from(decompress.width())?, u32::try_from(decompress.height())?);
    let eighths = eighths(width, height, max);
    let decoded =
        4 * u64::from(width.div_ceil(8)) * u64::from(height.div_ceil(8)) * u64::from(eighths).pow(2);
    let kept = if keeps_all(bytes) { coefficients(&decompress) } else { 0 };
    let (w, h) = (width.div_ceil(8) * u32::from(eighths), height.div_ceil(8) * u32::from(eighths));
    let needed = decoded.saturating_add(kept).saturating_add(for_shrinking(w, h, max));
    within(memory, bytes.len(), needed, (width, height))?;
    decompress.scale(eighths);
    let points = match decompress.image()? {
        Format::Gray(started) => grey(started)?,
        Format::RGB(started) => rgb(started, |points| points)?,
        Format::CMYK(started) => rgb(started, |points| from_cmyk(&points, adobe))?,
    };
    Ok(Picture { points, orientation, profile })
}

fn grey(mut started: DecompressStarted<Whole<'_>>) -> Result<DynamicImage> {
    let (width, height) = (u32::try_from(started.width())?, u32::try_from(started.height())?);
    let grey = GrayImage::from_raw(width, height, started.read_scanlines()?);
    Ok(grey.context("rows are missing")?.into())
}

fn rgb(
    mut started: DecompressStarted<Whole<'_>>,
    from: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Result<DynamicImage> {
    let (width, height) = (u32::try_from(started.width())?, u32::try_from(started.height())?);
    let rgb = RgbImage::from_raw(width, height, from(started.read_scanlines()?));
    Ok(rgb.context("rows are missing")?.into())
}

/// Red, green and blue of what is to be printed. Adobe's programs write how much ink is *not* there.
fn from_cmyk(points: &[u8], adobe: bool) -> Vec<u8> {
    let light = |ink: u8| u16::from(if adobe { ink } else { 255 - ink });
    let of = |point: &[u8; 4]| {
        let [cyan, magenta, yellow, black] = point.map(light);
        [cyan, magenta, yellow].map(|ink| u8::try_from(ink * black / 255).unwrap_or(u8::MAX))
    };
    points.as_chunks().0.iter().flat_map(of).collect()
}

/// Whether it is a profile of RGB colours (ICC.1, 7.2) that is small enough to keep.
fn is_for_rgb(profile: &[u8]) -> bool {
    profile.len() <= LARGEST_PROFILE && profile.get(16..20) == Some(b"RGB ")
}

/// The bytes of all coefficients of a picture.
fn coefficients(decompress: &Decompress<Whole<'_>>) -> u64 {
    let blocks = decompress.components().iter().map(|c| (c.width_in_blocks, c.height_in_blocks));
    let bytes =
        blocks.map(|(wide, high)| u64::from(wide).saturating_mul(u64::from(high)).saturating_mul(64 * 2));
    bytes.fold(0, u64::saturating_add)
}

/// Whether all of the picture has to be in memory: it is progressive, or its components come one after another.
/// Also when its header cannot be read.
fn keeps_all(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    let mut components = 0;
    while let [0xff, marker, after @ ..] = rest {
        let length = after.first_chunk().map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
        rest = match marker {
            // Filled up, or a marker that stands alone (T.81, B.1.1.3).
            0xff => &rest[1..],
            0x01 | 0xd0..=0xd8 => after,
            0xc2 | 0xc6 | 0xca | 0xce => return true,
            0xda => return after.get(2).is_none_or(|scanned| *scanned < components),
            _ => {
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    components = after.get(7).copied().unwrap_or(u8::MAX);
                }
                after.get(length..).unwrap_or_default()
            }
        };
    }
    true
}

/// The bytes of a whole picture: their end in the middle of it is an error. libjpeg would paint the rest grey.
struct Whole<'a> {
    rest: &'a [u8],
    short: &'a Cell<bool>,
}

impl Read for Whole<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.rest.read(into)
    }
}

impl BufRead for Whole<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest.is_empty() {
            self.short.set(true);
            return Err(io::Error::other("it ends too early"));
        }
        Ok(self.rest)
    }

    fn consume(&mut self, n: usize) {
        self.rest.consume(n);
    }
}

#[cfg(test)]
mod tests;
