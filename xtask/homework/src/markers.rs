//! Holes in a source text: what stands between `// ANCHOR: NAME` and `// ANCHOR_END: NAME`.
//!
//! The form is mdBook's, so that a book can show the same regions. A marker is alone on its line and indented as the
//! code that it is about.

use std::collections::BTreeMap;
use std::fmt;

/// What a marker begins with, on whichever line.
const BEGIN: &str = "ANCHOR:";
const END: &str = "ANCHOR_END:";

/// A text in parts, which together are the whole of it.
pub struct Source<'t> {
    parts: Vec<Part<'t>>,
}

/// Each part is of whole lines, their ends included.
enum Part<'t> {
    /// What is given: all that is not in a hole, and the markers.
    Given(&'t str),
    Hole(Hole<'t>),
}

/// What is to be written.
pub struct Hole<'t> {
    /// What its markers call it.
    pub name: &'t str,
    /// The blanks before its first marker.
    indent: &'t str,
    /// The blanks before its second.
    end: &'t str,
    /// Where its body begins, counted from 1.
    pub line: usize,
    /// The lines between them.
    pub body: &'t str,
}

/// What is wrong with a text's markers.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// A line that is a marker.
struct Marker<'t> {
    begins: bool,
    name: &'t str,
    indent: &'t str,
}

/// A hole whose end is still to come.
struct Open<'t> {
    marker: Marker<'t>,
    line: usize,
    /// Where its body begins.
    body: usize,
}

impl<'t> Source<'t> {
    /// Finds the holes of `text`.
    ///
    /// # Errors
    /// As [`Source::find`], and when a marker is indented otherwise than the code, or when nothing is between the two.
    pub fn parse(text: &'t str) -> Result<Self, Fault> {
        let source = Self::find(text)?;
        for hole in source.holes() {
            indented(hole)?;
        }
        Ok(source)
    }

    /// Finds the holes of `text`, whatever is in them: somebody may be at work there.
    ///
    /// # Errors
    /// When a marker is malformed, nested, repeated, not closed or closed without being open.
    pub fn find(text: &'t str) -> Result<Self, Fault> {
        let mut parts: Vec<Part<'t>> = Vec::new();
        let (mut open, mut given, mut at) = (None::<Open<'t>>, 0, 0);
        for (n, line) in text.split_inclusive('\n').enumerate() {
            let fault = |what| Fault { line: n + 1, what };
            let next = at + line.len();
            open = match (marker(line).map_err(fault)?, open) {
                (None, open) => open,
                (Some(marker), None) => {
                    begins(&marker, &parts).map_err(fault)?;
                    parts.push(Part::Given(&text[given..next]));
                    Some(Open { marker, line: n + 1, body: next })
                }
                (Some(marker), Some(open)) => {
                    ends(&marker, &open.marker).map_err(fault)?;
                    let Marker { name, indent, .. } = open.marker;
                    let (end, line, body) = (marker.indent, open.line + 1, &text[open.body..at]);
                    parts.push(Part::Hole(Hole { name, indent, end, line, body }));
                    given = at;
                    None
                }
            };
            at = next;
        }
        if let Some(open) = open {
            return Err(Fault { line: open.line, what: format!("`{}` has no end", open.marker.name) });
        }
        parts.push(Part::Given(&text[given..]));
        Ok(Self { parts })
    }

    /// The holes, as they come.
    pub fn holes(&self) -> impl Iterator<Item = &Hole<'t>> {
        holes(&self.parts)
    }

