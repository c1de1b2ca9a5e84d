//! The file of each URL: `HOST[_PORT]/path`, readable, allowed by every file system, and each its own.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Write;

use percent_encoding::percent_decode_str;
use url::Url;

use super::hash;
use crate::content::Content;

/// The longest name of a file or folder, in bytes; most file systems take 255.
const LONGEST_NAME: usize = 200;

/// The longest path of a file, in bytes.
const LONGEST_PATH: usize = 1000;

/// Digits of a hash that tell names apart.
const DIGITS: usize = 12;

/// What is left in a path for slashes and for hashes that tell names apart.
const ROOM: usize = 64;

/// The names that are given, in the folder of the copy.
#[derive(Default)]
pub(super) struct Names {
    /// By what is the same name to a file system that does not tell upper from lower case.
    taken: HashMap<String, Taken>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    File,
    Folder,
}

impl Names {
    /// Takes `path` as it is, if no other has it; for names of an earlier time.
    pub(super) fn keep(&mut self, path: &str) -> bool {
        let folders = folders(path).all(|folder| self.taken.get(&folded(folder)) != Some(&Taken::File));
        let free = folders && !self.taken.contains_key(&folded(path));
        if free {
            self.take(path);
        }
        free
    }

    /// A name for what is at `url`. What it is depends on the names that were given before.
    pub(super) fn give(&mut self, url: &Url, content: Content) -> String {
        let wanted = self.free_folders(&wanted(url, content));
        let mut path = wanted.clone();
        let mut seed = url.as_str().to_owned();
        while !self.keep(&path) {
            path = marked(&wanted, &hash(&seed)[..DIGITS]);
            seed.push('~');
        }
        path
    }

    fn take(&mut self, path: &str) {
        for folder in folders(path) {
            self.taken.insert(folded(folder), Taken::Folder);
        }
        self.taken.insert(folded(path), Taken::File);
    }

    /// `path`, its folders renamed that have the name of a file. All that is below goes to the same one.
    fn free_folders(&self, path: &str) -> String {
        let mut free = String::new();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let start = free.len();
            free.push_str(part);
            if parts.peek().is_none() {
                break;
            }
            let mut seed = free.clone();
            while self.taken.get(&folded(&free)) == Some(&Taken::File) {
                free.truncate(start + part.len());
                let _ = write!(free, "~{}", &hash(&seed)[..DIGITS]);
                seed.push('~');
            }
            free.push('/');
        }
        free
    }
}

/// The folders that `path` is in, the outermost first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn folded(path: &str) -> String {
    path.to_lowercase()
}

/// The name that `url` would have if there were no other.
fn wanted(url: &Url, content: Content) -> String {
    let mut host = cut(escaped(url.host_str().unwrap_or_default()), "", url);
    if let Some(port) = url.port() {
        let _ = write!(host, "_{port}");
    }
    // `.crawler` is where the copy keeps what it needs to know.
    let mut path = host.strip_prefix('.').map(|rest| format!("%2E{rest}")).unwrap_or(host);

    let (folders, last) = url.path().rsplit_once('/').unwrap_or_default();
    let file = file(last, url, content);
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        let folder = cut(escaped(folder), "", url);
        if path.len() + folder.len() + file.len() + ROOM > LONGEST_PATH {
            let _ = write!(path, "/~{}", &hash(url.as_str())[..DIGITS]);
            break;
        }
        path.push('/');
        path.push_str(&folder);
    }
    path.push('/');
    path.push_str(&file);
    path
}

/// The name of a file: `name@query.ext`, with the extension that its content needs.
fn file(last: &str, url: &Url, content: Content) -> String {
    let last = if last.is_empty() { "index" } else { last };
    let (stem, own) = split(last);
    let (stem, extension) = match content.extensions() {
        // A server's own kind of page (`x.php`) keeps its name, and is told from `x.html`.
        [usual, ..] if !content.extensions().iter().any(|known| own.eq_ignore_ascii_case(known)) => {
            (last, *usual)
        }
        _ => (stem, own),
    };
    let mut name = decoded(stem);
    if let Some(query) = url.query() {
        name.push('@');
        name.push_str(&decoded(query));
    }
    if extension.is_empty() {
        return cut(safe(name), "", url);
    }
    let whole = safe(format!("{name}.{extension}"));
    cut(whole, extension, url)
}

/// The name and its extension, which is short and plain, or else is none.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=8).contains(&extension.len())
                && extension.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            (stem, extension)
        }
        _ => (name, ""),
    }
}

fn escaped(segment: &str) -> String {
    safe(decoded(segment))
}

/// `text` without percent-encoding, where that shows characters that a name may have.
fn decoded(text: &str) -> String {
    let bytes: Vec<u8> = percent_decode_str(text).collect();
    let mut name = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_refused(c) {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    escape(&mut name, byte);
                }
            } else {
                name.push(c);
            }
        }
        for byte in chunk.invalid() {
            escape(&mut name, *byte);
        }
    }
    name
}

/// Whether some file system refuses `c` in a name, or a reader can't see it. The sign of an escape counts too.
fn is_refused(c: char) -> bool {
    let unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || unseen || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%')
}

fn escape(name: &mut String, byte: u8) {
    let _ = write!(name, "%{byte:02X}");
}

/// `name` without what is refused at its ends, or as a whole: dots and spaces at the end, and names of devices.
fn safe(mut name: String) -> String {
    if let Some(last @ ('.' | ' ')) = name.chars().last() {
        name.pop();
        let _ = write!(name, "%{:02X}", u32::from(last));
    }
    if is_device(&name) {
        let first = name.remove(0);
        name.insert_str(0, &format!("%{:02X}", u32::from(first)));
    }
    name
}

/// Whether Windows takes `name` for a device, whatever its extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |kind| stem.strip_prefix(kind).is_some_and(|n| n.chars().count() == 1 && "0123456789¹²³".contains(n));
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

/// `name`, which ends with `extension`, cut if it is too long, and then marked as that of `url`.
fn cut(name: String, extension: &str, url: &Url) -> String {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let mut end = LONGEST_NAME - extension.len() - 2 - DIGITS;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{}~{}{dot}{extension}", &name[..end], &hash(url.as_str())[..DIGITS])
}

/// `path` with a `mark` before the extension.
fn marked(path: &str, mark: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = split(name);
    let mut end = stem.len().min(LONGEST_NAME);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{folder}/{}~{mark}{dot}{extension}", &stem[..end])
}
