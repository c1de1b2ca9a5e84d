//! From the bytes of a picture to those of its thumbnail.

use std::io::Cursor;

use anyhow::{Error, Result, bail, ensure};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::fit::fit;
use super::jpeg;

/// A picture as it was decoded.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) points: DynamicImage,
    /// How it is to be turned, once it is small.
    pub(crate) orientation: Orientation,
    /// What its colours mean; none is sRGB.
    pub(crate) profile: Option<Vec<u8>>,
}

/// The thumbnail of a picture, as a JPEG with sides of at most `max` points, turned as the picture says. What is
/// transparent becomes white; of several pictures in a file it is the first.
///
/// # Errors
/// When it is no picture, a broken one, or one that would take more than `memory` bytes.
pub(crate) fn thumbnail(bytes: &[u8], max: u32, memory: u64) -> Result<Vec<u8>> {
    let picture = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => jpeg::decode(bytes, max, memory)?,
        Ok(format @ (ImageFormat::Gif | ImageFormat::Png | ImageFormat::WebP)) => {
            decode(bytes, format, max, memory)?
        }
        _ => bail!("not a JPEG, PNG, GIF or WebP picture"),
    };
    let mut points = opaque(shrunk(picture.points, max));
    points.apply_orientation(picture.orientation);
    jpeg::encode(&points, picture.profile.as_deref())
}

/// Holds that `needed` bytes beside a file of `file` bytes are within `memory`.
///
/// # Errors
/// When they are not.
pub(crate) fn within(memory: u64, file: usize, needed: u64, (width, height): (u32, u32)) -> Result<()> {
    let needed = u64::try_from(file).unwrap_or(u64::MAX).saturating_add(needed);
    let size = format!("{width} x {height} points");
    ensure!(needed <= memory, "{size} take {needed} bytes in memory, more than --max-memory, {memory}");
    Ok(())
}

/// Decodes what is no JPEG, whole.
fn decode(bytes: &[u8], format: ImageFormat, max: u32, memory: u64) -> Result<Picture> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(memory);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(told)?;
    let (width, height) = decoder.dimensions();
    // The decoders of GIF and WebP put a picture together in a second one.
    let decoded = decoder.total_bytes().saturating_mul(2);
    let needed = decoded.saturating_add(for_shrinking(width, height, max));
    within(memory, bytes.len(), needed, (width, height))?;
    let profile = decoder.icc_profile().map_err(told)?;
    // The decoder of a format without orientation says that nothing is to be turned.
    let orientation = decoder.orientation().map_err(told)?;
    let points = DynamicImage::from_decoder(decoder).map_err(told)?;
    Ok(Picture { points, orientation, profile })
}

/// `error` without its source, which it tells itself.
fn told(error: ImageError) -> Error {
    Error::msg(error.to_string())
}

/// `points`, if they are more than `max` on a side, as so many: each the mean of those that it stands for, or from
/// those around it where they are too few for a mean (Lanczos).
fn shrunk(points: DynamicImage, max: u32) -> DynamicImage {
    let (width, height) = fit(points.width(), points.height(), max);
    if (width, height) == (points.width(), points.height()) {
        points
    } else if is_far_smaller(points.width(), points.height(), max) {
        points.thumbnail_exact(width, height)
    } else {
        points.resize_exact(width, height, FilterType::Lanczos3)
    }
}

/// The bytes that [`shrunk`] takes for a while.
pub(crate) fn for_shrinking(width: u32, height: u32, max: u32) -> u64 {
    let points = u64::from(width) * u64::from(height);
    // Lanczos has four numbers of four bytes for a point.
    if is_far_smaller(width, height, max) { 0 } else { points.saturating_mul(16) }
}

fn is_far_smaller(width: u32, height: u32, max: u32) -> bool {
    u64::from(width.max(height)) >= 2 * u64::from(max)
}

/// `points` in 8 bits a channel, on white.
fn opaque(points: DynamicImage) -> DynamicImage {
    if !points.color().has_alpha() {
        let grey = !points.color().has_color();
        return if grey { points.into_luma8().into() } else { points.into_rgb8().into() };
    }
    let points = points.into_rgba8();
    let on_white = RgbImage::from_fn(points.width(), points.height(), |x, y| {
        let [red, green, blue, alpha] = points.get_pixel(x, y).0.map(u16::from);
        // At most 255 * 255 + 127.
        let on_white = |channel: u16| (channel * alpha + 255 * (255 - alpha) + 127) / 255;
        image::Rgb([red, green, blue].map(|channel| u8::try_from(on_white(channel)).unwrap_or(u8::MAX)))
    });
    on_white.into()
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, ImageBuffer, Luma, LumaA, Rgba, RgbaImage};

    use super::*;

    #[test]
    fn what_is_transparent_becomes_white() {
        let points = RgbaImage::from_fn(3, 1, |x, _| Rgba([200, 0, 100, [0, 128, 255][x as usize]]));
        let on_white = opaque(points.into()).into_rgb8();
        assert_eq!(on_white.into_raw(), [255, 255, 255, 227, 127, 177, 200, 0, 100]);
        let grey = GrayAlphaImage::from_pixel(1, 1, LumaA([0, 0]));
        assert_eq!(opaque(grey.into()).into_rgb8().into_raw(), [255; 3]);
    }

    #[test]
    fn sixteen_bits_become_eight() {
        let points: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_pixel(500, 100, Luma([0x8080]));
        let small = opaque(shrunk(points.into(), 50));
        assert_eq!((small.width(), small.height()), (50, 10));
        assert!(small.as_luma8().unwrap().iter().all(|grey| *grey == 0x80));
    }

    #[test]
    fn a_picture_too_large_is_refused_before_it_is_decoded() {
        let error = within(1000, 100, 901, (30, 10)).unwrap_err().to_string();
        assert!(error.contains("30 x 10") && error.contains("--max-memory"), "{error}");
        assert!(within(1000, 100, 900, (30, 10)).is_ok());
        assert!(within(u64::MAX - 1, 100, u64::MAX, (30, 10)).is_err());
    }
}
