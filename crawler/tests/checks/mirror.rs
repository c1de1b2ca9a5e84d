//! Exercise 8.7: `crawler mirror`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kit::tricks::{Answer, Tricks};
use kit::{Program, Signal};

use crate::copy::{Copy, Link};
use crate::oracle::Oracle;
use crate::run::{Crawled, ending, run, same};

fn mirror(crawler: &Program, url: &str, copy: &Copy, flags: &[&str]) -> Result<Crawled> {
    run(crawler, [&["mirror", url, "--out", &copy.arg()?], flags].concat())
}

/// The folder of a server in the copy.
fn folder(server: &Tricks) -> String {
    server.address().to_string().replace(':', "_")
}

/// The text of the first element `name`.
fn element<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("<{name}>"))?;
    rest.split('<').next()
}

/// The generated site: each page and each corner that is a page can be reached in the copy, by links in it alone.
pub(crate) fn the_copy_is_whole(site: &Program, client: &Program) -> Result<()> {
    let oracle = Oracle { pages: 60, links: 5, seed: 4 };
    let server = site.listen("site", &oracle.flags()[..6])?;
    let address = server.address().to_string();
    let copy = Copy::new()?;
    let flags = ["--timeout", "4s", "--per-host", "20", "--exclude", "*/endless"];
    mirror(client, &format!("http://{address}/"), &copy, &flags)?;
    let start = format!("{}/index.html", address.replace(':', "_"));
    let reached = copy.reachable(&start)?;
    let mut titles = BTreeSet::new();
    for path in reached.keys().filter(|path| path.ends_with(".html")) {
        titles.extend(element(&copy.text(path)?, "title").map(str::to_owned));
    }
    let pages: BTreeSet<String> = (0..oracle.pages).map(|n| format!("Page {n}")).collect();
    let missing: Vec<_> = pages.difference(&titles).collect();
    ensure!(missing.is_empty(), "expected each page\n     got not {missing:?}");
    let corners = [
        "Corners", "Arrived", "Moved", "Slow", "Big", "Deep", "The end", "Below", "Query 1", "Query 5",
        "~user",
    ];
    for title in
        corners.iter().chain(&["There", "Target", "Frame", "Gallery", "Gzip", "Deflate", "Brotli", "Names"])
    {
        ensure!(titles.contains(*title), "expected the page {title:?}\n     got {titles:?}");
    }
    for title in ["Trap", "Private", "Broken", "Not found"] {
        ensure!(!titles.contains(title), "expected no page {title:?}");
    }
    for asset in
        ["style.css", "more.css", "empty.css", "dot.png", "ring.svg", "large.svg", "script.js", "sound.wav"]
    {
        let there = reached.keys().any(|path| path.ends_with(&format!("/assets/{asset}")));
        ensure!(there, "expected {asset}\n     got {:?}", reached.keys());
    }
    let copied = |path: &str| format!("http://{address}{path}");
    for (path, links) in &reached {
        for link in links {
            let Link::Web(url) = link else { continue };
            let absent =
                ["/missing", "/broken", "/private/", "/endless", "/loop/", "/redirect/11", "/big/10000000"];
            let is_absent =
                !url.contains(&address) || absent.iter().any(|part| url.starts_with(&copied(part)));
            ensure!(is_absent, "{path}: expected a link into the copy\n     got {url}");
        }
    }
    Ok(())
}

/// Serves pages by their whole path: each says its path, the first links to all.
fn each_says_its_path(paths: &'static [&'static str]) -> Result<Tricks> {
    Tricks::start(move |request, answer| match request.path.as_str() {
        "/start/" => answer.links(paths),
        "/robots.txt" => answer.status("404 Not Found", &[]),
        path => answer.page(&format!("<title>{}</title>", path.replace('&', "&amp;"))),
    })
}

