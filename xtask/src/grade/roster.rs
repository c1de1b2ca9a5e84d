//! Who has handed in, and which of them are graded here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};

/// Characters of a name.
const LONGEST: usize = 100;

/// Who has handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Student {
    /// The name of the folder.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
}

/// One of several parts of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// Counted from 1.
    nth: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(nth, of)| Some((nth.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((nth, of)) if (1..=of).contains(&nth) => Ok(Self { nth, of }),
            _ => Err("expected K/N, with K from 1 to N".to_owned()),
        }
    }
}

/// The students of these folders, sorted by name; those of the shard, if there is one.
///
/// # Errors
/// When a folder is none, or a name is not fit for a file of results or comes twice.
pub(crate) fn students(folders: &[PathBuf], shard: Option<Shard>) -> Result<Vec<Student>> {
    let mut all = BTreeMap::<String, Student>::new();
    for folder in folders {
        let name = name(folder)?;
        // There are file systems to which both are the same name.
        if let Some(other) = all.get(&name.to_lowercase()) {
            bail!("{} and {} would have the same result", other.folder.display(), folder.display());
        }
        all.insert(name.to_lowercase(), Student { name, folder: folder.clone() });
    }
    let Shard { nth, of } = shard.unwrap_or(Shard { nth: 1, of: 1 });
    Ok(all.into_values().skip(nth - 1).step_by(of).collect())
}

/// The name of the folder, by which the student goes.
fn name(folder: &Path) -> Result<String> {
    let real = folder.canonicalize().with_context(|| format!("cannot find {}", folder.display()))?;
    ensure!(real.is_dir(), "{} is no folder", folder.display());
    // A link may be called otherwise than what it leads to.
    let name = folder.file_name().or(real.file_name()).and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no name that is UTF-8", folder.display()))?;
    let fit = !name.starts_with('.') && !name.contains(char::is_control) && name.chars().count() <= LONGEST;
    ensure!(
        fit,
        "{:?} is no name for a student: it begins with a dot, has control characters or is longer than {LONGEST}",
        name
    );
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folders(root: &Path, names: &[&str]) -> Vec<PathBuf> {
        let made = names.iter().map(|name| root.join(name));
        made.inspect(|folder| fs::create_dir_all(folder).unwrap()).collect()
    }

    #[test]
    fn a_class_is_sorted_and_parted() {
        let root = tempfile::tempdir().unwrap();
        let all = folders(root.path(), &["cid", "ann", "eva", "bob", "dan"]);
        let names = |shard: Option<&str>| -> Vec<String> {
            let shard = shard.map(|shard| shard.parse().unwrap());
            students(&all, shard).unwrap().into_iter().map(|student| student.name).collect()
        };
        assert_eq!(names(None), ["ann", "bob", "cid", "dan", "eva"]);
        assert_eq!(names(Some("1/2")), ["ann", "cid", "eva"]);
        assert_eq!(names(Some("2/2")), ["bob", "dan"]);
        assert_eq!(names(Some("9/9")), [""; 0]);
        for wrong in ["0/2", "3/2", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_that_are_none_or_the_same_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let refused = |names: &[&str]| {
            let told = students(&folders(root.path(), names), None).unwrap_err().to_string();
            told.replace(&root.path().display().to_string(), "")
        };
        assert_eq!(refused(&["a/ann", "b/ann"]), "/a/ann and /b/ann would have the same result");
        assert_eq!(refused(&["a/ann", "b/Ann"]), "/a/ann and /b/Ann would have the same result");
        assert!(refused(&["bad\nname"]).contains("is no name for a student"));
        assert!(refused(&[".hidden"]).contains("is no name for a student"));
        assert!(students(&[root.path().join("none")], None).is_err());
        let here = students(&[root.path().join("a/ann/.")], None).unwrap();
        assert_eq!(here[0].name, "ann");
    }
}
