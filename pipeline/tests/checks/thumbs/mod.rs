//! 8.5: `pipeline thumbs`.

mod gallery;

pub(crate) mod ends;
pub(crate) mod faults;

use std::fs;

use anyhow::{Result, ensure};
use image::{Rgba, RgbaImage};
use kit::{Program, eventually};

use self::gallery::{BLUE, FOUR, GREEN, Gallery, RED, WHITE, alike, colours, encoded, four, thumbs};

/// A JPEG beside each picture, whatever its format, that fits and has the picture's proportions and colours; and
/// the total of their bytes.
pub(crate) fn a_thumbnail_of_each_format(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let pictures = [
        ("wide.jpg", 1000, 500, (128, 64)),
        ("high.png", 300, 1000, (38, 128)),
        ("square.webp", 400, 400, (128, 128)),
        ("palette.gif", 640, 480, (128, 96)),
        ("line.png", 5000, 3, (128, 1)),
        ("small.jpg", 60, 40, (60, 40)),
        ("exact.gif", 128, 128, (128, 128)),
    ];
    for (name, width, height, _) in pictures {
        gallery.add(name, width, height)?;
    }
    let names = pictures.map(|(name, ..)| gallery.arg(name));
    let (run, told) = thumbs(pipeline, &names, 0)?;
    let mut bytes = 0;
    for (name, _, _, size) in pictures {
        let file = format!("{}.thumb.jpg", name.split('.').next().unwrap_or_default());
        let thumbnail = gallery.thumbnail(&file)?;
        let got = thumbnail.dimensions();
        ensure!(got == size, "{name}: expected a thumbnail of {size:?}\n     got {got:?}");
        let got = colours(&thumbnail);
        ensure!(size.1 < 4 || alike(&got, &FOUR), "{name}: expected {FOUR:?}\n     got {got:?}");
        bytes += fs::metadata(gallery.path(&file))?.len();
    }
    let expected = format!("7 thumbnails  {bytes} bytes\n");
    ensure!(told == expected, "expected {expected:?}\n     got {told:?}");
    ensure!(run.stderr().is_empty(), "expected nothing on stderr\n     got {:?}", run.stderr());
    let files = gallery.names("")?;
    ensure!(files.len() == 14, "expected the pictures and their thumbnails\n     got {files:?}");
    Ok(())
}

/// `--max` and `--out`, a folder that is made; what is transparent becomes white.
pub(crate) fn as_large_as_asked_for_and_where(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    gallery.add("a.jpg", 900, 600)?;
    let clear = RgbaImage::from_pixel(600, 600, Rgba([0, 0, 0, 0]));
    gallery.write("clear.png", &encoded("clear.png", &clear.into(), None)?)?;
    let out = gallery.arg("new/small");
    thumbs(pipeline, &[&gallery.arg("a.jpg"), &gallery.arg("clear.png"), "--out", &out, "--max", "300"], 0)?;
    let got = gallery.names("new/small")?;
    ensure!(got == ["a.thumb.jpg", "clear.thumb.jpg"], "expected two thumbnails\n     got {got:?}");
    let got = gallery.thumbnail("new/small/a.thumb.jpg")?.dimensions();
    ensure!(got == (300, 200), "expected 300 x 200\n     got {got:?}");
    let got = colours(&gallery.thumbnail("new/small/clear.thumb.jpg")?);
    ensure!(alike(&got, &[WHITE; 4]), "expected white\n     got {got:?}");
    Ok(())
}

