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

/// One row of the picture.
#[derive(Debug)]
pub(crate) struct Row {
    /// Which, from the top.
    number: u32,
    /// A byte of grey for each point.
    greys: Vec<u8>,
}

impl Row {
    /// Draws row `number` of a picture of `size` by `size` points; none below its last.
    pub(crate) fn draw(size: u32, number: u32) -> Option<Self> {
        let at = |pixel: u32| f64::from(pixel) / f64::from(size) * (TO - FROM) + FROM;
        let y = at(number);
        let greys = (0..size).map(|pixel| shade(at(pixel), y)).collect();
        (number < size).then_some(Self { number, greys })
    }
}

/// The grey of a point: black in the set, else by the steps until it escapes.
fn shade(x: f64, y: f64) -> u8 {
    let (mut re, mut im) = (0.0, 0.0);
    for step in 0..STEPS {
        (re, im) = (re * re - im * im + x, 2.0 * re * im + y);
        if re * re + im * im > 4.0 {
            // Wraps, as the book's bytes do.
            return 255_u8.wrapping_sub(CONTRAST.wrapping_mul(step));
        }
    }
    0
}

/// The picture, whose rows come in any order.
#[derive(Debug)]
pub(crate) struct Picture {
    size: u32,
    greys: Vec<u8>,
    /// How many rows are still to come.
    missing: u32,
}

impl Picture {
    /// `size` by `size` points, of which none is drawn.
    pub(crate) fn new(size: u32) -> Self {
        Self { size, greys: vec![0; index(size) * index(size)], missing: size }
    }

    /// The whole picture in a plain loop, without workers: what they are compared to.
    pub(crate) fn plain(size: u32) -> Self {
        let mut picture = Self::new(size);
        (0..size).filter_map(|number| Row::draw(size, number)).for_each(|row| picture.add(&row));
        picture
    }

    /// Puts a row in its place; each comes once.
    pub(crate) fn add(&mut self, row: &Row) {
        let place = index(row.number) * index(self.size);
        self.greys[place..][..row.greys.len()].copy_from_slice(&row.greys);
        self.missing -= 1;
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
        ensure!(self.missing == 0, "the picture is not whole: {} rows are missing", self.missing);
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
        assert_eq!(Row::draw(4, 3).unwrap().greys.len(), 4);
        assert!(Row::draw(4, 4).is_none());
    }

    #[test]
    fn a_png_of_all_rows_in_any_order() {
        let mut picture = Picture::new(8);
        for number in [3, 1, 0, 2, 7, 6, 5] {
            picture.add(&Row::draw(8, number).unwrap());
        }
        assert!(picture.save(None).is_err(), "a row is missing");
        picture.add(&Row::draw(8, 4).unwrap());
        let decoded = image::load_from_memory(&picture.save(None).unwrap()).unwrap().into_luma8();
        assert_eq!(decoded.dimensions(), (8, 8));
        let rows: Vec<u8> = (0..8).flat_map(|number| Row::draw(8, number).unwrap().greys).collect();
        assert_eq!(decoded.into_raw(), rows);
    }

    proptest! {
        #[test]
        fn the_set_is_symmetric(x in -2.0..2.0, y in -2.0..2.0) {
            prop_assert_eq!(shade(x, y), shade(x, -y));
        }
    }
}
