//! Exercise 8.5: `pipeline mandelbrot`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::{Program, Signal, eventually};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

/// The points of the book's picture at 256 by 256: their CRC-32.
const GOLDEN: u32 = 0x008c_d0b8;

fn picture(pipeline: &Program, file: &Path, flags: &[&str]) -> Result<Vec<u8>> {
    let output = file.to_str().context("a path that is UTF-8")?;
    let mut run = pipeline.start(["mandelbrot", "-o", output].iter().chain(flags))?;
    run.expect_end()?;
    run.expect_exit(0).with_context(|| format!("{flags:?}"))?;
    Ok(std::fs::read(file)?)
}

/// The book's picture, byte for byte the same for any number of workers.
pub(crate) fn the_same_for_any_workers(pipeline: &Program) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("mandelbrot.png");
    let one = picture(pipeline, &file, &["--size", "256", "--workers", "1"])?;
    let points = image::load_from_memory(&one)?.into_luma8().into_raw();
    let hash = crc32fast::hash(&points);
    ensure!(hash == GOLDEN, "expected the book's picture, {GOLDEN:#x}\n     got {hash:#x}");
    for workers in ["2", "7", "256", "1000", "all"] {
        let other = picture(pipeline, &file, &["--size", "256", "--workers", workers])?;
        ensure!(other == one, "expected the same with {workers} workers");
    }
    ensure!(std::fs::read_dir(&dir)?.count() == 1, "expected the picture alone");
    Ok(())
}

/// `-o -` writes to stdout what else goes to the file.
pub(crate) fn stdout_takes_it_too(pipeline: &Program) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("mandelbrot.png");
    let expected = picture(pipeline, &file, &["--size", "64"])?;
    let mut run = pipeline.start(["mandelbrot", "--size", "64", "-o", "-"])?;
    // As text, which is how the kit reads: the same replacements on both sides.
    let (got, expected) = (run.rest()?, String::from_utf8_lossy(&expected).into_owned());
    ensure!(got == expected, "expected {} bytes\n     got {}", expected.len(), got.len());
    run.expect_exit(0)
}

/// As many threads as workers compute, however few the executor has.
pub(crate) fn workers_work_at_the_same_time(pipeline: &Program) -> Result<()> {
    let start = |workers| {
        pipeline.start(["mandelbrot", "--size", "16384", "-o", "-", "--threads", "1", "--workers", workers])
    };
    let (one, five) = (start("1")?, start("5")?);
    let both = || Ok((one.threads()?, five.threads()?));
    eventually("four threads more with --workers 5", both, |(one, five)| *five == one + 4)?;
    Ok(())
}

/// A picture that cannot be written: an error that names it, and 1.
pub(crate) fn who_cannot_write_says_so(pipeline: &Program) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("none/mandelbrot.png").display().to_string();
    let mut run = pipeline.start(["mandelbrot", "--size", "8", "-o", &file])?;
    run.expect_exit(1)?;
    run.expect_stderr(&file)
}

/// Ctrl-C in the middle: 130, and no file, not a part of one either.
pub(crate) fn ctrl_c_leaves_nothing(pipeline: &Program) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("mandelbrot.png").display().to_string();
    let mut run = pipeline.start(["mandelbrot", "--size", "16384", "--workers", "2", "-o", &file])?;
    let worked = || {
        ensure!(run.wait_for(Duration::ZERO)?.is_none(), "expected it to work\n     got its end");
        run.cpu_time()
    };
    eventually("the workers to work", worked, |time| *time > Duration::from_millis(200))?;
    run.signal(Signal::INT)?;
    run.expect_exit(130)?;
    let left = std::fs::read_dir(&dir)?.count();
    ensure!(left == 0, "expected nothing\n     got {left} files");
    Ok(())
}

/// Ctrl-C just when the picture is written: it is there whole, or not at all.
pub(crate) fn ctrl_c_cuts_no_file(pipeline: &Program) -> Result<()> {
    const SIZE: &str = "400";
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("mandelbrot.png").display().to_string();
    let whole = picture(pipeline, dir.path().join("whole.png").as_path(), &["--size", SIZE])?;
    std::fs::remove_file(dir.path().join("whole.png"))?;
    for _ in 0..20 {
        // As soon as there is anything: a pause between two looks would miss it.
        let made = inotify::init(inotify::CreateFlags::CLOEXEC)?;
        inotify::add_watch(&made, dir.path(), inotify::WatchFlags::CREATE)?;
        let mut run = pipeline.start(["mandelbrot", "--size", SIZE, "-o", &file])?;
        let begun = |path: &Path| std::fs::read_dir(path).is_ok_and(|mut files| files.next().is_some());
        while !begun(dir.path()) && run.wait_for(Duration::ZERO)?.is_none() {
            // It may end without.
            let soon = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
            rustix::io::retry_on_intr(|| poll(&mut [PollFd::new(&made, PollFlags::IN)], Some(&soon)))?;
        }
        run.stop().ok();
        run.signal(Signal::INT).and_then(|()| run.signal(Signal::CONT)).ok();
        run.wait()?;
        let left = std::fs::read_dir(&dir)?.collect::<Result<Vec<_>, _>>()?;
        for entry in &left {
            let is_whole = entry.file_name() == "mandelbrot.png" && std::fs::read(entry.path())? == whole;
            ensure!(is_whole, "expected nothing, or the picture\n     got {left:?}");
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// `--sweep`: a row for each number of workers, one of them the best, and the plot.
pub(crate) fn a_sweep_tries_up_to_a_worker_a_row(pipeline: &Program) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("sweep.svg");
    let plot = file.display().to_string();
    let mut run = pipeline.start(["mandelbrot", "--sweep", "--size", "100", "--plot", &plot])?;
    let table = run.rest()?;
    run.expect_exit(0)?;
    let tried: Vec<&str> = table.lines().skip(1).filter_map(|row| row.split_whitespace().next()).collect();
    ensure!(
        tried == ["1", "2", "4", "8", "16", "32", "64", "100"],
        "expected 1, 2, 4, … 100\n     got {table:?}"
    );
    ensure!(table.matches("best").count() == 1, "expected one to be the best\n     got {table:?}");
    let svg = std::fs::read_to_string(&file)?;
    ensure!(
        svg.starts_with("<svg") && svg.matches("<circle").count() == 8,
        "expected a plot\n     got {svg:?}"
    );
    Ok(())
}
