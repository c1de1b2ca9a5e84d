//! Exercise 8.7: a second `crawler mirror` into the same folder, and one that is cut short.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::tricks::Tricks;
use kit::{Program, Signal};

use crate::copy::Copy;
use crate::mirror::{folder, mirror};
use crate::run::{ending, same};

/// A site whose pages have an ETag, a date, or neither, and change when the check says so.
fn changing(version: Arc<AtomicUsize>) -> Result<Tricks> {
    Tricks::start(move |request, answer| {
        let now = version.load(Ordering::Relaxed);
        let (tag, date) = (format!("\"v{now}\""), format!("Mon, 26 Oct 2015 08:00:0{now} GMT"));
        let known = |name, value: &str| request.header(name) == Some(value);
        match request.path.as_str() {
            "/" => answer.page(&format!(
                "<title>Start {now}</title><a href=tag><a href=date><a href=fixed><a href=gone>"
            )),
            "/tag" if known("if-none-match", &tag) => answer.status("304 Not Modified", &[]),
            "/tag" => answer.full(
                "200 OK",
                &["Content-Type: text/html", &format!("ETag: {tag}")],
                format!("tag {now} <a href=/more>").as_bytes(),
            ),
            "/date" if known("if-modified-since", &date) => answer.status("304 Not Modified", &[]),
            "/date" => answer.full(
                "200 OK",
                &["Content-Type: text/html", &format!("Last-Modified: {date}")],
                format!("date {now}").as_bytes(),
            ),
            "/fixed" if known("if-none-match", "W/\"f\"") => {
                answer.status("304 Not Modified", &["ETag: W/\"f\""])
            }
            "/fixed" => {
                answer.full("200 OK", &["Content-Type: text/html", "ETag: W/\"f\""], b"fixed <a href=/more>")
            }
            "/gone" if now == 0 => answer.page("still here"),
            "/more" => answer.page("more"),
            _ => answer.status("404 Not Found", &[]),
        }
    })
}

/// A second run asks for what has changed, follows the links of what has not, and drops nothing.
pub(crate) fn a_second_run(crawler: &Program) -> Result<()> {
    let version = Arc::new(AtomicUsize::new(0));
    let server = changing(Arc::clone(&version))?;
    let copy = Copy::new()?;
    let host = folder(&server);
    let read = |page: &str| copy.text(&format!("{host}/{page}.html"));
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let files = copy.files();
    ensure!(read("tag")?.contains("tag 0") && read("date")?.contains("date 0"), "expected the first version");
    let before = server.seen().requests.len();
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let seen = server.seen();
    for (path, header) in
        [("/tag", "if-none-match"), ("/date", "if-modified-since"), ("/fixed", "if-none-match")]
    {
        let asked: Vec<_> = seen.requests[before..].iter().filter(|request| request.path == path).collect();
        ensure!(
            asked.len() == 1 && asked[0].header(header).is_some(),
            "{path}: expected {header}\n     got {asked:?}"
        );
    }
    same("/more, which what has not changed links to", seen.count("/more"), 2)?;
    same("files", copy.files(), files.clone())?;
    version.store(1, Ordering::Relaxed);
    mirror(crawler, &server.url("/"), &copy, &[])?;
    for (page, text) in [
        ("index", "Start 1"),
        ("tag", "tag 1"),
        ("date", "date 1"),
        ("fixed", "fixed"),
        ("gone", "still here"),
    ] {
        ensure!(read(page)?.contains(text), "{page}: expected {text:?}\n     got {}", read(page)?);
    }
    same("files", copy.files(), files)?;
    copy.reachable(&format!("{host}/index.html")).map(drop)
}

/// A file that was deleted or is not whole is fetched again, whatever the server says of it.
pub(crate) fn a_deleted_file_comes_again(crawler: &Program) -> Result<()> {
    let server = changing(Arc::new(AtomicUsize::new(0)))?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let file = format!("{}/tag.html", folder(&server));
    fs::remove_file(copy.out().join(&file))?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    ensure!(copy.text(&file)?.contains("tag 0"), "expected the file again");
    Ok(())
}

/// A file is there when it is whole: while it comes, and when its end does not, the one before is.
pub(crate) fn files_come_whole(crawler: &Program) -> Result<()> {
    let (halfway, go, wait) = (Arc::new(AtomicUsize::new(0)), mpsc::channel(), Arc::new(Mutex::new(None)));
    let (go, receiver) = go;
    *wait.lock().expect("no panic") = Some(receiver);
    let (at, asked) = (Arc::clone(&halfway), AtomicUsize::new(0));
    let server = Tricks::start(move |request, answer| match request.path.as_str() {
        "/" if asked.fetch_add(1, Ordering::Relaxed) == 0 => answer.page("the first version"),
        "/" => {
            answer.raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")?;
            answer.raw("the second version ".repeat(2600))?;
            at.store(1, Ordering::Relaxed);
            let wait = wait.lock().expect("no panic");
            wait.as_ref().map(mpsc::Receiver::recv);
            // And no more of it.
            answer.close();
            Ok(())
        }
        _ => answer.status("404 Not Found", &[]),
    })?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let (file, files) = (format!("{}/index.html", folder(&server)), copy.files());
    let mut run = crawler.start(["mirror", &server.url("/"), "--out", &copy.arg()?])?;
    kit::eventually("half of it", || Ok(halfway.load(Ordering::Relaxed)), |at| *at == 1)?;
    ensure!(run.is_quiet_for(Duration::from_millis(300)).is_ok(), "expected it to run");
    same("the file while the next comes", copy.text(&file)?.as_str(), "the first version")?;
    go.send(())?;
    run.rest()?;
    run.wait()?;
    same("the file after that", copy.text(&file)?.as_str(), "the first version")?;
    same("files", copy.files(), files)
}