/// Expects the links of the start to lead, in their order, to files that say these paths.
fn lead_to_their_pages(copy: &Copy, server: &Tricks, paths: &[&str]) -> Result<()> {
    let start = format!("{}/start/index.html", folder(server));
    let links = copy.links(&start)?;
    same("links", links.len(), paths.len())?;
    for (link, path) in links.iter().zip(paths) {
        let Link::Here(file) = link else { anyhow::bail!("{path}: expected a file\n     got {link:?}") };
        let said = copy.text(file).with_context(|| format!("for {path}"))?;
        let title = element(&said, "title").map(|title| title.replace("&amp;", "&"));
        same(file, title.as_deref(), Some(*path))?;
    }
    copy.reachable(&start).map(drop)
}

/// Paths and queries that are different are different files, whatever a file system makes of their names.
pub(crate) fn each_page_has_a_file(crawler: &Program) -> Result<()> {
    static PATHS: &[&str] = &[
        "/",
        "/a",
        "/a/",
        "/a/b",
        "/a.html",
        "/a/index.html",
        "/a/index",
        "/index.html",
        "/A",
        "/q",
        "/q?x=1",
        "/q?x=2",
        "/q?x=1&y=2",
        "/q?x=/../../up",
        "/q?",
        "/q?x=%3F",
        "/q%3Fx=1",
        "/x.php?page=1",
        "/x.php?page=2",
        "/x.php",
        "/dir.html/",
        "/dir.html/page",
        "/..%2F..%2Fup",
        "/%2E%2E%2Fup",
        "/a%2Fb",
        "/a%5Cb",
        "/a%00b",
        "/a:b",
        "/a*b",
        "/a%3Cb%3E",
        "/CON",
        "/con.html",
        "/dot.",
        "/space%20",
        "/%7Bx%7D",
        "/.hidden",
        "/%E4",
        "/%C3%A4",
        "/a%25b",
        "/a%23b",
        "/a;b",
        "/a+b",
        "/~a",
    ];
    let server = each_says_its_path(PATHS)?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/start/"), &copy, &[])?;
    // A URL in its one form has no codes for letters that need none; nor a dot segment.
    let asked: Vec<String> = PATHS.iter().map(|path| normal(&server, path)).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    lead_to_their_pages(&copy, &server, &asked)
}

/// The path as it is asked for.
fn normal(server: &Tricks, path: &str) -> String {
    let seen = server.seen();
    let plain = path.replace("%2E", ".").replace("%7E", "~");
    let asked = [path, &plain, plain.trim_end_matches('?')].into_iter().find(|path| seen.count(path) > 0);
    asked.unwrap_or(path).to_owned()
}

/// Names longer than a file system takes, with the same beginning and the same end.
pub(crate) fn long_names_have_a_file(crawler: &Program) -> Result<()> {
    let long = |middle: &str| -> &'static str {
        format!("/{}{middle}{}?{}", "x".repeat(200), "y".repeat(200), "z".repeat(300)).leak()
    };
    let deep: &'static str = format!("/{}end", "folder/".repeat(150)).leak();
    let paths: &'static [&'static str] = vec![long("1"), long("2"), "/short", deep].leak();
    let server = each_says_its_path(paths)?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/start/"), &copy, &[])?;
    lead_to_their_pages(&copy, &server, paths)
}

