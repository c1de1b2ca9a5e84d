//! What a server says: bytes that are cut anywhere into lines, and lines into what they mean.
//!
//! The wire is text made for people, so a line can mean two things. Who is here decides most of it: a line that
//! begins with the name of somebody present and a colon was said by them. What stays open: a name with ", " in
//! it looks like two in the list of who is here, and of a speaker whose arrival was skipped it is a guess where
//! the name ends.

use common::text::push_line;

use super::people::People;
use crate::room::{PROMPT, WELCOME};

/// The most bytes of a line that are shown; the rest of it is dropped.
const MOST: usize = 64 << 10;

/// How a farewell of the server ends: it has let us go, we were not lost.
const FAREWELL: &str = "; good bye";

/// Bytes into lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// The line was longer than what is shown; what comes up to its end is dropped.
    dropping: bool,
}

/// A piece of what a server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// It asks for a name: no newline follows.
    Prompt,
    /// A line, without control characters.
    Text(String),
}

impl Lines {
    /// Takes in what came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line that is complete. Only `at_the_door` is a prompt one: later it is what somebody says.
    pub(super) fn next(&mut self, at_the_door: bool) -> Option<Line> {
        loop {
            let rest = &self.bytes[self.start..];
            if at_the_door && !self.dropping && rest.starts_with(PROMPT.as_bytes()) {
                self.start += PROMPT.len();
                return Some(Line::Prompt);
            }
            let end = rest.iter().position(|&byte| byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len()).min(MOST + 1)];
            if end.is_none() && line.len() <= MOST && !self.dropping {
                return None;
            }
            let mut text = String::new();
            push_line(&mut text, &line[..line.len().min(MOST)]);
            if line.len() > MOST {
                text.push('…');
            }
            self.start += end.map_or(rest.len(), |end| end + 1);
            let dropped = std::mem::replace(&mut self.dropping, end.is_none());
            if !dropped {
                return Some(Line::Text(text));
            }
            end?;
        }
    }
}

/// Where we are, which decides what a line can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Not let in yet.
    Door,
    /// Let in by the last line.
    Entered,
    /// In the room.
    Room,
}

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// We are in, under this name.
    Welcome(String),
    /// These others are here too.
    Here(Vec<String>),
    Arrived(String),
    Left(String),
    Said {
        name: String,
        text: String,
    },
    /// So many messages did not fit into our queue at the server.
    Skipped(u64),
    /// We have to go, and why.
    Farewell(String),
    /// Something else, like why a name cannot be had.
    Other(String),
}

impl Heard {
    /// What `line` means at this `place`, when these `people` are here.
    pub(super) fn new(line: &str, place: Place, people: &People) -> Self {
        if place == Place::Door {
            return match line.strip_prefix(WELCOME) {
                Some(name) => Self::Welcome(name.to_owned()),
                None if line.ends_with(FAREWELL) => Self::Farewell(line.to_owned()),
                None => Self::Other(line.to_owned()),
            };
        }
        if place == Place::Entered {
            if line == "Nobody else is here" {
                return Self::Here(Vec::new());
            }
            if let Some(names) = line.strip_prefix("Here: ") {
                return Self::Here(names.split(", ").map(str::to_owned).collect());
            }
        }
        let said = |name: &str| Self::Said { name: name.to_owned(), text: line[name.len() + 2..].to_owned() };
        if let Some(name) = people.speaker(line) {
            return said(name);
        }
        if let Some(n) = skipped(line) {
            return Self::Skipped(n);
        }
        if let Some(name) = line.strip_suffix(" has arrived") {
            return Self::Arrived(name.to_owned());
        }
        if let Some(name) = line.strip_suffix(" has left") {
            return Self::Left(name.to_owned());
        }
        match line.split_once(": ") {
            // Somebody whose arrival we have missed.
            Some((name, _)) if people.some_missed() => said(name),
            // Who lets us go puts no name before it.
            None if line.ends_with(FAREWELL) => Self::Farewell(line.to_owned()),
            _ => Self::Other(line.to_owned()),
        }
    }
}

