//! The Mandelbrot set as the book draws it in section 3.3, row by row (exercise 8.5).

use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use crate::file::replace;

/// The part of the plane that is drawn, on both axes.
const FROM: f64 = -2.0;
const TO: f64 = 2.0;

/// Steps after which a point that has not escaped is taken to be in the set.
const STEPS: u8 = 200;

/// How much darker each step makes a point.
const CONTRAST: u8 = 15;

/// Some rows of the picture, one below the other.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The uppermost, counted from the top.
    first: u32,
    /// A byte of grey for each point.
    greys: Vec<u8>,
}

impl Rows {
    /// How many rows a worker draws at a time. Handing over costs some 15 µs, mostly to wake who waits: one by one
    /// that is a twentieth of a large picture. Each has its turn often, that nobody is done long before the others.
    pub(crate) fn at_a_time(size: u32, workers: usize) -> u32 {
        let each = index(size) / workers.max(1) / 64;
        u32::try_from(each).unwrap_or(u32::MAX).clamp(1, 8)
    }

    /// Draws `count` rows from `first` on, of a picture of `size` by `size` points, or those that there are; none
    /// below its last.
    pub(crate) fn draw(size: u32, first: u32, count: u32) -> Option<Self> {
        let at = |pixel: u32| f64::from(pixel) / f64::from(size) * (TO - FROM) + FROM;
        let mut greys = Vec::new();
        for row in first..first.saturating_add(count).min(size) {
            let y = at(row);
            greys.extend((0..size).map(|pixel| shade(at(pixel), y)));
        }
        (first < size).then_some(Self { first, greys })
    }
}

/// The grey of a point: black in the set, else by the steps until it escapes.
fn shade(x: f64, y: f64) -> u8 {
    let (mut re, mut im, mut step) = (0.0, 0.0, 0);
    // Not a range: without optimisation its `next` takes longer than the step.
    while step < STEPS {
        (re, im) = (re * re - im * im + x, 2.0 * re * im + y);
        if re * re + im * im > 4.0 {
            // Wraps, as the book's bytes do.
            return 255_u8.wrapping_sub(CONTRAST.wrapping_mul(step));
        }
        step += 1;
    }
    0
}

/// The picture, whose rows come in any order.
#[derive(Debug)]
pub(crate) struct Picture {
    size: u32,
    greys: Vec<u8>,
    /// How many points are still to come.
    missing: usize,
}

impl Picture {
    /// `size` by `size` points, of which none is drawn.
    pub(crate) fn new(size: u32) -> Self {
        let points = index(size) * index(size);
        Self { size, greys: vec![0; points], missing: points }
    }

    /// The whole picture in a plain loop, without workers: what they are compared to.
    pub(crate) fn plain(size: u32) -> Self {
        let mut picture = Self::new(size);
        (0..size).filter_map(|row| Rows::draw(size, row, 1)).for_each(|row| picture.add(&row));
        picture
    }

    /// Puts rows in their place; each comes once.
    pub(crate) fn add(&mut self, rows: &Rows) {
        let place = index(rows.first) * index(self.size);
        self.greys[place..][..rows.greys.len()].copy_from_slice(&rows.greys);
        self.missing -= rows.greys.len();
    }

    /// Saves it as a PNG in `file`. Without one, gives what is to be written to stdout.
    ///
    /// # Errors
    /// When a row is missing, or the file cannot be written.
    pub(crate) fn save(&self, file: Option<&Path>) -> Result<Vec<u8>> {
        let png = self.png()?;
        match file {
            Some(file) => replace(file, &png).map(|()| Vec::new()),
            None => Ok(png),
        }
    }

    fn png(&self) -> Result<Vec<u8>> {
        ensure!(self.missing == 0, "the picture is not whole: {} points are missing", self.missing);
        let mut png = Vec::new();
        // This is done by one alone. A filter for all rows, each as the difference to the one above: to choose the
        // best for each row takes three times as long, and the file is 3 % smaller.
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up)
            .write_image(&self.greys, self.size, self.size, ExtendedColorType::L8)
            .context("cannot encode the picture")?;
        Ok(png)
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shades() {
        assert_eq!(shade(0.0, 0.0), 0, "in the set");
        assert_eq!(shade(-1.0, 0.0), 0, "in the set");
        assert_eq!(shade(2.0, 2.0), 255, "escapes at once");
        assert_eq!(shade(1.0, 0.0), 255 - 2 * 15, "1, 2, 5");
        assert_eq!(Rows::draw(4, 3, 2).unwrap().greys.len(), 4);
        assert!(Rows::draw(4, 4, 1).is_none());
    }

    #[test]
    fn a_png_of_all_rows_in_any_order() {
        let mut picture = Picture::new(8);
        for (first, count) in [(3, 2), (0, 3), (6, 3)] {
            picture.add(&Rows::draw(8, first, count).unwrap());
        }
        assert!(picture.save(None).is_err(), "a row is missing");
        picture.add(&Rows::draw(8, 5, 1).unwrap());
        let decoded = image::load_from_memory(&picture.save(None).unwrap()).unwrap().into_luma8();
        assert_eq!(decoded.dimensions(), (8, 8));
        let rows: Vec<u8> = (0..8).flat_map(|number| Rows::draw(8, number, 1).unwrap().greys).collect();
        assert_eq!(decoded.into_raw(), rows);
    }

    proptest! {
        #[test]
        fn the_set_is_symmetric(x in -2.0..2.0, y in -2.0..2.0) {
            prop_assert_eq!(shade(x, y), shade(x, -y));
        }
    }
}
