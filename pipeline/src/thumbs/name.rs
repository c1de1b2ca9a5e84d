//! The names of pictures and of their thumbnails.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

/// What the name of a thumbnail ends with.
const ENDING: &str = ".thumb.jpg";

/// The thumbnail of `picture`: `name.thumb.jpg` for `name.png`, in the folder `out` or beside it.
///
/// # Errors
/// When the path has no name, as `..` has none.
pub(crate) fn thumbnail(picture: &Path, out: Option<&Path>) -> Result<PathBuf> {
    let no_name = || format!("{} is no picture: it has no name", picture.display());
    let mut name = picture.file_stem().with_context(no_name)?.to_owned();
    name.push(ENDING);
    Ok(match out {
        Some(dir) => dir.join(name),
        None => picture.with_file_name(name),
    })
}

/// Whether it is a thumbnail by its name. `thumbs *.jpg` would make thumbnails of thumbnails the second time.
pub(crate) fn is_thumbnail(picture: &Path) -> bool {
    let name = picture.file_name().map_or(&[][..], OsStr::as_bytes);
    name.len() > ENDING.len() && name.ends_with(ENDING.as_bytes())
}

/// `path` without what means nothing in it: `./a` and `a` are the same.
pub(crate) fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// The name on a line; none for an empty one.
pub(crate) fn of_line(line: &[u8]) -> Option<PathBuf> {
    (!line.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(line)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_picture_or_in_a_folder() {
        let thumbnail = |picture: &str, out: Option<&str>| {
            let path = thumbnail(Path::new(picture), out.map(Path::new));
            path.ok().map(|path| path.display().to_string())
        };
        for (picture, beside, out) in [
            ("a.jpg", "a.thumb.jpg", "out/a.thumb.jpg"),
            ("../a.b/c.d.png", "../a.b/c.d.thumb.jpg", "out/c.d.thumb.jpg"),
            ("/photo", "/photo.thumb.jpg", "out/photo.thumb.jpg"),
            (".hidden", ".hidden.thumb.jpg", "out/.hidden.thumb.jpg"),
            ("a/", "a.thumb.jpg", "out/a.thumb.jpg"),
        ] {
            assert_eq!(thumbnail(picture, None).as_deref(), Some(beside));
            assert_eq!(thumbnail(picture, Some("out")).as_deref(), Some(out));
        }
        assert_eq!(thumbnail("..", None), None);
        assert_eq!(thumbnail("/", None), None);
    }

    #[test]
    fn a_thumbnail_is_known_by_its_name() {
        let is_thumbnail = |name: &str| is_thumbnail(Path::new(name));
        assert!(is_thumbnail("a.thumb.jpg") && is_thumbnail("x/y.z.thumb.jpg"));
        assert!(
            !is_thumbnail("thumb.jpg") && !is_thumbnail(".thumb.jpg") && !is_thumbnail("a.thumb.jpg/b.jpg")
        );
    }

    #[test]
    fn the_same_file_has_the_same_plain_name() {
        for other in ["./a/b", "a//b", "a/./b", "././a/b"] {
            assert_eq!(plain(Path::new(other)), Path::new("a/b"), "{other}");
        }
        assert_eq!(plain(Path::new("/a")), Path::new("/a"));
        assert_ne!(plain(Path::new("../a/b")), Path::new("a/b"));
    }

    #[test]
    fn a_line_is_a_name_whatever_its_bytes() {
        assert_eq!(of_line(b""), None);
        assert_eq!(of_line(b" \xff.jpg").unwrap().as_os_str().as_bytes(), b" \xff.jpg");
    }
}
