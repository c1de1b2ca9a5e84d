//! The room: who is here, and what each event makes it say to whom, without tasks or sockets.
//!
//! One task owns it, so what it says has one order, and of two clients that give one name at the same instant
//! one comes first.
//!
//! What is said to all is collected until somebody else is to hear it, so that a flood of lines costs each
//! mailbox a message in many lines instead of many messages. Who hears the room must let it
//! [`speak`](Room::speak) when nothing more has happened.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bstr::ByteSlice;
use common::text::push_line;

use crate::names::Names;
use crate::outbox::Said;

/// Events that may wait for the room; then whoever brings more of them waits, and reads no further.
pub(crate) const EVENTS: usize = 256;

/// How long a connection that is over waits for the client's end. Closed with bytes of the client unread, it
/// would be reset, and with it what the client has not read yet.
pub(crate) const LINGER: Duration = Duration::from_millis(250);

/// Bytes of what is said to all at once; with these or more it is said without waiting for more of it.
const AT_ONCE: usize = 16 << 10;

/// Without a newline: the answer is typed behind it.
pub(crate) const PROMPT: &str = "Enter your name: ";

/// Who has a name is told so.
pub(crate) const WELCOME: &str = "You are ";

/// A connection, for as long as the server runs.
pub(crate) type Id = u64;

/// What happens to a client that is connected to the room by its mailbox `M`.
#[derive(Debug)]
pub(crate) enum Event<M> {
    /// It is there, and will be asked for its name.
    Came { id: Id, address: SocketAddr, mailbox: M },
    /// It sent these lines, each with its newline. The first that can be one is its name.
    Said { id: Id, lines: Vec<u8> },
    /// It is going, and is told why if it did not want to.
    Left { id: Id, why: Option<Farewell> },
}

/// Why a client has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Farewell {
    #[error("you were silent for {0:?}; good bye")]
    Idle(Duration),
    #[error("a line has at most {0} bytes; good bye")]
    LongLine(usize),
}

/// How the listening to a client ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It has left.
    Left,
    /// It has to go.
    Dismissed(Farewell),
    /// Everybody has to: nobody needs to be told.
    Stopped,
}

/// The clients, and what is said to them.
#[derive(Debug)]
pub(crate) struct Room<M> {
    clients: BTreeMap<Id, Client<M>>,
    names: Names,
    /// What all who are present will hear, a line for each message.
    text: String,
    /// How many lines that is.
    lines: usize,
}

#[derive(Debug)]
struct Client<M> {
    address: SocketAddr,
    /// None until it has given one: it hears nothing, and nobody sees it.
    name: Option<String>,
    mailbox: M,
}

impl<M> Room<M> {
    /// An empty room, whose names have at most `max_name` characters.
    pub(crate) fn new(max_name: usize) -> Self {
        Self { clients: BTreeMap::new(), names: Names::new(max_name), text: String::new(), lines: 0 }
    }

    /// Takes in what happened, and puts what is to be said into mailboxes with `post`; what all are to hear
    /// waits until the room [speaks](Self::speak). The mailbox of a client that left is dropped after the last
    /// of its messages.
    pub(crate) fn hear(&mut self, event: Event<M>, post: impl Fn(&M, &Said)) {
        match event {
            Event::Came { id, address, mailbox } => {
                post(&mailbox, &Said::one(PROMPT));
                self.clients.insert(id, Client { address, name: None, mailbox });
            }
            Event::Said { id, lines } => {
                for line in lines.lines_with_terminator() {
                    self.line(id, line, &post);
                }
            }
            Event::Left { id, why } => self.leave(id, why, &post),
        }
    }

    /// Says to all who are present what they are to hear by now.
    pub(crate) fn speak(&mut self, post: impl Fn(&M, &Said)) {
        if self.lines > 0 {
            let said = Said::lines(&self.text, self.lines);
            self.present().for_each(|(_, mailbox)| post(mailbox, &said));
            self.text.clear();
            self.lines = 0;
        }
    }

    fn line(&mut self, id: Id, line: &[u8], post: &impl Fn(&M, &Said)) {
        let Some(client) = self.clients.get(&id) else { return };
        let Some(name) = &client.name else { return self.enter(id, line, post) };
        self.text.push_str(name);
        self.text.push_str(": ");
        // Most lines have no control character, once they have lost their newline.
        push_line(&mut self.text, line.strip_suffix(b"\n").unwrap_or(line));
        self.end_line();
        if self.text.len() >= AT_ONCE {
            self.speak(post);
        }
    }

