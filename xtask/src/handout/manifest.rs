//! The manifests of a handout: its members, what they depend on, and what is on in them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use homework::Files;
use runner::exercises::{EXERCISES, RUNTIMES, Runtime};
use toml_edit::{Array, DocumentMut, Item, TableLike, value};

use super::files::TOOLS;

/// What the student's commands are run by.
pub(super) const CONFIG: &str = "[alias]\nxtask = \"run --quiet --package homework --\"\n";

/// A version of its own: a build in the same folder as the workspace's then shares what comes from crates.io, and
/// nothing else.
const VERSION: &str = "0.1.0+handout";

/// Why they are off in the manifest.
const UNFINISHED: &str =
    "# Of code with holes much is not used yet, and what comes after a `todo!` is not reached.\n";

/// Lints of what is not finished.
const OFF: [&str; 6] = [
    "dead_code",
    "unreachable_code",
    "unused_assignments",
    "unused_imports",
    "unused_mut",
    "unused_variables",
];

/// The same of clippy's.
const CLIPPY_OFF: [&str; 2] = ["todo", "unused_async"];

const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Makes the manifests those of a handout, for the one runtime if there is one.
///
/// # Errors
/// When one is not of the form that it has here.
pub(super) fn edit(files: &mut Files, runtime: Option<&Runtime>) -> Result<()> {
    let mut used = BTreeSet::new();
    let tools = TOOLS.iter().map(|tool| (Path::new(tool), true));
    let crates = EXERCISES.iter().map(|one| (Path::new(one.name), false)).chain(tools);
    for (dir, is_tool) in crates {
        change(files, &dir.join("Cargo.toml"), |manifest| {
            if is_tool {
                untested(manifest);
            }
            if let Some(runtime) = runtime {
                alone(manifest, runtime);
            }
            used.extend(inherited(manifest));
            Ok(())
        })?;
    }
    change(files, Path::new("Cargo.toml"), |manifest| root(manifest, &used))
}

/// Leaves those profiles of dependencies that are for one of `crates`.
///
/// # Errors
/// When the manifest is not of the form that it has here.
pub(super) fn prune_profiles(files: &mut Files, crates: &BTreeSet<String>) -> Result<()> {
    change(files, Path::new("Cargo.toml"), |manifest| {
        if let Some(profiles) = manifest.get_mut("profile").and_then(|p| p.as_table_like_mut()) {
            for (_, profile) in profiles.iter_mut() {
                let packages = profile.get_mut("package").and_then(Item::as_table_like_mut);
                retain(packages, |name| crates.contains(name));
            }
        }
        Ok(())
    })
}

/// The names of the packages in the lock file `text`.
///
/// # Errors
/// When it is none.
pub(super) fn locked(text: &str) -> Result<BTreeSet<String>> {
    let lock: DocumentMut = text.parse().context("Cargo.lock")?;
    let packages =
        lock.get("package").and_then(Item::as_array_of_tables).context("Cargo.lock has no packages")?;
    Ok(packages.iter().filter_map(|package| Some(package.get("name")?.as_str()?.to_owned())).collect())
}