/// The number in `… 12 messages skipped`.
fn skipped(line: &str) -> Option<u64> {
    let (n, rest) = line.strip_prefix("… ")?.split_once(' ')?;
    matches!(rest, "message skipped" | "messages skipped").then(|| n.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::room::Farewell;

    fn lines(pieces: &[&[u8]], at_the_door: bool) -> Vec<Line> {
        let mut lines = Lines::default();
        let mut all = Vec::new();
        for piece in pieces {
            lines.push(piece);
            all.extend(std::iter::from_fn(|| lines.next(at_the_door)));
        }
        all
    }

    fn text(text: &str) -> Line {
        Line::Text(text.to_owned())
    }

    #[test]
    fn a_prompt_needs_no_newline() {
        let refused = b"Enter your name: The name ann is in use.\nEnter your name: ";
        assert_eq!(lines(&[refused], true), [Line::Prompt, text("The name ann is in use."), Line::Prompt]);
        // A name can be anything.
        assert_eq!(lines(&[b"Enter your name: hi\n"], false), [text("Enter your name: hi")]);
    }

    #[test]
    fn no_control_character_and_no_malformed_byte_is_left() {
        assert_eq!(
            lines(&[b"bob: \x1b[2J\xc2\x9b1ma\xffb\r\n\n"], false),
            [text("bob: [2J1ma\u{fffd}b"), text("")]
        );
    }

    #[test]
    fn a_line_is_bounded() {
        let exact = "x".repeat(MOST);
        let long = format!("{exact}yz\nb: c\n{exact}\n");
        let cut = format!("{exact}…");
        assert_eq!(lines(&[long.as_bytes()], false), [text(&cut), text("b: c"), text(&exact)]);
        let mut lines = Lines::default();
        for _ in 0..1000 {
            lines.push(&[b'x'; 8 << 10]);
            while lines.next(true).is_some() {}
            assert!(lines.bytes.len() <= 2 * MOST, "{} bytes kept", lines.bytes.len());
        }
    }

    proptest! {
        #[test]
        fn where_it_is_cut_makes_no_difference(
            parts in prop::collection::vec(
                prop_oneof![
                    Just(PROMPT.as_bytes().to_vec()),
                    Just("Enter your na\n".as_bytes().to_vec()),
                    Just("bob: grüße 🦀\r\n".as_bytes().to_vec()),
                    Just([&[b'x'; MOST][..], b"yy\n"].concat()),
                    prop::collection::vec(any::<u8>(), 0..20),
                ],
                0..6,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            at_the_door: bool,
        ) {
            let all = parts.concat();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(all.len() + 1)).collect();
            cuts.extend([0, all.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &all[cut[0]..cut[1]]).collect();
            prop_assert_eq!(lines(&pieces, at_the_door), lines(&[&all], at_the_door));
        }
    }

    fn said(name: &str, text: &str) -> Heard {
        Heard::Said { name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn what_lines_mean() {
        let people = People::of(["ann", "bob", "bob: the", "bob: the builder"]);
        let room = |line: &str| Heard::new(line, Place::Room, &people);
        assert_eq!(room("ann: hi: there"), said("ann", "hi: there"));
        assert_eq!(room("ann: "), said("ann", ""));
        assert_eq!(room("ann: carl has arrived"), said("ann", "carl has arrived"));
        assert_eq!(room("bob: the builder: hi"), said("bob: the builder", "hi"));
        assert_eq!(room("bob: the bold"), said("bob", "the bold"));
        assert_eq!(room("carl has arrived"), Heard::Arrived("carl".to_owned()));
        assert_eq!(room("bob: the has left"), said("bob", "the has left"), "it could mean both");
        assert_eq!(room("ann has left"), Heard::Left("ann".to_owned()));
        assert_eq!(room("… 12 messages skipped"), Heard::Skipped(12));
        assert_eq!(room("… 1 message skipped"), Heard::Skipped(1));
        assert_eq!(room("… some messages skipped"), Heard::Other("… some messages skipped".to_owned()));
        assert_eq!(room("carl: hi"), Heard::Other("carl: hi".to_owned()));
        assert_eq!(room("You are ann"), Heard::Other("You are ann".to_owned()));
    }

    #[test]
    fn the_way_in() {
        let nobody = People::default();
        let door = |line: &str| Heard::new(line, Place::Door, &nobody);
        assert_eq!(door("You are ann"), Heard::Welcome("ann".to_owned()));
        assert_eq!(door("The name ann is in use."), Heard::Other("The name ann is in use.".to_owned()));
        assert_eq!(door("ann has arrived"), Heard::Other("ann has arrived".to_owned()));
        let people = People::of(["Here"]);
        let entered = |line: &str| Heard::new(line, Place::Entered, &people);
        assert_eq!(entered("Nobody else is here"), Heard::Here(vec![]));
        assert_eq!(entered("Here: bob, zoe"), Heard::Here(vec!["bob".to_owned(), "zoe".to_owned()]));
        assert_eq!(Heard::new("Here: bob", Place::Room, &people), said("Here", "bob"));
    }

    #[test]
    fn a_speaker_whose_arrival_was_skipped() {
        let mut people = People::of(["ann"]);
        people.miss();
        assert_eq!(Heard::new("carl: hi: x", Place::Room, &people), said("carl", "hi: x"));
    }

    #[test]
    fn the_farewells_of_our_server() {
        for farewell in [Farewell::Idle(std::time::Duration::from_secs(300)), Farewell::LongLine(4096)] {
            let line = farewell.to_string();
            for place in [Place::Door, Place::Room] {
                assert_eq!(Heard::new(&line, place, &People::default()), Heard::Farewell(line.clone()));
            }
        }
    }
}