    fn enter(&mut self, id: Id, line: &[u8], post: &impl Fn(&M, &Said)) {
        let Some(client) = self.clients.get(&id) else { return };
        let name = match self.names.take(line, client.address) {
            Ok(name) => name,
            Err(refusal) => return post(&client.mailbox, &Said::one(&format!("{refusal}.\n{PROMPT}"))),
        };
        self.text.push_str(&name);
        self.text.push_str(" has arrived");
        self.end_line();
        // Not to the newcomer.
        self.speak(post);
        // ANCHOR: ex8.12-here
        let others: Vec<&str> = self.present().map(|(name, _)| name).collect();
        let here = match &others[..] {
            [] => "Nobody else is here".to_owned(),
            others => format!("Here: {}", others.join(", ")),
        };
        // ANCHOR_END: ex8.12-here
        // One message, so that there is room for all of it.
        let welcome = Said::one(&format!("{WELCOME}{name}\n{here}\n"));
        if let Some(client) = self.clients.get_mut(&id) {
            post(&client.mailbox, &welcome);
            client.name = Some(name);
        }
    }

    fn leave(&mut self, id: Id, why: Option<Farewell>, post: &impl Fn(&M, &Said)) {
        // Also to who is leaving: it was there when that was said.
        self.speak(post);
        let Some(client) = self.clients.remove(&id) else { return };
        if let Some(why) = why {
            // On a line of its own, also after the prompt.
            let begin = if client.name.is_some() { "" } else { "\n" };
            post(&client.mailbox, &Said::one(&format!("{begin}{why}\n")));
        }
        if let Some(name) = client.name {
            self.names.free(&name);
            self.text.push_str(&name);
            self.text.push_str(" has left");
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.lines += 1;
    }

    /// Those who have a name.
    fn present(&self) -> impl Iterator<Item = (&str, &M)> {
        self.clients.values().filter_map(|client| Some((client.name.as_deref()?, &client.mailbox)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// A room whose mailboxes are names of ours, and what was posted to each.
    struct Trial {
        room: Room<char>,
        posted: RefCell<BTreeMap<char, String>>,
    }

    impl Trial {
        fn new() -> Self {
            Self { room: Room::new(8), posted: RefCell::default() }
        }

        fn event(&mut self, event: Event<char>) {
            let posted = &self.posted;
            let post = |mailbox: &char, said: &Said| {
                posted.borrow_mut().entry(*mailbox).or_default().push_str(&said.text());
            };
            self.room.hear(event, post);
            self.room.speak(post);
        }

        fn came(&mut self, id: Id, mailbox: char) {
            let address = SocketAddr::from(([127, 0, 0, 1], 4000));
            self.event(Event::Came { id, address, mailbox });
        }

        fn said(&mut self, id: Id, lines: &str) {
            self.event(Event::Said { id, lines: lines.into() });
        }

        /// What was posted to `mailbox` since it was asked last.
        fn got(&self, mailbox: char) -> String {
            self.posted.borrow_mut().remove(&mailbox).unwrap_or_default()
        }
    }

    #[test]
    fn a_visit() {
        let mut room = Trial::new();
        room.came(1, 'a');
        room.came(2, 'b');
        assert_eq!(room.got('a'), "Enter your name: ");
        room.said(1, " Ann \n");
        assert_eq!(room.got('a'), "You are Ann\nNobody else is here\n");
        assert_eq!(room.got('b'), "Enter your name: ", "a guest hears nothing");
        room.said(2, "Bob\nhi\x1b[0m\n\n");
        assert_eq!(room.got('b'), "You are Bob\nHere: Ann\nBob: hi[0m\nBob: \n");
        assert_eq!(room.got('a'), "Bob has arrived\nBob: hi[0m\nBob: \n");
        room.event(Event::Left { id: 1, why: None });
        assert_eq!((room.got('a'), room.got('b')), (String::new(), "Ann has left\n".to_owned()));
        room.event(Event::Left { id: 2, why: Some(Farewell::Idle(Duration::from_secs(300))) });
        assert_eq!(room.got('b'), "you were silent for 300s; good bye\n");
    }

    #[test]
    fn a_name_in_use_is_asked_for_again_until_it_is_free() {
        let mut room = Trial::new();
        room.came(1, 'a');
        room.came(2, 'b');
        room.said(1, "Ann\n");
        room.said(2, "ANN\nwaytoolong\n");
        let asked = "Enter your name: The name ANN is in use.\nEnter your name: \
                     A name has at most 8 characters.\nEnter your name: ";
        assert_eq!(room.got('b'), asked);
        room.event(Event::Left { id: 1, why: None });
        room.said(2, "ANN\n");
        assert_eq!(room.got('b'), "You are ANN\nNobody else is here\n");
    }

    #[test]
    fn a_guest_that_leaves_was_never_there() {
        let mut room = Trial::new();
        room.came(1, 'a');
        room.said(1, "Ann\n");
        room.came(2, 'b');
        room.got('a');
        room.event(Event::Left { id: 2, why: Some(Farewell::LongLine(10)) });
        assert_eq!(room.got('a'), "");
        assert_eq!(room.got('b'), "Enter your name: \na line has at most 10 bytes; good bye\n");
        room.said(2, "late\n");
        assert_eq!(room.got('b'), "");
    }
}