/// Images with their sets, styles with what they ask for, scripts, media, icons, frames: all are copied, as they are.
pub(crate) fn what_makes_up_a_page(crawler: &Program) -> Result<()> {
    const HTML: &str = "<!DOCTYPE html><link rel=stylesheet href=/css/main.css?v=3><link rel=icon href=/i/icon>
        <style>@import '/css/inline.css'; p { background: url(/i/style) }</style><script src=/js/main.js></script>
        <img src=/i/img srcset='/i/set1 1x, /i/set2 2x'><picture><source srcset=/i/source></picture>
        <video src=/m/video poster=/i/poster></video><audio><source src=/m/audio></audio>
        <p style=\"background: url('/i/attribute')\"></p><iframe src=/frame></iframe>
        <input type=image src=/i/input><object data=/m/object></object><embed src=/m/embed>
        <a href=/page#part>a page</a><a href=/moved>moved</a>";
    const CSS: &str =
        "@import url(deep/more.css); /* url(/i/comment) */ p { background: url( \"../i/css\" ) }
        @font-face { src: url('/f/font.woff2') format('woff2'), url(data:font/woff,x) }";
    let server = Tricks::start(|request, answer| {
        let css = |answer: &mut Answer, text: &str| {
            answer.full("200 OK", &["Content-Type: text/css"], text.as_bytes())
        };
        match request.path.as_str() {
            "/" => answer.page(HTML),
            "/css/main.css?v=3" => css(answer, CSS),
            "/css/deep/more.css" => css(answer, "b { background: url(../../i/deep) }"),
            "/css/inline.css" => css(answer, ""),
            "/frame" | "/page" => answer.page("<title>A page</title>"),
            "/moved" => answer.status("302 Found", &["Location: /page"]),
            path if path.starts_with("/i/") => {
                answer.full("200 OK", &["Content-Type: image/png"], format!("{path}\0\r\n").as_bytes())
            }
            path if path.starts_with("/robots") || path == "/i/comment" => {
                answer.status("404 Not Found", &[])
            }
            path => answer.full("200 OK", &["Content-Type: application/octet-stream"], path.as_bytes()),
        }
    })?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let start = format!("{}/index.html", folder(&server));
    let reached = copy.reachable(&start)?;
    let web: Vec<_> = reached.values().flatten().filter(|link| matches!(link, Link::Web(_))).collect();
    ensure!(web.is_empty(), "expected all of it in the copy\n     got {web:?}");
    let mut said = BTreeSet::new();
    for path in reached.keys() {
        said.insert(copy.text(path)?);
    }
    for image in
        ["icon", "style", "img", "set1", "set2", "source", "poster", "attribute", "input", "css", "deep"]
    {
        ensure!(
            said.contains(&format!("/i/{image}\0\r\n")),
            "expected the image {image}\n     got {:?}",
            reached.keys()
        );
    }
    for file in ["/js/main.js", "/m/video", "/m/audio", "/m/object", "/m/embed", "/f/font.woff2"] {
        ensure!(said.contains(file), "expected {file}\n     got {:?}", reached.keys());
    }
    same("requests for what is in a comment", server.seen().count("/i/comment"), 0)?;
    let html = copy.text(&start)?;
    ensure!(html.contains("#part"), "expected the fragment of a link to be kept\n     got {html}");
    Ok(())
}

/// A base would lead the copy's links elsewhere; the encoding of a header is not there in a file.
pub(crate) fn base_and_encoding(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.page("<base href=/other/><title>Start</title><a href=page>p</a><a href=/latin>l</a>"),
        "/other/page" => answer.page("<title>Other</title>"),
        "/latin" => answer.full(
            "200 OK",
            &["Content-Type: text/html; charset=iso-8859-1"],
            b"<title>Gr\xFC\xDFe</title>",
        ),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let reached = copy.reachable(&format!("{}/index.html", folder(&server)))?;
    same("files", reached.len(), 3)?;
    let latin = reached.keys().find(|path| path.contains("latin")).context("expected the page in Latin-1")?;
    let bytes = copy.read(latin)?;
    let declared = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    ensure!(
        declared.contains("charset") || bytes.starts_with(b"\xEF\xBB\xBF"),
        "expected the file to say its encoding\n     got {declared:?}"
    );
    Ok(())
}

