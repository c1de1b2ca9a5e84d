//! The whole of the client: what is known, and what follows from what the user does. What follows from what
//! comes over the connection is in [`link`](super::link).
//!
//! It does nothing itself and asks for no time: it is given what came and when, and says what is to be done
//! ([`State::action`]) and when it wants to be asked again ([`State::wake`]).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use common::backoff;
use tui_input::InputRequest;

use super::REDIAL;
use super::editor::Editor;
use super::keys::{Key, Keys};
use super::link::Link;
use super::people::People;
use super::transcript::{Kind, Transcript};
use super::wire::Lines;
use crate::cli::Join;

/// The longest wait for the server's end when the user wants to go.
const PARTING: Duration = Duration::from_secs(5);

/// Lines that may be on their way to the room and back.
const UNHEARD: usize = 1000;

/// What the event loop has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Make a connection.
    Dial,
    /// Send a line. Who cannot says so by [`State::not_sent`].
    Send(String),
    /// Send what is left, then close the write half.
    Finish,
    /// Give the connection up, whatever it is doing.
    HangUp,
    /// Draw everything anew, also what should be there already.
    Redraw,
    /// End, as the user wants it.
    Quit,
    /// End, interrupted by the user.
    Interrupt,
}

/// The state of a client.
pub(crate) struct State {
    pub(super) address: String,
    /// How long the server may take to let us in.
    pub(super) timeout: Duration,
    pub(super) link: Link,
    /// The name that we give when we are asked; without one the user is.
    pub(super) given: Option<String>,
    /// Our name in the room, once we were let in. From then on we come back by ourselves.
    pub(super) name: Option<String>,
    pub(super) people: People,
    pub(super) transcript: Transcript,
    pub(super) editor: Editor,
    /// What the user should know, until the next key.
    pub(super) hint: Option<&'static str>,
    /// Lines of ours that we have not heard yet: everybody hears what they say themselves.
    pub(super) unheard: VecDeque<String>,
    pub(super) lines: Lines,
    /// The next line tells who is here.
    pub(super) entered: bool,
    /// The server has said good bye.
    pub(super) dismissed: bool,
    pub(super) pauses: Pauses,
    pub(super) actions: VecDeque<Action>,
    keys: Keys,
}

/// How long to wait before the server is dialled again; longer each time.
pub(super) type Pauses = Box<dyn Iterator<Item = Duration> + Send>;

pub(super) fn pauses() -> Pauses {
    Box::new(backoff::pauses(REDIAL.0, REDIAL.1))
}

impl State {
    /// The state of a client whose first connection is being made.
    pub(crate) fn new(options: &Join) -> Self {
        Self {
            address: options.address.clone(),
            timeout: options.timeout,
            link: Link::Dialling,
            given: options.name.clone(),
            name: None,
            people: People::default(),
            transcript: Transcript::default(),
            editor: Editor::default(),
            hint: None,
            unheard: VecDeque::new(),
            lines: Lines::default(),
            entered: false,
            dismissed: false,
            pauses: pauses(),
            actions: VecDeque::new(),
            keys: Keys::default(),
        }
    }

    /// The next thing to do, if there is any.
    pub(crate) fn action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Takes in one read of the keyboard. An empty one is its end: nobody is there any more.
    pub(crate) fn typed(&mut self, bytes: &[u8], now: Instant) {
        if bytes.is_empty() {
            self.actions.push_back(Action::Quit);
        }
        for key in self.keys.press(bytes) {
            self.hint = None;
            self.press(key, now);
        }
    }

    /// Takes back a line that could not be sent: it is in the input line again, or told if something else is there.
    pub(crate) fn not_sent(&mut self, line: &str) {
        let line = line.trim_end_matches('\n');
        if let Some(last) = self.unheard.iter().rposition(|unheard| unheard == line) {
            self.unheard.remove(last);
        }
        if self.editor.text().is_empty() {
            self.editor.set(line);
        } else {
            self.transcript.push(Kind::Unheard, format!("not sent: {line}"));
        }
        self.hint = Some("not sent: the server does not read");
    }

    fn press(&mut self, key: Key, now: Instant) {
        match key {
            Key::Text(text) => {
                if !self.editor.insert(&text) {
                    self.hint = Some("the line is full");
                }
            }
            Key::Enter => self.enter(now),
            Key::Ctrl('c') => self.actions.push_back(Action::Interrupt),
            Key::Ctrl('d') if self.editor.text().is_empty() => self.leave(now),
            Key::Ctrl('l') => self.actions.push_back(Action::Redraw),
            Key::Up => self.editor.older(),
            Key::Down => self.editor.newer(),
            Key::PageUp => self.transcript.page_up(),
            Key::PageDown => self.transcript.page_down(),
            Key::ScrollUp => self.transcript.up(1),
            Key::ScrollDown => self.transcript.down(1),
            Key::ScrollHome => self.transcript.home(),
            Key::ScrollEnd | Key::Escape => self.transcript.end(),
            key => {
                if let Some(request) = edit(&key) {
                    self.editor.edit(request);
                }
            }
        }
    }

    /// What is in the input line is said, or is our name; or stays, when there is nobody to hear it.
    fn enter(&mut self, now: Instant) {
        match self.link {
            Link::Asked => {
                let name = self.editor.take();
                self.give(name, now);
            }
            Link::Joined if self.editor.text().is_empty() => {}
            Link::Joined => {
                let line = self.editor.enter();
                if self.unheard.len() == UNHEARD {
                    // There are servers that do not tell us what we said.
                    self.unheard.pop_front();
                }
                self.unheard.push_back(line.clone());
                self.actions.push_back(Action::Send(line + "\n"));
                self.transcript.end();
            }
            Link::Dismissed => self.dial(),
            _ if self.editor.text().is_empty() => {}
            _ => self.hint = Some("not sent: there is no connection"),
        }
    }

    /// Ends as soon as what was said is sent.
    fn leave(&mut self, now: Instant) {
        match self.link {
            Link::Asked | Link::Entering { .. } | Link::Joined => {
                self.link = Link::Leaving { until: now + self.timeout.min(PARTING) };
                self.actions.push_back(Action::Finish);
            }
            _ => self.actions.push_back(Action::Quit),
        }
    }
}

/// What a key does to the input line.
fn edit(key: &Key) -> Option<InputRequest> {
    Some(match key {
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete | Key::Ctrl('d') => InputRequest::DeleteNextChar,
        Key::DeleteWord => InputRequest::DeletePrevWord,
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::WordLeft => InputRequest::GoToPrevWord,
        Key::WordRight => InputRequest::GoToNextWord,
        Key::Home => InputRequest::GoToStart,
        Key::End => InputRequest::GoToEnd,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        Key::Ctrl('u') => InputRequest::DeleteFromStart,
        Key::Ctrl('y') => InputRequest::Yank,
        _ => return None,
    })
}

#[cfg(test)]
impl State {
    /// The state of `chat join host:1` with these flags.
    pub(super) fn with_flags(flags: &[&str]) -> Self {
        use clap::Parser;
        let args = ["chat", "join", "host:1"].iter().chain(flags);
        match crate::cli::Cli::parse_from(args).command {
            crate::cli::Command::Join(options) => Self::new(&options),
            crate::cli::Command::Serve(_) => unreachable!(),
        }
    }
}
