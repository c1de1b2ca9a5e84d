//! Photos as a camera takes them, and what can be said of a picture whatever its size.

use anyhow::{Context, Result};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The size of a photo, in points.
pub const SIZE: (u16, u16) = (4000, 3000);

/// Parts of a picture whose mean colours are compared, in each direction.
const PARTS: (usize, usize) = (16, 12);

/// A photo, and the mean colours of its parts.
pub struct Photo {
    /// As a file has it.
    pub jpeg: Vec<u8>,
    /// What [`means`] says of its points.
    pub means: Vec<f32>,
}

/// Photo `number`: as a camera's it has shapes, and the grain that its bytes are about.
///
/// # Errors
/// When it cannot be packed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from floats, it saturates")]
pub fn photo(number: u32) -> Result<Photo> {
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
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&points, width, height, ColorType::Rgb).context("a photo to measure with")?;
    Ok(Photo { jpeg, means: means(&points, SIZE) })
}

/// The mean colours of the 16 by 12 parts of a picture, part by part: red, green and blue, of 255. `points` has three bytes
/// for each point, row by row.
pub fn means(points: &[u8], (width, height): (u16, u16)) -> Vec<f32> {
    let (width, height) = (usize::from(width), usize::from(height));
    let mut sums = vec![[0_u64; 3]; PARTS.0 * PARTS.1];
    for (y, row) in points.chunks_exact(width * 3).enumerate() {
        let parts = &mut sums[y * PARTS.1 / height * PARTS.0..][..PARTS.0];
        for (x, point) in row.as_chunks::<3>().0.iter().enumerate() {
            let sum = &mut parts[x * PARTS.0 / width];
            (0..3).for_each(|channel| sum[channel] += u64::from(point[channel]));
        }
    }
    let each = (width / PARTS.0 * (height / PARTS.1)) as f32;
    sums.into_iter().flatten().map(|sum| sum as f32 / each).collect()
}
