//! Names: what a line gives as one, and which are in use.

use std::collections::HashSet;
use std::net::SocketAddr;

/// Why a name cannot be had.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("A name has at most {0} characters")]
    TooLong(usize),
    #[error("A name has no control characters")]
    Control,
    #[error("The name {0} is in use")]
    InUse(String),
}

/// The names that are in use.
#[derive(Debug)]
pub(crate) struct Names {
    /// The most characters of a name.
    most: usize,
    /// In lower case: two that differ by case alone could be taken for each other.
    taken: HashSet<String>,
}

impl Names {
    /// No name is in use; they may have `most` characters.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, taken: HashSet::new() }
    }

    /// Takes the name that `line` gives; an empty one is the `address`.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub(crate) fn take(&mut self, line: &[u8], address: SocketAddr) -> Result<String, Refusal> {
        // ANCHOR: ex8.14-take
        let line = String::from_utf8_lossy(line);
        let name = match line.trim() {
            "" => address.to_string(),
            name if name.chars().any(char::is_control) => return Err(Refusal::Control),
            name if name.chars().count() > self.most => return Err(Refusal::TooLong(self.most)),
            name => name.to_owned(),
        };
        if self.taken.insert(name.to_lowercase()) { Ok(name) } else { Err(Refusal::InUse(name)) }
        // ANCHOR_END: ex8.14-take
    }

    /// Gives `name` back.
    pub(crate) fn free(&mut self, name: &str) {
        self.taken.remove(&name.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 4321))
    }

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        let mut names = Names::new(5);
        let mut take = |line: &[u8]| names.take(line, address());
        assert_eq!(take(b"  Ann\r"), Ok("Ann".to_owned()));
        assert_eq!(take("Käthe".as_bytes()), Ok("Käthe".to_owned()), "5 characters, 6 bytes");
        assert_eq!(take(b"Robert"), Err(Refusal::TooLong(5)));
        assert_eq!(take(b"a\x1bb"), Err(Refusal::Control));
        assert_eq!(take("a\u{9b}b".as_bytes()), Err(Refusal::Control));
        assert_eq!(take(b"a\xffb"), Ok("a\u{fffd}b".to_owned()));
        assert_eq!(take(b" \t "), Ok("127.0.0.1:4321".to_owned()), "longer than a name may be");
    }

    #[test]
    fn case_makes_no_difference() {
        let mut names = Names::new(32);
        assert_eq!(names.take("Ärger".as_bytes(), address()), Ok("Ärger".to_owned()));
        assert_eq!(names.take("äRGER".as_bytes(), address()), Err(Refusal::InUse("äRGER".to_owned())));
        names.free("Ärger");
        assert_eq!(names.take("äRGER".as_bytes(), address()), Ok("äRGER".to_owned()));
    }
}
