//! 8.5: pictures that cannot be made into thumbnails, and places where none can be written.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use kit::Program;

use super::gallery::{Gallery, encoded, four, thumbs};

/// An error for each bad file, which names it; the others are made; and 1.
pub(crate) fn bad_files_do_not_stop_the_rest(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let names = ["first.jpg", "middle.png", "last.gif"];
    for name in names {
        gallery.add(name, 200, 200)?;
    }
    let bad = bad_files(&gallery)?;
    let mut args = vec![gallery.arg(names[0])];
    args.extend(bad[..4].iter().map(|name| gallery.arg(name)));
    args.push(gallery.arg(names[1]));
    args.extend(bad[4..].iter().map(|name| gallery.arg(name)));
    args.push(gallery.arg(names[2]));
    let (run, told) = thumbs(pipeline, &args, 1)?;
    ensure!(told.starts_with("3 thumbnails  "), "expected the three good ones\n     got {told:?}");
    for name in &bad {
        run.expect_stderr(&format!("{}: ", gallery.arg(name)))?;
    }
    for name in ["folder.jpg", "pipe.jpg", "endless.jpg"] {
        run.expect_stderr(&format!("{}: not a regular file", gallery.arg(name)))?;
    }
    run.expect_stderr(&format!("error: {} of {} pictures have no thumbnail", bad.len(), bad.len() + 3))?;
    let told = run.stderr();
    ensure!(!told.contains("panicked"), "expected errors\n     got a panic: {told}");
    let made = gallery.names("")?.into_iter().filter(|name| name.ends_with(".thumb.jpg"));
    let made: Vec<String> = made.collect();
    ensure!(made == ["first.thumb.jpg", "last.thumb.jpg", "middle.thumb.jpg"], "got {made:?}");
    Ok(())
}

/// Files of which no thumbnail can be made, by their names.
fn bad_files(gallery: &Gallery) -> Result<Vec<&'static str>> {
    let jpeg = encoded("x.jpg", &four(400, 300), None)?;
    gallery.write("empty.jpg", b"")?;
    gallery.write("text.jpg", b"not a picture\n")?;
    gallery
        .write("picture.bmp", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0")?;
    gallery.write("header-alone.jpg", &jpeg[..20])?;
    for (name, format) in
        [("cut.jpg", "x.jpg"), ("cut.png", "x.png"), ("cut.webp", "x.webp"), ("cut.gif", "x.gif")]
    {
        let whole = encoded(format, &four(400, 300), None)?;
        gallery.write(name, &whole[..whole.len() / 2])?;
    }
    fs::create_dir(gallery.path("folder.jpg"))?;
    let made = Command::new("mkfifo").arg(gallery.path("pipe.jpg")).status()?;
    ensure!(made.success(), "mkfifo: {made}");
    symlink("/dev/zero", gallery.path("endless.jpg"))?;
    symlink("loop.jpg", gallery.path("loop.jpg"))?;
    // Reading fails even for who may read everything.
    symlink("/proc/self/mem", gallery.path("unreadable.jpg"))?;
    let mut bad = vec![
        "empty.jpg",
        "text.jpg",
        "picture.bmp",
        "header-alone.jpg",
        "cut.jpg",
        "cut.png",
        "cut.webp",
        "cut.gif",
        "folder.jpg",
        "pipe.jpg",
        "endless.jpg",
        "loop.jpg",
        "unreadable.jpg",
        "missing.jpg",
    ];
    gallery.write("secret.jpg", &jpeg)?;
    fs::set_permissions(gallery.path("secret.jpg"), fs::Permissions::from_mode(0o000))?;
    if fs::read(gallery.path("secret.jpg")).is_err() {
        bad.push("secret.jpg");
    }
    Ok(bad)
}