/// A picture that was taken with the camera turned is shown upright, in each of the eight ways (EXIF 2.32, 4.6.4).
pub(crate) fn turned_as_the_camera_was(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let upright = [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (4, [BLUE, WHITE, RED, GREEN]),
        (5, [RED, BLUE, GREEN, WHITE]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (7, [WHITE, GREEN, BLUE, RED]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ];
    for (orientation, expected) in upright {
        for format in ["jpg", "png", "webp"] {
            let name = format!("{format}-{orientation}.{format}");
            gallery.write(&name, &encoded(&name, &four(240, 160), Some(orientation))?)?;
            thumbs(pipeline, &[&gallery.arg(&name)], 0)?;
            let thumbnail = gallery.thumbnail(&format!("{format}-{orientation}.thumb.jpg"))?;
            let (size, got) = (thumbnail.dimensions(), colours(&thumbnail));
            let expected_size = if orientation < 5 { (128, 85) } else { (85, 128) };
            ensure!(
                size == expected_size && alike(&got, &expected),
                "{name}: expected {expected_size:?} with {expected:?}\n     got {size:?} with {got:?}"
            );
        }
    }
    Ok(())
}

/// Names from stdin: the first picture is made before the second is named.
pub(crate) fn names_are_used_as_they_come(pipeline: &Program) -> Result<()> {
    for args in [&["thumbs"][..], &["thumbs", "-"]] {
        let gallery = Gallery::new()?;
        let mut run = pipeline.start(args)?;
        for name in ["one.jpg", "two words.jpg", "ümlaut.jpg"] {
            gallery.add(name, 300, 300)?;
            run.stdin(format!("{}\n\n", gallery.arg(name)).as_bytes())?;
            let made = gallery.path(&name.replace(".jpg", ".thumb.jpg"));
            eventually(&format!("the thumbnail of {name}"), || Ok(made.exists()), |made| *made)?;
        }
        gallery.add("last.jpg", 300, 300)?;
        // The last line may lack its newline.
        run.stdin(gallery.arg("last.jpg").as_bytes())?;
        run.close_stdin();
        let told = run.rest()?;
        ensure!(told.starts_with("4 thumbnails  "), "expected 4 thumbnails\n     got {told:?}");
        run.expect_exit(0)?;
    }
    Ok(())
}

/// No picture is written over, whatever stands where its thumbnail goes; and two pictures do not share one.
pub(crate) fn never_over_a_picture(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    gallery.add("a.jpg", 300, 200)?;
    gallery.add("b.jpg", 300, 200)?;
    gallery.add("b.png", 300, 200)?;
    let original = fs::read(gallery.path("a.jpg"))?;
    std::os::unix::fs::symlink("a.jpg", gallery.path("a.thumb.jpg"))?;
    let args = ["a.jpg", "b.jpg", "b.png"].map(|name| gallery.arg(name));
    let (run, told) = thumbs(pipeline, &args, 1)?;
    ensure!(told.starts_with("2 thumbnails  "), "expected two of three\n     got {told:?}");
    run.expect_stderr("b.thumb.jpg is another picture's thumbnail already")?;
    ensure!(fs::read(gallery.path("a.jpg"))? == original, "expected a.jpg as it was");
    let link = fs::symlink_metadata(gallery.path("a.thumb.jpg"))?.is_symlink();
    ensure!(!link && gallery.thumbnail("a.thumb.jpg")?.dimensions() == (128, 85), "expected a thumbnail");

    // A second time, with all that is there now.
    let args = ["a.jpg", "a.thumb.jpg", "b.jpg", "b.thumb.jpg"].map(|name| gallery.arg(name));
    let (run, told) = thumbs(pipeline, &args, 0)?;
    ensure!(told.starts_with("2 thumbnails  "), "expected two of four\n     got {told:?}");
    run.expect_stderr("2 left out")?;
    let got = gallery.names("")?;
    ensure!(got.len() == 5, "expected no thumbnail of a thumbnail\n     got {got:?}");
    Ok(())
}

/// A job has one picture in memory, however many there are; and jobs work at the same time.
pub(crate) fn no_more_pictures_in_memory_than_jobs(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    // 16 MB each, when it is decoded.
    let bytes = encoded("x.png", &RgbaImage::new(2000, 2000).into(), None)?;
    let all: Vec<String> = (0..8).map(|n| format!("{n}.png")).collect();
    for name in &all {
        gallery.write(name, &bytes)?;
    }
    let peak = |jobs: &str, names: &[String]| -> Result<u64> {
        let mut run = pipeline.start(["thumbs", "--jobs", jobs, "--threads", "1"])?;
        for name in names {
            run.stdin(format!("{}\n", gallery.arg(name)).as_bytes())?;
        }
        for name in names {
            let made = gallery.path(&name.replace(".png", ".thumb.jpg"));
            eventually(&format!("the thumbnail of {name}"), || Ok(made.exists()), |made| *made)?;
            fs::remove_file(made)?;
        }
        let peak = run.peak_resident()?;
        run.close_stdin();
        run.expect_exit(0)?;
        Ok(peak >> 20)
    };
    let (one, four) = (peak("1", &all[..4])?, peak("4", &all)?);
    ensure!((15..60).contains(&one), "expected one picture of 16 MB in memory\n     got {one} MiB");
    ensure!(one + 14 < four && four < 160, "expected two to four pictures in memory\n     got {four} MiB");
    Ok(())
}
