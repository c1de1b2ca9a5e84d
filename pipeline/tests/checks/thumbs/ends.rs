//! 8.5: how `pipeline thumbs` ends: early, interrupted, and in the two wrong ways.

use anyhow::{Context, Result, ensure};
use expectrl::Session;
use expectrl::process::unix::WaitStatus;
use kit::{Program, Signal, eventually};

use super::gallery::{Gallery, thumbnail, thumbs};

/// `--fail-fast`: after the first error nothing is begun, also while names may still come; and 1. Without it all
/// are made.
pub(crate) fn the_first_error_is_the_last(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    gallery.write("bad.jpg", b"bad")?;
    let mut args = vec![gallery.arg("bad.jpg")];
    args.extend(gallery.fill(40, 1600, 1200)?);
    args.extend(["--jobs", "12", "--out"].map(str::to_owned));
    let run = |out: &str, flags: &[&str]| -> Result<usize> {
        let mut args = args.clone();
        args.push(gallery.arg(out));
        args.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let (run, told) = thumbs(pipeline, &args, 1)?;
        run.expect_stderr(&gallery.arg("bad.jpg"))?;
        let made = gallery.names(out)?;
        ensure!(made.iter().all(|name| name.ends_with(".thumb.jpg")), "expected no more\n     got {made:?}");
        let total = format!("{} thumbnails  ", made.len());
        ensure!(told.starts_with(&total) || made.len() == 1, "expected {total:?}\n     got {told:?}");
        Ok(made.len())
    };
    let (fast, all) = (run("fast", &["--fail-fast"])?, run("all", &[])?);
    ensure!(all == 40, "expected all of the others without --fail-fast\n     got {all}");
    // Eleven are begun with the bad one, and twelve names wait.
    ensure!(fast <= 17, "expected few with --fail-fast: those that were begun\n     got {fast}");

    let mut run = pipeline.start(["thumbs", "--fail-fast"])?;
    run.stdin(format!("{}\n", gallery.arg("bad.jpg")).as_bytes())?;
    // Its stdin is still open.
    run.expect_exit(1)
}

/// Ctrl-C: what is made is whole and is counted, and of the rest there is nothing; 130.
pub(crate) fn ctrl_c_leaves_no_part(pipeline: &Program) -> Result<()> {
    for seen in [1, 5, 20] {
        let gallery = Gallery::new()?;
        let names = gallery.fill(60, 1200, 900)?;
        let mut run = pipeline.start(["thumbs", "--jobs", "3", "--out", &gallery.arg("out")])?;
        // Its stdin stays open: it is never done.
        run.stdin((names.join("\n") + "\n").as_bytes())?;
        let made = || Ok(gallery.names("out").unwrap_or_default().len());
        eventually("some thumbnails", made, |made| *made >= seen)?;
        run.signal(Signal::INT)?;
        let told = run.rest()?;
        run.expect_exit(130)?;
        let made = gallery.names("out").unwrap_or_default();
        for name in &made {
            ensure!(name.ends_with(".thumb.jpg"), "expected thumbnails alone\n     got {made:?}");
            thumbnail(&gallery.path("out").join(name))?;
        }
        ensure!(made.len() >= seen && run.stderr().is_empty(), "expected {seen} or more, and no error");
        let total = format!("{} thumbnails  ", made.len());
        ensure!(told.starts_with(&total) || made.len() == 1, "expected {total:?}\n     got {told:?}");
    }
    Ok(())
}

/// Ctrl-C while it waits for names.
pub(crate) fn ctrl_c_ends_the_wait_for_names(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let names = gallery.fill(1, 300, 300)?;
    let mut run = pipeline.start(["thumbs"])?;
    run.stdin(format!("{}\n", names[0]).as_bytes())?;
    eventually("the thumbnail", || Ok(gallery.path("0.thumb.jpg").exists()), |made| *made)?;
    run.signal(Signal::INT)?;
    run.expect_exit(130)
}

/// The second of the chapter's six ways is wrong: who does not wait for what was begun loses it.
pub(crate) fn who_does_not_wait_loses_thumbnails(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let mut args = gallery.fill(40, 1200, 900)?;
    args.extend(["--wrong", "early", "--out"].map(str::to_owned));
    args.push(gallery.arg("out"));
    let (_, told) = thumbs(pipeline, &args, 0)?;
    ensure!(told == "40 thumbnails begun\n", "expected 40 to be begun\n     got {told:?}");
    let made = gallery.names("out")?.len();
    ensure!(made < 40, "expected some to be lost\n     got all {made}");
    // Not even later: those who made them are gone.
    let later = eventually("the same", || Ok(gallery.names("out")?.len()), |later| *later == made)?;
    ensure!(later == made);
    Ok(())
}

/// The fourth is wrong: after the first error nobody receives, and who has something to tell waits for ever.
pub(crate) fn who_returns_the_first_error_leaks_tasks(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let bad: Vec<String> = (0..8).map(|n| gallery.arg(&format!("missing-{n}.jpg"))).collect();
    let args = [vec!["--wrong".to_owned(), "leak".to_owned()], bad].concat();
    // Of eight errors one is returned, and the channel has room for another.
    let (run, told) = thumbs(pipeline, &args, 1)?;
    ensure!(told == "6 tasks wait for ever\n", "expected six of eight\n     got {told:?}");
    run.expect_stderr("missing-")?;
    let good = gallery.fill(8, 200, 200)?;
    let args = [vec!["--wrong".to_owned(), "leak".to_owned()], good].concat();
    let (_, told) = thumbs(pipeline, &args, 0)?;
    ensure!(told == "0 tasks wait for ever\n", "expected none without an error\n     got {told:?}");
    Ok(())
}

/// On a terminal there is a bar, and an error has a line of its own above it; with `NO_COLOR` there is none.
pub(crate) fn a_bar_on_a_terminal(pipeline: &Program) -> Result<()> {
    let gallery = Gallery::new()?;
    let mut args = gallery.fill(3, 1200, 900)?;
    gallery.write("bad.jpg", b"bad")?;
    args.push(gallery.arg("bad.jpg"));
    let shown = |no_color: &str| -> Result<String> {
        let start = pipeline.command(["thumbs", "--jobs", "1"].map(str::to_owned).iter().chain(&args));
        let mut command = start.env("NO_COLOR", no_color).into_command()?;
        command.env("TERM", "xterm");
        let mut terminal = Session::spawn(command)?;
        let end =
            kit::shown(&mut terminal, "1 of 4 pictures have no thumbnail").context("expected the end")?;
        let shown = String::from_utf8_lossy(end.before()).into_owned();
        let status = terminal.get_process().wait()?;
        ensure!(matches!(status, WaitStatus::Exited(_, 1)), "expected 1\n     got {status:?}");
        Ok(shown)
    };
    let bar = shown("")?;
    ensure!(bar.contains("/4") && bar.contains("\x1b["), "expected a bar\n     got {bar:?}");
    let error = bar.lines().any(|line| line.contains("error: cannot decode") && line.ends_with("picture"));
    ensure!(error, "expected the error on a line of its own\n     got {bar:?}");
    let plain = shown("1")?;
    ensure!(!plain.contains("/4") && !plain.contains('\x1b'), "expected lines alone\n     got {plain:?}");
    Ok(())
}
