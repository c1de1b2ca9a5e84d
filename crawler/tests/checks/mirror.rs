//! Exercise 8.7: `crawler mirror`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

use anyhow::{Context, Result, ensure};
use kit::Program;
use kit::tricks::{Answer, Tricks};

use crate::copy::{Copy, Link};
use crate::oracle::Oracle;
use crate::run::{Crawled, ending, run, same};

pub(crate) fn mirror(crawler: &Program, url: &str, copy: &Copy, flags: &[&str]) -> Result<Crawled> {
    run(crawler, [&["mirror", url, "--out", &copy.arg()?], flags].concat())
}

/// The folder of a server in the copy.
pub(crate) fn folder(server: &Tricks) -> String {
    server.address().to_string().replace(':', "_")
}

/// The text of the first element `name`.
pub(crate) fn element<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("<{name}>"))?;
    rest.split('<').next()
}

/// The generated site: each page and each corner that is a page can be reached in the copy, by links in it alone.
pub(crate) fn the_copy_is_whole(site: &Program, client: &Program) -> Result<()> {
    let oracle = Oracle { pages: 40, links: 5, seed: 4 };
    let server = site.listen("site", &oracle.flags()[..6])?;
    let address = server.address().to_string();
    let copy = Copy::new()?;
    let flags = ["--per-host", "20", "--exclude", "*/{endless,slow,big/*}"];
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
    let corners = ["Corners", "Arrived", "Moved", "Deep", "The end", "Below", "Query 1", "Query 5", "~user"];
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
                ["/missing", "/broken", "/private/", "/endless", "/slow", "/big/", "/loop/", "/redirect/11"];
            let is_absent =
                !url.contains(&address) || absent.iter().any(|part| url.starts_with(&copied(part)));
            ensure!(is_absent, "{path}: expected a link into the copy\n     got {url}");
        }
    }
    Ok(())
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
    let asked_for = server.seen().paths().len();
    ensure!(asked_for > 2, "expected its links to be followed\n     got {asked_for} requests");
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