fn change(files: &mut Files, path: &Path, edit: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<()> {
    let at = || path.display().to_string();
    let text = files.get_mut(path).with_context(|| format!("the workspace has no {}", at()))?;
    let mut manifest: DocumentMut = text.parse().with_context(at)?;
    edit(&mut manifest).with_context(at)?;
    *text = manifest.to_string();
    Ok(())
}

/// A tool has no tests in a handout.
fn untested(manifest: &mut DocumentMut) {
    manifest.remove("dev-dependencies");
}

/// Leaves the feature of `runtime` alone of those of runtimes, and the optional dependencies that a feature asks for.
fn alone(manifest: &mut DocumentMut, runtime: &Runtime) {
    let gone = |name: &str| RUNTIMES.iter().any(|other| other.name == name && name != runtime.name);
    let Some(features) = manifest.get_mut("features").and_then(Item::as_table_like_mut) else { return };
    retain(Some(features), |name| !gone(name));
    if let Some(default) = features.get_mut("default").and_then(Item::as_array_mut) {
        default.retain(|feature| !feature.as_str().is_some_and(gone));
        // The first may have been in the middle.
        default.fmt();
    }
    let asked: BTreeSet<String> =
        features.iter().flat_map(|(_, on)| on.as_array()).flatten().filter_map(asks).collect();
    let dependencies = manifest.get_mut("dependencies").and_then(Item::as_table_like_mut);
    let Some(dependencies) = dependencies else { return };
    let optional = |item: &Item| item.get("optional").and_then(Item::as_bool) == Some(true);
    let unasked = dependencies.iter().filter(|(name, item)| optional(item) && !asked.contains(*name));
    let unasked: Vec<String> = unasked.map(|(name, _)| name.to_owned()).collect();
    retain(Some(dependencies), |name| !unasked.iter().any(|unasked| unasked == name));
}

/// The optional dependency that `feature` asks for: `dep:smol`.
fn asks(feature: &toml_edit::Value) -> Option<String> {
    Some(feature.as_str()?.strip_prefix("dep:")?.to_owned())
}

/// The dependencies whose version is in the root.
fn inherited(manifest: &DocumentMut) -> Vec<String> {
    let tables = DEPENDENCIES.iter().filter_map(|kind| manifest.get(kind)?.as_table_like());
    let all = tables.flat_map(TableLike::iter);
    let from_the_root = |item: &Item| item.get("workspace").and_then(Item::as_bool) == Some(true);
    all.filter(|(_, item)| from_the_root(item)).map(|(name, _)| name.to_owned()).collect()
}

fn root(manifest: &mut DocumentMut, used: &BTreeSet<String>) -> Result<()> {
    let workspace =
        manifest.get_mut("workspace").and_then(Item::as_table_mut).context("it has no [workspace]")?;
    let mut members: Vec<&str> = EXERCISES.iter().map(|one| one.name).chain(TOOLS).collect();
    members.sort_unstable();
    let mut array: Array = members.into_iter().collect();
    for member in array.iter_mut() {
        member.decor_mut().set_prefix("\n    ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    workspace["members"] = value(array);
    workspace["package"]["version"] = value(VERSION);
    let dependencies = workspace.get_mut("dependencies").and_then(Item::as_table_like_mut);
    retain(dependencies, |name| used.contains(name));
    let lints = workspace.get_mut("lints").context("it has no [workspace.lints]")?;
    off(&mut lints["rust"], &OFF)?;
    off(&mut lints["clippy"], &CLIPPY_OFF)
}

/// Turns the lints of `names` off, with the reason above them.
fn off(lints: &mut Item, names: &[&str]) -> Result<()> {
    let lints = lints.as_table_mut().context("its lints are no table")?;
    for (n, name) in names.iter().enumerate() {
        lints.remove(name);
        lints.insert(name, value("allow"));
        if let (0, Some(mut key)) = (n, lints.key_mut(name)) {
            key.leaf_decor_mut().set_prefix(UNFINISHED);
        }
    }
    Ok(())
}

/// Leaves those entries of `table` whose name is `wanted`.
fn retain(table: Option<&mut dyn TableLike>, wanted: impl Fn(&str) -> bool) {
    let Some(table) = table else { return };
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.iter().filter(|name| !wanted(name)) {
        table.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, edit: impl FnOnce(&mut DocumentMut)) -> String {
        let mut manifest: DocumentMut = text.parse().unwrap();
        edit(&mut manifest);
        manifest.to_string()
    }

    #[test]
    fn one_runtime_has_its_features_and_dependencies_alone() {
        let manifest = "\
[features]
default = [\"tokio\", \"async-std\", \"smol\"]
tokio = [\"dep:tokio\", \"common/tokio\"]
async-std = [\"dep:async-std\", \"dep:futures-lite\", \"common/async-std\"]
smol = [\"dep:smol\", \"dep:futures-lite\", \"common/smol\"]

[dependencies]
anyhow.workspace = true

tokio = { workspace = true, optional = true }
async-std = { workspace = true, optional = true }
smol = { workspace = true, optional = true }
# Of two.
futures-lite = { workspace = true, optional = true }
";
        let expected = "\
[features]
default = [\"smol\"]
smol = [\"dep:smol\", \"dep:futures-lite\", \"common/smol\"]

[dependencies]
anyhow.workspace = true
smol = { workspace = true, optional = true }
# Of two.
futures-lite = { workspace = true, optional = true }
";
        let smol = runner::exercises::runtimes(Some("smol"))[0];
        let mut names = Vec::new();
        let left = edited(manifest, |manifest| {
            alone(manifest, smol);
            names = inherited(manifest);
        });
        assert_eq!(left, expected);
        assert_eq!(names, ["anyhow", "smol", "futures-lite"]);
    }

    #[test]
    fn the_root_has_what_is_used() {
        let manifest = "\
[workspace]
members = [\"clock\", \"xtask\"]

[workspace.package]
version = \"0.1.0\"

[workspace.dependencies]
# For the programs
anyhow = \"1.0\"
# For the report
minijinja = \"3.1\"

[workspace.lints.rust]
unsafe_code = \"forbid\"

[workspace.lints.clippy]
todo = \"warn\"
";
        let used = BTreeSet::from(["anyhow".to_owned()]);
        let root = edited(manifest, |manifest| root(manifest, &used).unwrap());
        assert!(root.contains("    \"xtask/kit\",\n") && !root.contains("\"xtask\""), "{root}");
        assert!(root.contains("anyhow = \"1.0\"") && !root.contains("report"), "{root}");
        assert!(
            root.contains("\ndead_code = \"allow\"\n") && root.contains("\ntodo = \"allow\"\n"),
            "{root}"
        );
    }

    #[test]
    fn profiles_are_of_packages_that_there_are() {
        let lock = "version = 4\n\n[[package]]\nname = \"image\"\nversion = \"0.25.0\"\n";
        let crates = locked(lock).unwrap();
        let manifest = "[profile.dev.package]\nimage.opt-level = 2\nload.opt-level = 2\n\n[profile.release]\nlto = true\n";
        let mut files = Files::from([("Cargo.toml".into(), manifest.to_owned())]);
        prune_profiles(&mut files, &crates).unwrap();
        let expected = "[profile.dev.package]\nimage.opt-level = 2\n\n[profile.release]\nlto = true\n";
        assert_eq!(files[Path::new("Cargo.toml")], expected);
    }
}