/// A small file that says it is huge: refused by its size, in little memory. So is what is larger than allowed.
pub(crate) fn hostile_pictures_are_refused_in_little_memory(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let mut png = sized(encoded("x.png", &four(8, 8), None)?, &[16, 20], &60_000_u32.to_be_bytes())?;
    let crc = crc32fast::hash(png.get(12..29).context("no header")?);
    png = sized(png, &[29], &crc.to_be_bytes())?;
    gallery.write("huge.png", &png)?;
    gallery.write("huge.gif", &sized(encoded("x.gif", &four(8, 8), None)?, &[6, 8], &[0xff; 2])?)?;
    // A progressive one, whose coefficients are kept: 3 x 2 bytes a point. The frame header is the first of it.
    let mut jpeg = encoded("x.jpg", &four(8, 8), None)?;
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).context("no frame header")?;
    jpeg[frame + 1] = 0xc2;
    gallery.write("huge.jpg", &sized(jpeg.clone(), &[frame + 5, frame + 7], &[0xff, 0xdc])?)?;
    for name in ["huge.png", "huge.gif", "huge.jpg"] {
        let mut run = pipeline.start(["thumbs"])?;
        run.stdin(format!("{}\n", gallery.arg(name)).as_bytes())?;
        run.expect_stderr("--max-memory")?;
        let peak = run.peak_resident()? >> 20;
        ensure!(peak < 100, "{name}: expected to need little memory\n     got {peak} MiB");
        run.close_stdin();
        run.expect_exit(1)?;
    }
    // Each of so many scans takes as long as a picture.
    jpeg.splice(2..2, [0xff, 0xda, 0, 2].repeat(1000));
    gallery.write("scans.jpg", &jpeg)?;
    let (run, _) = thumbs(pipeline, &[&gallery.arg("scans.jpg")], 1)?;
    run.expect_stderr("more than 100 scans")?;
    gallery.add("large.png", 1000, 1000)?;
    let (run, _) = thumbs(pipeline, &[&gallery.arg("large.png"), "--max-memory", "2MB"], 1)?;
    run.expect_stderr("1000 x 1000 points take ")?;
    thumbs(pipeline, &[&gallery.arg("large.png"), "--max-memory", "12MB"], 0)?;
    Ok(())
}

/// `picture` with `size` written at each of `places`.
fn sized(mut picture: Vec<u8>, places: &[usize], size: &[u8]) -> Result<Vec<u8>> {
    for place in places {
        picture.get_mut(*place..place + size.len()).context("too short")?.copy_from_slice(size);
    }
    Ok(picture)
}

/// A folder that cannot be made, or is none: an error that names it.
pub(crate) fn a_place_that_is_none(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    gallery.add("a.jpg", 200, 200)?;
    let (run, _) = thumbs(pipeline, &[&gallery.arg("a.jpg"), "--out", &gallery.arg("a.jpg/out")], 1)?;
    run.expect_stderr(&gallery.arg("a.jpg/out"))?;
    fs::create_dir(gallery.path("a.thumb.jpg"))?;
    let (run, _) = thumbs(pipeline, &[&gallery.arg("a.jpg")], 1)?;
    run.expect_stderr(&format!("cannot write {}", gallery.arg("a.thumb.jpg")))?;
    let got = gallery.names("")?;
    ensure!(got == ["a.jpg", "a.thumb.jpg"], "expected nothing more\n     got {got:?}");
    Ok(())
}

/// A disk that is full: an error that says so, and no part of a thumbnail. Where mounting is not allowed there is
/// no small disk, and it is enough that there is a thumbnail.
pub(crate) fn a_full_disk_leaves_no_part(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    gallery.add("a.jpg", 400, 400)?;
    fs::create_dir(gallery.path("disk"))?;
    let Some(_disk) = Disk::mount(gallery.arg("disk"))? else {
        thumbs(pipeline, &[&gallery.arg("a.jpg"), "--out", &gallery.arg("disk")], 0)?;
        return Ok(());
    };
    // It has one page, which this takes.
    gallery.write("disk/full", &[b'x'; 4096])?;
    let (run, told) = thumbs(pipeline, &[&gallery.arg("a.jpg"), "--out", &gallery.arg("disk")], 1)?;
    run.expect_stderr(&format!("cannot write {}: ", gallery.arg("disk/a.thumb.jpg")))?;
    run.expect_stderr("No space left on device")?;
    ensure!(told.starts_with("0 thumbnails  "), "expected none\n     got {told:?}");
    let got = gallery.names("disk")?;
    ensure!(got == ["full"], "expected no part of a thumbnail\n     got {got:?}");
    fs::remove_file(gallery.path("disk/full"))?;
    thumbs(pipeline, &[&gallery.arg("a.jpg"), "--out", &gallery.arg("disk")], 0)?;
    Ok(())
}

/// A disk of one page.
struct Disk(String);

impl Disk {
    /// Mounts it; none where that is not allowed.
    fn mount(dir: String) -> Result<Option<Self>> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4k", "tmpfs", &dir]).output();
        Ok(mounted.is_ok_and(|output| output.status.success()).then_some(Self(dir)))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").args(["-l", &self.0]).status().ok();
    }
}