/// What has changed is a new file in the place of the old one, which is not written to: who has that open reads on in it.
pub(crate) fn a_new_file_in_its_place(crawler: &Program) -> Result<()> {
    let asked = AtomicUsize::new(0);
    let server = Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links(["/style.css", "/page", "/data"]),
        "/robots.txt" => answer.status("404 Not Found", &[]),
        "/style.css" => answer.full("200 OK", &["Content-Type: text/css"], version(&asked).as_bytes()),
        "/data" => answer.full("200 OK", &["Content-Type: text/plain"], version(&asked).as_bytes()),
        _ => answer.page(version(&asked)),
    })?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let old = tempfile::tempdir()?;
    let files: Vec<String> =
        ["style.css", "page.html", "data"].map(|name| format!("{}/{name}", folder(&server))).into();
    for (n, file) in files.iter().enumerate() {
        std::fs::hard_link(copy.out().join(file), old.path().join(n.to_string()))?;
    }
    mirror(crawler, &server.url("/"), &copy, &[])?;
    for (n, file) in files.iter().enumerate() {
        let (before, now) = (std::fs::read_to_string(old.path().join(n.to_string()))?, copy.text(file)?);
        ensure!(
            before.contains("old") && !before.contains("new"),
            "{file}: expected the old one to stay\n     got {before:?}"
        );
        ensure!(now.contains("new"), "{file}: expected the new one\n     got {now:?}");
    }
    Ok(())
}

/// The text of the first run, in which three files are fetched, and of those after it.
fn version(asked: &AtomicUsize) -> &'static str {
    if asked.fetch_add(1, Ordering::Relaxed) < 3 { "old" } else { "new" }
}

/// Ctrl-C ends it with 130, soon. What has come is in its place, and nothing is there in part; a second run makes the
/// copy whole.
pub(crate) fn ctrl_c_leaves_no_parts(crawler: &Program) -> Result<()> {
    let stuck = Arc::new(AtomicUsize::new(1));
    let hangs = Arc::clone(&stuck);
    let server = Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links((0..8).map(|n| format!("/{n}"))),
        "/robots.txt" => answer.status("404 Not Found", &[]),
        _ if hangs.load(Ordering::Relaxed) == 0 => answer.page("whole"),
        _ => {
            answer.raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")?;
            answer.raw("<p>part</p>".repeat(1000))?;
            answer.never()
        }
    })?;
    let copy = Copy::new()?;
    let mut run = crawler.start(["mirror", &server.url("/"), "--out", &copy.arg()?])?;
    server.wait_for("8 requests", |seen| seen.busy == 8)?;
    run.signal(Signal::INT)?;
    run.rest()?;
    run.expect_exit(130)?;
    server.wait_for("all closed", |seen| seen.left.len() == 8 && seen.open == 0)?;
    let start = format!("{}/index.html", folder(&server));
    copy.text(&start).context("expected what had come to be in its place")?;
    for file in copy.files() {
        ensure!(!copy.text(&file)?.contains("part"), "expected no part of a file\n     got {file}");
    }
    stuck.store(0, Ordering::Relaxed);
    mirror(crawler, &server.url("/"), &copy, &[])?;
    same("pages", copy.reachable(&start)?.len(), 9)
}

/// Two at a time would write over each other: the second is told, and the first goes on.
pub(crate) fn one_at_a_time(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.page("whole"),
        _ => answer.never(),
    })?;
    let copy = Copy::new()?;
    let mut first =
        crawler.start(["mirror", &server.url("/stuck"), "--out", &copy.arg()?, "--ignore-robots"])?;
    server.wait_for("the first", |seen| seen.busy == 1)?;
    let second = ending(crawler, 1, ["mirror", &server.url("/"), "--out", &copy.arg()?, "--ignore-robots"])?;
    ensure!(second.stderr.contains(&copy.arg()?), "expected the folder to be named in\n{}", second.stderr);
    same("requests of the second", server.seen().count("/"), 0)?;
    first.signal(Signal::INT)?;
    first.rest()?;
    first.expect_exit(130)?;
    let flags = ["--ignore-robots"];
    mirror(crawler, &server.url("/"), &copy, &flags).map(drop)
}
