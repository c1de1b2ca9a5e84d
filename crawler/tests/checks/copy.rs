//! The copy of a site, read as a browser would from `file://`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use percent_encoding::percent_decode_str;
use scraper::{Html, Selector};
use tempfile::TempDir;

/// A folder for a copy.
pub(crate) struct Copy {
    folder: TempDir,
}

/// A link of a file in the copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Link {
    /// To a file of the copy, by its path in it.
    Here(String),
    /// To the web.
    Web(String),
}

impl Copy {
    /// An empty folder, for a copy in a folder of it that is not there yet.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    /// The folder for the copy.
    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("copy")
    }

    /// The same, as an argument.
    pub(crate) fn arg(&self) -> Result<String> {
        self.out().to_str().map(str::to_owned).context("a strange folder for temporary files")
    }

    /// What is beside the copy, to see that nothing is written there.
    pub(crate) fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    /// The bytes of a file, by its path in the copy.
    pub(crate) fn read(&self, path: &str) -> Result<Vec<u8>> {
        fs::read(self.out().join(path)).with_context(|| format!("expected {path} in {:?}", self.files()))
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.read(path)?).into_owned())
    }

    /// The paths of all files in the copy.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        let mut files = BTreeSet::new();
        let mut folders = vec![self.out()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                } else if let Ok(path) = entry.path().strip_prefix(self.out()) {
                    files.insert(path.to_string_lossy().into_owned());
                }
            }
        }
        files
    }

    /// Where the links of a file lead: of HTML by its elements, of CSS by what stands in `url(…)` and after `@import`.
    pub(crate) fn links(&self, path: &str) -> Result<Vec<Link>> {
        let text = self.text(path)?;
        let raw = if path.ends_with(".css") { css(&text) } else { html(&text) };
        raw.iter().filter_map(|link| self.resolve(path, link).transpose()).collect()
    }

    /// All files that can be reached from `start`, each with its links. Each of them has to be there.
    pub(crate) fn reachable(&self, start: &str) -> Result<BTreeMap<String, Vec<Link>>> {
        let (mut found, mut queue) = (BTreeMap::new(), VecDeque::from([start.to_owned()]));
        while let Some(path) = queue.pop_front() {
            if found.contains_key(&path) {
                continue;
            }
            let readable = [".html", ".css"].iter().any(|ending| path.ends_with(ending));
            let links = if readable { self.links(&path)? } else { self.read(&path).map(|_| Vec::new())? };
            for link in &links {
                if let Link::Here(target) = link {
                    let there = self.out().join(target).is_file();
                    ensure!(there, "{path}: expected {target} to be there\n     got {:?}", self.files());
                    queue.push_back(target.clone());
                }
            }
            found.insert(path, links);
        }
        Ok(found)
    }

    /// Where `link` in the file `path` leads; none to the file itself, and with schemes that are not of the web.
    fn resolve(&self, path: &str, link: &str) -> Result<Option<Link>> {
        let link = link.trim();
        if link.starts_with("http://") || link.starts_with("https://") {
            return Ok(Some(Link::Web(link.to_owned())));
        }
        ensure!(!link.starts_with("//"), "{path}: {link:?} is of no scheme in a file");
        let scheme = link.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
        let file = link.split(['?', '#']).next().unwrap_or_default();
        if scheme || file.is_empty() {
            return Ok(None);
        }
        ensure!(!file.starts_with('/'), "{path}: {link:?} is absolute");
        ensure!(!link.contains('?'), "{path}: {link:?} has a query, which a file has not");
        let file = percent_decode_str(file).decode_utf8()?.into_owned();
        let mut target = Path::new(path).parent().map(Path::to_path_buf).unwrap_or_default();
        for part in Path::new(&file).components() {
            match part {
                Component::Normal(name) => target.push(name),
                Component::CurDir => {}
                Component::ParentDir => ensure!(target.pop(), "{path}: {link:?} leads out of the copy"),
                _ => bail!("{path}: {link:?} is absolute"),
            }
        }
        Ok(Some(Link::Here(target.to_string_lossy().into_owned())))
    }
}

/// The addresses in the elements of a page, and in its styles.
fn html(text: &str) -> Vec<String> {
    let page = Html::parse_document(text);
    let mut links = Vec::new();
    let all = Selector::parse("*").expect("a selector");
    let bases = page.select(&Selector::parse("base[href]").expect("a selector")).count();
    for element in page.select(&all) {
        for (name, value) in element.value().attrs() {
            match (element.value().name(), name) {
                ("base", _) => {}
                (_, "href" | "src" | "poster" | "background") | ("object", "data") => {
                    links.push(value.to_owned())
                }
                (_, "srcset") => {
                    links.extend(
                        value
                            .split(", ")
                            .filter_map(|one| one.split_ascii_whitespace().next())
                            .map(str::to_owned),
                    );
                }
                (_, "style") => links.extend(css(value)),
                ("meta", "content") if element.attr("http-equiv").is_some() => links.extend(refresh(value)),
                _ => {}
            }
        }
        if element.value().name() == "style" {
            links.extend(css(&element.text().collect::<String>()));
        }
    }
    // What is relative to something else than the file cannot be found by it.
    if bases > 0 {
        links.push("/base".to_owned());
    }
    links
}

/// Where a page leads by itself: `5; url='page'`.
fn refresh(content: &str) -> Option<String> {
    let at = content.to_ascii_lowercase().find("url=")?;
    Some(content[at + 4..].trim().trim_matches(['"', '\'']).to_owned())
}

/// What stands in `url(…)` and after `@import`, outside of comments.
fn css(text: &str) -> Vec<String> {
    let mut plain = String::new();
    for (n, part) in text.split("/*").enumerate() {
        plain.push_str(if n == 0 { part } else { part.split_once("*/").map_or("", |(_, rest)| rest) });
    }
    let unquoted = |part: &str| part.trim().trim_matches(['"', '\'']).to_owned();
    let urls = plain.split("url(").skip(1).filter_map(|part| part.split(')').next()).map(unquoted);
    let imports =
        plain.split("@import").skip(1).map(str::trim_start).filter(|part| part.starts_with(['"', '\'']));
    let imports = imports.filter_map(|part| part[1..].split(['"', '\'']).next()).map(unquoted);
    urls.chain(imports).collect()
}
