//! 8.6 and exercise 8.6: a crawl of the generated site finds what its graph says, on every pair.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use kit::{Program, Server};

use crate::oracle::Oracle;
use crate::run::{Crawled, STRATEGIES, ending, path_of, run, same, same_paths};

/// Few links a page: the pages lie deep, and what is drawn makes short cuts.
const DEEP: Oracle = Oracle { pages: 120, links: 5, seed: 7 };

/// As many as by default: they link to each other, and to themselves.
const DENSE: Oracle = Oracle { pages: 100, links: 20, seed: 1 };

/// A tree of one branch, which is as deep as it has pages, with a few short cuts back.
const CHAIN: Oracle = Oracle { pages: 12, links: 1, seed: 3 };

fn crawl(client: &Program, server: &Server, flags: &[&str]) -> Result<Crawled> {
    let url = format!("http://{}", server.address());
    run(client, [&["crawl", &url, "--per-host", "20"], flags].concat())
}

/// Each page of the graph is printed once and no other, by both strategies.
pub(crate) fn each_page_once(site: &Program, client: &Program) -> Result<()> {
    for oracle in [DEEP, DENSE, CHAIN] {
        let server = site.listen("site", oracle.flags())?;
        let distances = oracle.distances(None);
        let expected: Vec<&str> = distances.keys().map(String::as_str).collect();
        same("pages of the graph", expected.len() as u64, oracle.pages)?;
        for strategy in STRATEGIES {
            let crawled = crawl(client, &server, &["--strategy", strategy])?;
            same_paths(&crawled.paths(), &expected).with_context(|| format!("{strategy}, {oracle:?}"))?;
        }
    }
    Ok(())
}

/// ex8.6: just the pages that are at most that many links away, each with its distance, for both strategies.
pub(crate) fn depth_is_the_distance(site: &Program, client: &Program) -> Result<()> {
    let server = site.listen("site", DEEP.flags())?;
    for depth in [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), None] {
        let expected = DEEP.distances(depth);
        for strategy in STRATEGIES {
            let mut flags = vec!["--format".to_owned(), "json".into(), "--strategy".into(), strategy.into()];
            flags.extend(depth.into_iter().flat_map(|depth| ["--depth".to_owned(), depth.to_string()]));
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            let pages = crawl(client, &server, &flags)?.pages()?;
            let got: BTreeMap<String, u32> =
                pages.iter().map(|p| (path_of(&p.url).into(), p.depth)).collect();
            same(&format!("{strategy}, depth {depth:?}"), pages.len(), expected.len())?;
            same(&format!("{strategy}, depth {depth:?}"), &got, &expected)?;
        }
    }
    Ok(())
}

/// `links` counts different pages, and `from` is a page that links there, one level up.
pub(crate) fn links_and_from(site: &Program, client: &Program) -> Result<()> {
    let server = site.listen("site", DENSE.flags())?;
    let pages = crawl(client, &server, &["--format", "json"])?.pages()?;
    let (counts, distances) = (DENSE.link_counts(), DENSE.distances(None));
    for page in &pages {
        let path = path_of(&page.url);
        same(path, Some(&page.links), counts.get(path))?;
        match page.from.as_deref().map(path_of) {
            None => same("the page without `from`", path, "/")?,
            Some(from) => same(path, distances.get(from).copied(), page.depth.checked_sub(1))?,
        }
    }
    let again =
        crawl(client, &server, &["--format", "json", "--strategy", "semaphore", "--limit", "3"])?.pages()?;
    let from = |pages: &[crate::run::Page]| -> BTreeMap<String, Option<String>> {
        pages.iter().map(|page| (page.url.clone(), page.from.clone())).collect()
    };
    ensure!(from(&pages) == from(&again), "expected the same `from`, whatever comes first");
    Ok(())
}

