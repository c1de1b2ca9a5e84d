//! The way into a room: the name is given, and the server's first line says whether it was taken.

use crate::room::{PROMPT, WELCOME};

/// The most bytes that come before it is clear.
const MOST: usize = 64 << 10;

/// The server did not let us in.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not let in: {0}")]
pub(crate) struct Refused(String);

/// What comes before we are in the room.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The name as a line; an empty one is the address.
    pub(crate) line: String,
    heard: Vec<u8>,
}

impl Entry {
    /// The way in as `name`.
    pub(crate) fn new(name: &str) -> Self {
        Self { line: format!("{name}\n"), heard: Vec::new() }
    }

    /// Takes in what came. Once we are in it gives all of it, without the prompt that we have answered.
    ///
    /// # Errors
    /// What the server says instead.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        self.heard.extend_from_slice(bytes);
        // The book's server asks for no name.
        let said = self.heard.strip_prefix(PROMPT.as_bytes()).unwrap_or(&self.heard);
        match said.iter().position(|&byte| byte == b'\n') {
            Some(_) if said.starts_with(WELCOME.as_bytes()) => Ok(Some(said.to_vec())),
            None if said.len() < MOST => Ok(None),
            end => Err(Refused(common::text::printable(&said[..end.unwrap_or(80)]))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_at_any_cut() {
        let all = b"Enter your name: You are ann\nNobody else is here\n";
        for cut in 0..PROMPT.len() + 11 {
            let mut entry = Entry::new("ann");
            assert_eq!(entry.hear(&all[..cut]), Ok(None), "cut at {cut}");
            assert_eq!(entry.hear(&all[cut..]), Ok(Some(all[PROMPT.len()..].to_vec())));
        }
        assert_eq!(Entry::new("").line, "\n");
    }

    #[test]
    fn a_server_that_does_not_ask() {
        let said = b"You are 127.0.0.1:1\n";
        assert_eq!(Entry::new("ann").hear(said), Ok(Some(said.to_vec())));
    }

    #[test]
    fn a_refusal_is_told() {
        let said = b"Enter your name: The name ann is in use.\nEnter your name: ";
        let refused = Entry::new("ann").hear(said).unwrap_err();
        assert_eq!(refused.to_string(), "not let in: The name ann is in use.");
        let refused = Entry::new("ann").hear(b"too many clients\n").unwrap_err();
        assert_eq!(refused.to_string(), "not let in: too many clients");
    }
}