/// Whatever a server sends, and whatever links are there already, nothing is written outside of the folder.
pub(crate) fn nothing_outside(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/robots.txt" => answer.status("404 Not Found", &[]),
        "/" => answer.links([
            "/../../outside/a",
            "/%2e%2e/%2e%2e/outside/b",
            "/..%2f..%2foutside%2fc",
            "/....//outside/d",
            "//../outside/e",
            "/x/..%5c..%5coutside%5cf",
            "/link/g",
            "/link.html",
            "/dir/h",
            "/?/../../outside/i",
            "/%00/../../outside/j",
            "/a/%2e%2e%2f%2e%2e%2f%2e%2e%2foutside%2fk",
        ]),
        _ => answer.page("<title>Was here</title>"),
    })?;
    let copy = Copy::new()?;
    let (outside, host) = (copy.outside(), copy.out().join(folder(&server)));
    fs::create_dir_all(&outside)?;
    fs::create_dir_all(&host)?;
    fs::write(outside.join("file"), "untouched")?;
    symlink(&outside, host.join("link"))?;
    symlink(outside.join("file"), host.join("link.html"))?;
    symlink(outside.join("new"), host.join("index.html"))?;
    symlink("../../outside", host.join("dir"))?;
    // Some pages cannot be stored: whether that is an error is not asked here.
    let mut run = crawler.start(["mirror", &server.url("/"), "--out", &copy.arg()?])?;
    run.rest()?;
    run.wait()?;
    let names: Vec<_> =
        fs::read_dir(&outside)?.map(|entry| entry.map(|e| e.file_name())).collect::<Result<_, _>>()?;
    same("files outside", names, vec!["file".into()])?;
    same("the file", fs::read_to_string(outside.join("file"))?.as_str(), "untouched")?;
    let beside = fs::read_dir(outside.parent().context("no parent")?)?.count();
    same("what is beside the copy", beside, 2)
}

/// The same with a folder that is a link itself: the user has put it there, so it is the folder.
pub(crate) fn the_folder_may_be_a_link(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.page("<title>Start</title>"),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let copy = Copy::new()?;
    fs::create_dir_all(copy.outside())?;
    symlink(copy.outside(), copy.out())?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    copy.text(&format!("{}/index.html", folder(&server))).map(drop)
}

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

/// Ctrl-C ends it with 130, soon, and leaves no parts of files; a second run makes the copy whole.
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
    for file in copy.files() {
        ensure!(!copy.text(&file)?.contains("part"), "expected no part of a file\n     got {file}");
    }
    stuck.store(0, Ordering::Relaxed);
    mirror(crawler, &server.url("/"), &copy, &[])?;
    let reached = copy.reachable(&format!("{}/index.html", folder(&server)))?;
    same("pages", reached.len(), 9)
}

/// Two hosts are two folders, and links between them are within the copy.
pub(crate) fn hosts_are_folders(crawler: &Program) -> Result<()> {
    let other = Tricks::start(|request, answer| match request.path.as_str() {
        "/" => answer.page("<title>Other</title>"),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let target = other.url("/");
    let server = Tricks::start(move |request, answer| match request.path.as_str() {
        "/" => answer.links([target.as_str()]),
        _ => answer.status("404 Not Found", &[]),
    })?;
    let start = format!("{}/index.html", folder(&server));
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &[])?;
    same("links", copy.links(&start)?, vec![Link::Web(other.url("/"))])?;
    let copy = Copy::new()?;
    mirror(crawler, &server.url("/"), &copy, &["--any-host"])?;
    same("links", copy.links(&start)?, vec![Link::Here(format!("{}/index.html", folder(&other)))])?;
    copy.reachable(&start).map(drop)
}

/// A folder that cannot be written to is an error that names it.
pub(crate) fn a_wrong_folder_is_named(crawler: &Program) -> Result<()> {
    let server = Tricks::start(|_, answer| answer.page("x"))?;
    let copy = Copy::new()?;
    fs::write(copy.out(), "a file")?;
    let failed = ending(crawler, 1, ["mirror", &server.url("/"), "--out", &copy.arg()?, "--ignore-robots"])?;
    ensure!(failed.stderr.contains(&copy.arg()?), "expected the folder to be named in\n{}", failed.stderr);
    same("the file", fs::read_to_string(copy.out())?.as_str(), "a file")
}
