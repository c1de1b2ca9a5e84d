//! A folder of pictures for the checks of 8.5.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageReader, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use kit::{Program, Running};
use tempfile::TempDir;

pub(crate) const RED: [u8; 3] = [200, 30, 30];
pub(crate) const GREEN: [u8; 3] = [30, 180, 30];
pub(crate) const BLUE: [u8; 3] = [30, 30, 200];
pub(crate) const WHITE: [u8; 3] = [250, 250, 250];

/// A picture of four colours: top left, top right, bottom left, bottom right.
pub(crate) const FOUR: [[u8; 3]; 4] = [RED, GREEN, BLUE, WHITE];

/// A folder of its own, gone when this is dropped.
pub(crate) struct Gallery {
    dir: TempDir,
}

impl Gallery {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { dir: tempfile::tempdir()? })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The path of `name`, for a command line.
    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(fs::write(self.path(name), bytes)?)
    }

    /// Adds a picture of four colours, in the format that its name says.
    pub(crate) fn add(&self, name: &str, width: u32, height: u32) -> Result<()> {
        self.write(name, &encoded(name, &four(width, height), None)?)
    }

    /// Adds `n` pictures, alike: `0.jpg`, `1.jpg`, …; returns their paths.
    pub(crate) fn fill(&self, n: usize, width: u32, height: u32) -> Result<Vec<String>> {
        let bytes = encoded("x.jpg", &four(width, height), None)?;
        let names = (0..n).map(|n| format!("{n}.jpg"));
        names.map(|name| self.write(&name, &bytes).map(|()| self.arg(&name))).collect()
    }

    /// The names in the folder `dir`, sorted.
    pub(crate) fn names(&self, dir: &str) -> Result<Vec<String>> {
        let entries = fs::read_dir(self.path(dir))?.collect::<Result<Vec<_>, _>>()?;
        let mut names: Vec<String> = entries
            .iter()
            .map(|entry| String::from_utf8_lossy(entry.file_name().as_bytes()).into())
            .collect();
        names.sort();
        Ok(names)
    }

    /// The thumbnail `name`, which has to be a whole JPEG.
    pub(crate) fn thumbnail(&self, name: &str) -> Result<RgbImage> {
        thumbnail(&self.path(name))
    }
}

/// Runs `thumbs` with these arguments to its end; what it wrote to stdout.
pub(crate) fn thumbs(pipeline: &Program, args: &[impl AsRef<str>], code: i32) -> Result<(Running, String)> {
    let args: Vec<&str> = ["thumbs"].into_iter().chain(args.iter().map(AsRef::as_ref)).collect();
    let mut run = pipeline.start(&args)?;
    run.close_stdin();
    let told = run.rest()?;
    run.expect_exit(code).with_context(|| format!("{args:?}"))?;
    Ok((run, told))
}

pub(crate) fn thumbnail(path: &Path) -> Result<RgbImage> {
    let at = || format!("the thumbnail {}", path.display());
    let reader = ImageReader::open(path).with_context(at)?.with_guessed_format()?;
    let format = reader.format();
    ensure!(format == Some(image::ImageFormat::Jpeg), "expected a JPEG at {}\n     got {format:?}", at());
    Ok(reader.decode().with_context(at)?.into_rgb8())
}

/// The colours in the middles of the four quarters.
pub(crate) fn colours(picture: &RgbImage) -> [[u8; 3]; 4] {
    let (w, h) = picture.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| picture.get_pixel(x * w / 4, y * h / 4).0)
}

/// Whether all of `got` are nearly the colours `expected`.
pub(crate) fn alike(got: &[[u8; 3]; 4], expected: &[[u8; 3]; 4]) -> bool {
    got.as_flattened().iter().zip(expected.as_flattened()).all(|(got, expected)| got.abs_diff(*expected) < 30)
}

/// A picture of four colours.
pub(crate) fn four(width: u32, height: u32) -> DynamicImage {
    let mut picture = RgbImage::new(width, height);
    // By the row, and each half of it at once: a pixel at a time takes long without optimisation.
    for (y, row) in picture.chunks_exact_mut(width as usize * 3).enumerate() {
        let (left, right) = row.split_at_mut((width / 2) as usize * 3);
        let below = usize::from(y >= (height / 2) as usize) * 2;
        left.as_chunks_mut().0.fill(FOUR[below]);
        right.as_chunks_mut().0.fill(FOUR[below + 1]);
    }
    picture.into()
}

/// `picture` in the format that `name` ends with, and what its EXIF data says of its orientation.
pub(crate) fn encoded(name: &str, picture: &DynamicImage, orientation: Option<u8>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match name.rsplit('.').next() {
        Some("jpg") => {
            // Not the encoder of `image`, which is generic, and so built here without optimisation.
            let mut encoder = Encoder::new(&mut bytes, 95);
            if let Some(orientation) = orientation {
                encoder.add_exif_metadata(&exif(orientation))?;
            }
            let (width, height) = (picture.width().try_into()?, picture.height().try_into()?);
            encoder.encode(picture.to_rgb8().as_raw(), width, height, ColorType::Rgb)?;
        }
        Some("png") => encode(PngEncoder::new(&mut bytes), picture, orientation)?,
        Some("webp") => encode(WebPEncoder::new_lossless(&mut bytes), picture, orientation)?,
        _ => {
            GifEncoder::new_with_speed(&mut bytes, 30).encode_frame(image::Frame::new(picture.to_rgba8()))?
        }
    }
    Ok(bytes)
}

fn encode(mut encoder: impl ImageEncoder, picture: &DynamicImage, orientation: Option<u8>) -> Result<()> {
    if let Some(orientation) = orientation {
        encoder.set_exif_metadata(exif(orientation))?;
    }
    Ok(picture.write_with_encoder(encoder)?)
}

/// EXIF data with nothing but the orientation: a TIFF file of one entry (TIFF 6.0, section 2).
fn exif(orientation: u8) -> Vec<u8> {
    let header = [b'M', b'M', 0, 42, 0, 0, 0, 8];
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    [&header[..], &[0, 1], &entry, &[0; 4]].concat()
}
