//! Exercise 8.7: the names of the files in a copy.

use anyhow::{Context, Result};
use kit::Program;
use kit::tricks::Tricks;

use crate::copy::{Copy, Link};
use crate::mirror::{element, folder, mirror};
use crate::run::same;

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
