//! What follows from what comes over the connection, and from the time: the way into the room, and back into it.

use std::time::{Duration, Instant};

use super::people::People;
use super::state::{Action, State, pauses};
use super::transcript::Kind;
use super::wire::{Heard, Line, Lines, Place};

/// What is new of a connection.
#[derive(Debug)]
pub(crate) enum News {
    /// The server said this.
    Heard(Vec<u8>),
    /// It is over, or was never made: nothing else will come of it.
    Ended(anyhow::Error),
}

/// How it stands with the connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The server has not said yet what it wants.
    Dialling,
    /// It wants a name, and the user has to say it.
    Asked,
    /// It was given the name, and has until then to take it.
    Entering { until: Instant },
    /// We are in the room.
    Joined,
    /// It is gone, and why. It will be dialled again, in so many seconds when this was told last.
    Lost { why: String, until: Instant, seconds: u64 },
    /// The server has let us go: the user says when it is dialled again.
    Dismissed,
    /// The user wants to go, and waits until then for what is still to come.
    Leaving { until: Instant },
}

impl State {
    /// Takes in what is new of the connection.
    pub(crate) fn news(&mut self, news: News, now: Instant) {
        match news {
            News::Heard(bytes) => {
                self.lines.push(&bytes);
                while let Some(line) = self.lines.next(self.place() == Place::Door) {
                    match line {
                        Line::Prompt => self.asked(now),
                        Line::Text(text) => self.told(&text),
                    }
                }
            }
            News::Ended(error) => self.ended(&format!("{error:#}"), now),
        }
    }

    /// When [`State::tick`] wants to be called, if nothing else happens.
    pub(crate) fn wake(&self) -> Option<Instant> {
        match self.link {
            Link::Entering { until } | Link::Leaving { until } => Some(until),
            // When one second less is left.
            Link::Lost { until, seconds, .. } => {
                until.checked_sub(Duration::from_secs(seconds.saturating_sub(1)))
            }
            Link::Dialling | Link::Asked | Link::Joined | Link::Dismissed => None,
        }
    }

    /// Takes in the time.
    pub(crate) fn tick(&mut self, now: Instant) {
        match &mut self.link {
            Link::Entering { until } if *until <= now => {
                self.hang_up(format!("did not let us in in {:?}", self.timeout), now);
            }
            Link::Leaving { until } if *until <= now => self.actions.push_back(Action::Quit),
            Link::Lost { until, .. } if *until <= now => self.dial(),
            Link::Lost { until, seconds, .. } => *seconds = seconds_left(*until, now),
            _ => {}
        }
    }

    /// Gives the server our name.
    pub(super) fn give(&mut self, name: String, now: Instant) {
        self.link = Link::Entering { until: now + self.timeout };
        self.actions.push_back(Action::Send(format!("{name}\n")));
        self.given = Some(name);
    }

    /// Makes a new connection.
    pub(super) fn dial(&mut self) {
        self.lines = Lines::default();
        self.dismissed = false;
        self.link = Link::Dialling;
        self.actions.push_back(Action::Dial);
    }

    fn place(&self) -> Place {
        match self.link {
            Link::Joined | Link::Leaving { .. } if self.entered => Place::Entered,
            Link::Joined | Link::Leaving { .. } => Place::Room,
            _ => Place::Door,
        }
    }

    /// The server asks for a name.
    fn asked(&mut self, now: Instant) {
        match (&self.link, self.given.take()) {
            (Link::Leaving { .. } | Link::Joined, given) => self.given = given,
            (Link::Dialling, Some(name)) => self.give(name, now),
            // It asks again: the name was refused. When we come back that may be since our old connection is
            // still there.
            (Link::Entering { .. }, given) if self.name.is_some() => {
                self.given = given;
                let refusal = self.transcript.last().map(|entry| entry.text.clone());
                self.hang_up(refusal.unwrap_or_default(), now);
            }
            _ => self.link = Link::Asked,
        }
    }

    fn told(&mut self, line: &str) {
        let heard = Heard::new(line, self.place(), &self.people);
        self.entered = false;
        match heard {
            Heard::Welcome(name) => self.welcome(name),
            Heard::Here(names) => {
                self.transcript.push(Kind::Event, line);
                names.into_iter().for_each(|name| self.people.add(name));
            }
            Heard::Arrived(name) => {
                self.transcript.push(Kind::Event, line);
                self.people.add(name);
            }
            Heard::Left(name) => {
                self.transcript.push(Kind::Event, line);
                self.people.remove(&name);
            }
            Heard::Said { name, text } => {
                if self.name.as_ref() == Some(&name)
                    && let Some(heard) = self.unheard.iter().position(|line| *line == text)
                {
                    // One order for all: those before it were skipped for us, or will not come any more.
                    self.unheard.drain(..=heard);
                }
                self.transcript.push(Kind::Said { name: name.len() }, line);
                self.people.add(name);
            }
            Heard::Skipped(n) => {
                let messages = if n == 1 { "message" } else { "messages" };
                self.gap(&format!("{n} {messages} skipped"));
                self.people.miss();
            }
            Heard::Farewell(why) => {
                self.dismissed = true;
                self.transcript.push(Kind::Notice, why);
            }
            Heard::Other(text) => {
                // Behind a prompt comes an empty line; and what is told at each try is told once.
                let again = || self.transcript.last().is_some_and(|last| last.text == text);
                if self.place() == Place::Room || !(text.is_empty() || again()) {
                    self.transcript.push(Kind::Notice, text);
                }
            }
        }
    }

    fn welcome(&mut self, name: String) {
        if self.name.is_some() {
            self.gap("back: what was said meanwhile is missing");
        }
        self.transcript.push(Kind::Event, format!("You are {name}"));
        self.people = People::default();
        self.people.add(name.clone());
        self.name = Some(name);
        self.entered = true;
        self.link = Link::Joined;
        self.pauses = pauses();
    }

    /// The connection is over.
    fn ended(&mut self, why: &str, now: Instant) {
        match self.link {
            Link::Leaving { .. } => self.actions.push_back(Action::Quit),
            Link::Joined => {
                self.gap("connection lost");
                for line in std::mem::take(&mut self.unheard) {
                    self.transcript.push(Kind::Unheard, format!("perhaps not heard: {line}"));
                }
                self.people = People::default();
                self.lost(why.to_owned(), now);
            }
            _ => self.lost(why.to_owned(), now),
        }
    }

    /// Marks that something is missing.
    fn gap(&mut self, what: &str) {
        self.transcript.push(Kind::Gap, format!("── {what} ──"));
    }

    fn hang_up(&mut self, why: String, now: Instant) {
        self.actions.push_back(Action::HangUp);
        self.lost(why, now);
    }

    fn lost(&mut self, why: String, now: Instant) {
        if self.dismissed {
            self.link = Link::Dismissed;
            return;
        }
        let until = now + self.pauses.next().unwrap_or_default();
        self.link = Link::Lost { why, until, seconds: seconds_left(until, now) };
    }
}

/// The seconds until then, of which the last one has begun.
fn seconds_left(until: Instant, now: Instant) -> u64 {
    let left = until.saturating_duration_since(now);
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests;
