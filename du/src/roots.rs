//! The roots, from the command line or from a file of names.

use std::ffi::{CString, OsString};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The names in `file`, or on stdin if that is `-`: each ends with a newline, or with a NUL if `null`.
///
/// # Errors
/// When it cannot be read, or a name in it cannot be one.
pub(crate) fn from_file(file: &Path, null: bool) -> Result<Vec<PathBuf>> {
    let mut text = Vec::new();
    let read = match file {
        stdin if stdin == Path::new("-") => std::io::stdin().read_to_end(&mut text),
        file => std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut text)),
    };
    read.with_context(|| format!("cannot read the names in {}", file.display()))?;
    Ok(names(&text, if null { 0 } else { b'\n' }))
}

/// What ends with `end`, and what is left after the last of them.
fn names(text: &[u8], end: u8) -> Vec<PathBuf> {
    let text = text.strip_suffix(&[end]).unwrap_or(text);
    if text.is_empty() {
        return Vec::new();
    }
    text.split(|byte| *byte == end).map(|name| OsString::from_vec(name.to_vec()).into()).collect()
}

/// The roots as the system wants them.
///
/// # Errors
/// When one has a NUL in it.
pub(crate) fn for_system(roots: &[PathBuf]) -> Result<Vec<CString>> {
    let one = |root: &PathBuf| {
        let name = CString::new(root.as_os_str().as_bytes());
        name.with_context(|| format!("{root:?} cannot be a name (is the file in the form of -0?)"))
    };
    roots.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_with_a_newline_or_a_nul() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(names(b"", b'\n'), paths(&[]));
        assert_eq!(names(b"a", b'\n'), paths(&["a"]));
        assert_eq!(names(b"a b\n\nc\n", b'\n'), paths(&["a b", "", "c"]));
        assert_eq!(names(b"a\nb\0c\0", 0), paths(&["a\nb", "c"]));
    }

    #[test]
    fn a_nul_in_a_name_is_an_error() {
        let error = for_system(&names(b"a\0b\n", b'\n')).unwrap_err();
        assert!(error.to_string().contains("-0"), "{error}");
    }
}