    /// The text with other bodies for the holes to which `body` gives one.
    fn with(&self, body: impl Fn(usize, &Hole<'t>) -> Option<String>) -> String {
        let mut text = String::new();
        for (n, part) in self.parts.iter().enumerate() {
            match part {
                Part::Given(given) => text.push_str(given),
                Part::Hole(hole) => text.push_str(body(n, hole).as_deref().unwrap_or(hole.body)),
            }
        }
        text
    }

    /// The text with a replacement for each hole to which `replacement` gives one, indented as the hole is.
    ///
    /// In front of more code a `todo!(…)` is a statement and gets its semicolon.
    pub fn emptied(&self, replacement: impl Fn(&str) -> Option<String>) -> String {
        self.with(|n, hole| {
            let text = replacement(hole.name)?;
            let statement = text.starts_with("todo!(") && text.ends_with(')') && !self.closes_a_block(n);
            let mut body = String::new();
            for line in text.lines() {
                if !line.is_empty() {
                    body.push_str(hole.indent);
                    body.push_str(line);
                }
                body.push('\n');
            }
            if statement {
                body.insert(body.len() - 1, ';');
            }
            Some(body)
        })
    }

    /// Whether nothing but the end of a block comes after the hole that is the part `n`.
    fn closes_a_block(&self, n: usize) -> bool {
        let Some(Part::Given(given)) = self.parts.get(n + 1) else { return true };
        let mut after = given.lines().skip(1).map(str::trim_start).filter(|line| !line.is_empty());
        after.next().is_none_or(|line| line.starts_with('}'))
    }

    /// The text with another body, of whole lines, for each hole to which `body` gives one.
    pub fn filled(&self, body: impl Fn(&str) -> Option<String>) -> String {
        self.with(|_, hole| body(hole.name))
    }

    /// The text with the bodies that the holes named by `which` have in `solution`.
    #[cfg(test)]
    pub fn restored(&self, solution: &Source<'_>, which: impl Fn(&str) -> bool) -> String {
        self.with(|_, hole| {
            let mut there = solution.holes().filter(|there| which(there.name));
            there.find(|there| there.name == hole.name).map(|there| there.body.to_owned())
        })
    }
}

/// The bodies of the holes of `text` whose markers follow one another, whatever is wrong with other markers.
pub fn legible(text: &str) -> BTreeMap<&str, &str> {
    let (mut bodies, mut open, mut at) = (BTreeMap::new(), None, 0);
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        open = match (marker(line), open) {
            (Ok(None), open) => open,
            (Ok(Some(Marker { begins: true, name, .. })), _) => Some((name, next)),
            (Ok(Some(Marker { name, .. })), Some((begun, body))) if begun == name => {
                bodies.insert(name, &text[body..at]);
                None
            }
            _ => None,
        };
        at = next;
    }
    bodies
}

fn holes<'p, 't>(parts: &'p [Part<'t>]) -> impl Iterator<Item = &'p Hole<'t>> {
    parts.iter().filter_map(|part| match part {
        Part::Hole(hole) => Some(hole),
        Part::Given(_) => None,
    })
}

/// What `line` marks, if it is a marker.
fn marker(line: &str) -> Result<Option<Marker<'_>>, String> {
    if !line.contains(BEGIN) && !line.contains(END) {
        return Ok(None);
    }
    let code = line.trim_start();
    let indent = &line[..line.len() - code.len()];
    let comment = code.strip_prefix("// ");
    let begin = comment.and_then(|c| c.strip_prefix(BEGIN)).map(|name| (true, name));
    let end = || comment.and_then(|c| c.strip_prefix(END)).map(|name| (false, name));
    let Some((begins, name)) = begin.or_else(end) else {
        return Err(format!("a marker is alone on its line: `// {BEGIN} NAME` or `// {END} NAME`"));
    };
    let Some(name) =
        name.strip_prefix(' ').map(|name| name.trim_end_matches('\n')).filter(|name| named(name))
    else {
        return Err("a hole's name is of letters, digits, dots and dashes, after one blank".to_owned());
    };
    Ok(Some(Marker { begins, name, indent }))
}

/// Holds when a hole may begin with `marker` after these `parts`.
fn begins(marker: &Marker<'_>, parts: &[Part<'_>]) -> Result<(), String> {
    let name = marker.name;
    if !marker.begins {
        return Err(format!("`{name}` ends here, but does not begin"));
    }
    if holes(parts).any(|hole| hole.name == name) {
        return Err(format!("a second hole `{name}`"));
    }
    Ok(())
}

/// Holds when the hole that began with `begin` may end with `end`.
fn ends(end: &Marker<'_>, begin: &Marker<'_>) -> Result<(), String> {
    let (inner, outer) = (end.name, begin.name);
    if end.begins {
        return Err(format!("`{inner}` begins within `{outer}`: holes are not nested"));
    }
    if inner != outer {
        return Err(format!("`{inner}` ends within `{outer}`"));
    }
    Ok(())
}

/// Whether a hole may have this name.
pub fn named(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
}

/// Holds when the first line of code in `hole` is indented as the markers are, and none less.
fn indented(hole: &Hole<'_>) -> Result<(), Fault> {
    let Hole { name, indent, .. } = *hole;
    let mut lines = hole.body.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((n, first)) = lines.next() else {
        return Err(Fault { line: hole.line - 1, what: format!("`{name}` has nothing in it") });
    };
    if hole.end != indent {
        let line = hole.line + hole.body.lines().count();
        return Err(Fault {
            line,
            what: format!("the end of `{name}` is indented otherwise than its begin"),
        });
    }
    let exactly = first.len() - first.trim_start().len() == indent.len();
    let less = lines.find(|(_, line)| !line.starts_with(indent)).map(|(n, _)| n);
    match (first.starts_with(indent) && exactly, less) {
        (true, None) => Ok(()),
        (first, less) => {
            let line = hole.line + if first { less.unwrap_or(n) } else { n };
            Err(Fault { line, what: format!("`{name}` is not indented as its markers are") })
        }
    }
}

#[cfg(test)]
mod tests;