/// `--max-pages` cuts at the same place, whatever comes first: the nearest pages, level by level.
pub(crate) fn max_pages_cuts_alike(site: &Program, client: &Program) -> Result<()> {
    let server = site.listen("site", DENSE.flags())?;
    let distances = DENSE.distances(None);
    let mut cuts = Vec::new();
    for flags in [&["--limit", "1"][..], &["--limit", "20"], &["--limit", "7", "--strategy", "semaphore"]] {
        let crawled = crawl(client, &server, &[&["--max-pages", "60"], flags].concat())?;
        let paths: Vec<String> = crawled.paths().into_iter().map(str::to_owned).collect();
        same("pages", paths.len(), 60)?;
        let deepest = paths.iter().filter_map(|path| distances.get(path)).max();
        let missed = distances.iter().filter(|(path, _)| !paths.contains(path)).map(|(_, depth)| depth).min();
        ensure!(deepest <= missed, "expected the nearest\n     got {deepest:?}, and not {missed:?}");
        cuts.push(paths);
    }
    ensure!(cuts.iter().all(|cut| cut == &cuts[0]), "expected the same pages each time");
    Ok(())
}

/// All of the site with its corners: what has to be asked for, and nothing else.
pub(crate) fn the_corners(site: &Program, client: &Program) -> Result<()> {
    let server = site.listen("site", ["--pages", "1"])?;
    let endless = format!("http://{}/endless", server.address());
    ending(client, 1, ["crawl", &endless, "--timeout", "1s"])?.expect_errors(1, "timeout")?;
    let flags = ["--format", "json", "--exclude", "*/names/*", "--exclude", "*/endless"];
    let crawled = crawl(client, &server, &flags)?;
    let pages = crawled.pages()?;
    let trapped: Vec<&str> =
        pages.iter().map(|page| path_of(&page.url)).filter(|p| p.contains("/trap/")).collect();
    ensure!(trapped.is_empty(), "expected no false links to be followed\n     got {trapped:?}");
    for (path, status, depth, error) in [
        ("/", Some(200), 0, None),
        ("/redirect/10/10", Some(200), 2, None),
        ("/redirect/11/10", Some(302), 2, Some("10 times")),
        ("/moved/308", Some(308), 2, None),
        ("/moved/here", Some(200), 2, None),
        ("/loop/b", Some(302), 2, Some("circle")),
        ("/missing", Some(404), 2, Some("404")),
        ("/broken", Some(500), 2, Some("500")),
        ("/busy", Some(200), 2, None),
        ("/slow", Some(200), 2, None),
        ("/big/100000", Some(200), 2, None),
        ("/big/10000000", Some(200), 2, Some("larger than")),
        ("/private/diary", None, 2, Some("robots.txt")),
        ("/deep/5", Some(200), 6, None),
        ("/deep/end", Some(200), 3, None),
        ("/deep/below", Some(200), 4, None),
        ("/query?name=J%E4ger", Some(200), 3, None),
        ("/query?name=F%C3%B6rsterin", Some(200), 3, None),
        ("/query?packed=gzip", Some(200), 3, None),
        ("/query?packed=deflate", Some(200), 3, None),
        ("/query?packed=br", Some(200), 3, None),
        ("/query?page=5", Some(200), 6, None),
        ("/query?a=1&b=2", Some(200), 3, None),
        ("/query?true=1", Some(200), 3, None),
        ("/~user", Some(200), 3, None),
        ("/base/here/there", Some(200), 3, None),
        ("/refresh/target", Some(200), 3, None),
        ("/frame/inner", Some(200), 3, None),
        ("/frame/area", Some(200), 3, None),
    ] {
        let page = crawled.page(path)?;
        same(path, (page.status, page.depth), (status, depth))?;
        let told = page.error.as_deref();
        let as_expected = match error {
            None => told.is_none(),
            Some(part) => told.is_some_and(|told| told.contains(part)),
        };
        ensure!(as_expected, "{path}: expected the error {error:?}\n     got {told:?}");
    }
    for path in ["/redirect/11/11", "/assets/style.css", "/%7Euser", "/query?a=1&amp;b=2"] {
        let asked = pages.iter().any(|page| path_of(&page.url) == path);
        ensure!(!asked, "expected {path} not to be asked for");
    }
    same("bytes of /big/100000", crawled.page("/big/100000")?.bytes, 100_000)
}
