//! What a handout has that the workspace has not: its README, and the workflow that grades on push.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use homework::Files;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use runner::exercises::Runtime;
use serde::Serialize;

use super::holes::{Chosen, is_source, parse};
use super::manifest::CONFIG;

const README: &str = include_str!("README.md");
const WORKFLOW: &str = include_str!("grade.yml");

/// An exercise in the table.
#[derive(Serialize)]
struct Row<'h> {
    id: &'h str,
    title: &'h str,
    of: &'h str,
    points: u32,
    builds_on: String,
}

/// A file that is to be changed, and the exercises in it.
#[derive(Serialize)]
struct Place {
    path: PathBuf,
    ids: String,
}

/// Adds them to `files`, whose holes are empty.
///
/// # Errors
/// When a marker or a template is wrong.
pub(super) fn add(files: &mut Files, chosen: &Chosen<'_>, runtimes: &[&Runtime]) -> Result<()> {
    let rows = chosen.list.iter().map(|(of, one)| {
        let on: Vec<&str> = one
            .builds_on
            .iter()
            .map(String::as_str)
            .filter(|id| chosen.list.iter().any(|(_, o)| o.id == *id))
            .collect();
        Row { id: &one.id, title: &one.title, of, points: one.points, builds_on: on.join(", ") }
    });
    let rows: Vec<Row<'_>> = rows.collect();
    let points: u32 = rows.iter().map(|row| row.points).sum();
    let places = places(files, chosen)?;
    let (hole, empty) = example(chosen, runtimes[0]).context("nothing is to be solved")?;
    let runtimes: Vec<&str> = runtimes.iter().map(|runtime| runtime.name).collect();
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).keep_trailing_newline(true).build()?);
    let (rows, places) = (Serde(&rows), Serde(&places));
    let readme = environment
        .render_str(README, context! { rows, points, places, runtimes, hole, empty })
        .context("the template of the README")?;
    files.insert("README.md".into(), readme);
    files.insert(".github/workflows/grade.yml".into(), WORKFLOW.to_owned());
    files.insert(".cargo/config.toml".into(), CONFIG.to_owned());
    Ok(())
}

/// The first hole that is as most are, and what is in it.
fn example<'h>(chosen: &Chosen<'h>, runtime: &Runtime) -> Option<(&'h str, String)> {
    let all = || chosen.list.iter().flat_map(|(_, one)| one.holes.iter().map(move |hole| (*one, hole)));
    let filled = all().filter_map(|(one, hole)| Some((hole.as_str(), one.replacement(hole, runtime.name)?)));
    let filled: Vec<_> = filled.collect();
    filled.iter().find(|(_, text)| text.starts_with("todo!")).or(filled.first()).cloned()
}

/// The files with holes in them.
fn places(files: &Files, chosen: &Chosen<'_>) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| is_source(path)) {
        let source = parse(path, text)?;
        let mut ids: BTreeMap<usize, &str> = BTreeMap::new();
        for hole in source.holes() {
            let n = chosen.list.iter().position(|(_, one)| one.holes.iter().any(|name| name == hole.name));
            ids.extend(n.map(|n| (n, chosen.list[n].1.id.as_str())));
        }
        if !ids.is_empty() {
            let ids: Vec<&str> = ids.into_values().collect();
            places.push(Place { path: path.clone(), ids: ids.join(", ") });
        }
    }
    let crate_of = |path: &Path| chosen.list.iter().position(|(of, _)| path.starts_with(of));
    places.sort_by_key(|place| crate_of(&place.path));
    Ok(places)
}
