//! Names put into files of other languages, so that they are names there and nothing else.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What a name may consist of.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Of a job, which is a label in Kubernetes with room for a suffix
    Label,
    /// Of a claim
    Subdomain,
    /// Of an image: registry, path, tag or digest
    Image,
}

/// Holds when `name` is one of `kind`.
///
/// # Errors
/// When it is not, with the `flag` that brought it.
pub(super) fn checked(kind: Kind, flag: &str, name: &str) -> Result<()> {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let (most, more, such) = match kind {
        Kind::Label => (40, "-", "at most 40 lower-case letters, digits and `-`"),
        Kind::Subdomain => (253, "-.", "at most 253 lower-case letters, digits, `-` and `.`"),
        Kind::Image => (512, "-._/:@", "the name of an image, such as registry.example.org/ch8-grade:1"),
    };
    let any =
        |c: char| lower(c) || more.contains(c) || (matches!(kind, Kind::Image) && c.is_ascii_uppercase());
    let ends = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    ensure!(ends && name.len() <= most && name.chars().all(any), "{flag} {name:?}: expected {such}");
    Ok(())
}

/// `path` as text. What an engine would put something else in the place of is refused.
///
/// # Errors
/// When it is no text of one line, or has `${{` (GitHub) or `$(` (Kubernetes) in it.
pub(super) fn path<'p>(flag: &str, path: &'p Path) -> Result<&'p str> {
    let text = path.to_str().with_context(|| format!("{flag} {}: no UTF-8", path.display()))?;
    let wrong = text.contains(|c: char| c.is_control()) || text.contains("${{") || text.contains("$(");
    ensure!(!wrong, "{flag} {text:?}: expected a path without control characters, `${{{{` and `$(`");
    Ok(text)
}

/// `text` as a word of a shell.
pub(super) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `path` as no command takes it for a flag.
pub(super) fn dashless(path: &str) -> String {
    if path.starts_with('-') { format!("./{path}") } else { path.to_owned() }
}

/// What a shell is given after a command for the flag `name`: nothing without a `path`.
pub(super) fn flag(name: &str, path: Option<&str>) -> String {
    path.map(|path| format!(" {name} {}", shell(&dashless(path)))).unwrap_or_default()
}

/// `text` as a string of YAML, which takes those of JSON.
pub(super) fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `template` with each `<<name>>` of the `values` in it, and one newline at its end.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("<<") {
        out.push_str(before);
        let filled = after.split_once(">>").and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        match filled {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push_str("<<");
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(shell("a/b-c.d"), "a/b-c.d");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("it's; $(rm) `x`"), r"'it'\''s; $(rm) `x`'");
        assert_eq!(yaml("a\"b\\c: #d"), r#""a\"b\\c: #d""#);
        // What was filled in is not looked at again.
        assert_eq!(fill("<<a>> <<b>> << <<c>>", &[("a", "<<b>>"), ("b", "2")]), "<<b>> 2 << <<c>>");
    }

    #[test]
    fn names_are_those_of_their_kind() {
        for (kind, right) in [
            (Kind::Label, "ch8-grade"),
            (Kind::Subdomain, "claim.of-1"),
            (Kind::Image, "registry.example.org:5000/Team/ch8@sha256:0aF"),
        ] {
            checked(kind, "--x", right).unwrap();
        }
        for (kind, wrong) in [
            (Kind::Label, ""),
            (Kind::Label, "-x"),
            (Kind::Label, "x-"),
            (Kind::Label, "Upper"),
            (Kind::Label, "a b"),
            (Kind::Label, "a\nb"),
            (Kind::Subdomain, "a/b"),
            (Kind::Image, "a b"),
            (Kind::Image, "a\"b"),
            (Kind::Image, "a$(b)c"),
        ] {
            assert!(checked(kind, "--x", wrong).is_err(), "{wrong:?}");
        }
        assert!(checked(Kind::Label, "--x", &"x".repeat(41)).is_err());
        for wrong in ["a\nb", "${{ github.token }}", "$(HOME)", "a\u{7f}"] {
            assert!(path("--x", Path::new(wrong)).is_err(), "{wrong:?}");
        }
    }
}
