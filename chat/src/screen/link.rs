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
mod tests {
    use super::*;

    const PROMPT: &str = "Enter your name: ";

    /// A client, and its time.
    struct Trial {
        state: State,
        now: Instant,
    }

    impl Trial {
        fn new(flags: &[&str]) -> Self {
            Self { state: State::with_flags(flags), now: Instant::now() }
        }

        fn heard(&mut self, text: &str) -> Vec<Action> {
            self.state.news(News::Heard(text.as_bytes().to_vec()), self.now);
            self.actions()
        }

        fn ended(&mut self) -> Vec<Action> {
            self.state.news(News::Ended(anyhow::anyhow!("it is gone")), self.now);
            self.actions()
        }

        fn typed(&mut self, text: &str) -> Vec<Action> {
            self.state.typed(text.as_bytes(), self.now);
            self.actions()
        }

        /// What is done at the next time that it wants to be woken, and how long that takes.
        fn woken(&mut self) -> (Duration, Vec<Action>) {
            let wake = self.state.wake().expect("to wait for something");
            let waited = wake.saturating_duration_since(self.now);
            self.now = self.now.max(wake);
            self.state.tick(self.now);
            (waited, self.actions())
        }

        fn actions(&mut self) -> Vec<Action> {
            std::iter::from_fn(|| self.state.action()).collect()
        }

        /// Waits until something is done.
        fn next(&mut self) -> (Duration, Vec<Action>) {
            let mut waited = Duration::ZERO;
            loop {
                let (more, actions) = self.woken();
                waited += more;
                if !actions.is_empty() {
                    return (waited, actions);
                }
            }
        }

        /// All that the transcript shows.
        fn shown(&mut self) -> Vec<String> {
            self.state.transcript.fit(200, 1000);
            let rows = self.state.transcript.rows();
            rows.iter().rev().map(|row| row.entry.text.clone()).collect()
        }
    }

    fn send(text: &str) -> Action {
        Action::Send(text.to_owned())
    }

    #[test]
    fn a_visit() {
        let mut trial = Trial::new(&["--name", "ann"]);
        assert_eq!(trial.heard(PROMPT), [send("ann\n")]);
        assert_eq!(trial.heard("You are ann\nHere: zoe, Bob\nZoe has arrived\nzoe has left\nBob: hi\n"), []);
        assert_eq!(trial.state.people.names().collect::<Vec<_>>(), ["ann", "Bob"]);
        assert_eq!(trial.typed("hi\r"), [send("hi\n")]);
        assert_eq!(trial.typed("\r"), [], "nothing to say");
        trial.heard("ann: hi\n… 3 messages skipped\n");
        assert_eq!(
            trial.shown()[4..],
            ["Bob: hi".to_owned(), "ann: hi".to_owned(), "── 3 messages skipped ──".to_owned()]
        );
        assert_eq!(trial.typed("\x04"), [Action::Finish]);
        assert_eq!(trial.ended(), [Action::Quit]);
    }

    #[test]
    fn the_user_is_asked_until_a_name_is_taken() {
        let mut trial = Trial::new(&["--name", "ann"]);
        trial.heard(PROMPT);
        assert_eq!(trial.heard(&format!("The name ann is in use.\n{PROMPT}")), []);
        assert_eq!(trial.state.link, Link::Asked);
        assert_eq!(trial.shown(), ["The name ann is in use."]);
        assert_eq!(trial.typed("bob\r"), [send("bob\n")]);
        trial.heard(&format!("The name bob is in use.\n{PROMPT}"));
        assert_eq!(trial.typed("carl\r"), [send("carl\n")]);
        trial.heard("You are carl\nNobody else is here\n");
        assert_eq!(trial.state.link, Link::Joined);
        trial.typed("\x1b[A");
        assert_eq!(trial.state.editor.text(), "", "a name is nothing that was said");
    }

    #[test]
    fn comes_back_after_growing_pauses() {
        let mut trial = Trial::new(&["--name", "ann"]);
        trial.heard(&format!("{PROMPT}You are ann\n"));
        trial.actions();
        trial.ended();
        for pause in [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000] {
            assert_eq!(trial.next(), (Duration::from_millis(pause), vec![Action::Dial]));
            trial.ended();
        }
        trial.next();
        // Our old connection is still there.
        trial.heard(PROMPT);
        assert_eq!(trial.heard(&format!("The name ann is in use.\n{PROMPT}")), [Action::HangUp]);
        trial.next();
        assert_eq!(trial.heard(PROMPT), [send("ann\n")]);
        trial.heard("You are ann\n");
        assert_eq!(
            trial.shown(),
            [
                "You are ann",
                "── connection lost ──",
                "The name ann is in use.",
                "── back: what was said meanwhile is missing ──",
                "You are ann"
            ]
        );
        trial.ended();
        assert_eq!(trial.next().0, Duration::from_millis(500), "the pauses begin anew");
    }

    #[test]
    fn the_seconds_are_counted_down() {
        let mut trial = Trial::new(&[]);
        trial.ended();
        trial.next();
        trial.ended();
        trial.next();
        trial.ended();
        let seconds = |trial: &Trial| match trial.state.link {
            Link::Lost { seconds, .. } => seconds,
            _ => 0,
        };
        assert_eq!(seconds(&trial), 2);
        assert_eq!(trial.woken(), (Duration::from_secs(1), vec![]));
        assert_eq!(seconds(&trial), 1);
        assert_eq!(trial.woken(), (Duration::from_secs(1), vec![Action::Dial]));
    }

    #[test]
    fn nothing_is_lost_in_silence() {
        let mut trial = Trial::new(&["--name", "ann"]);
        assert_eq!(trial.typed("early\r"), []);
        assert_eq!((trial.state.editor.text(), trial.state.hint.is_some()), ("early", true));
        trial.heard(&format!("{PROMPT}You are ann\n"));
        trial.actions();
        trial.typed("\ra\rb\rc\rd\r");
        trial.heard("ann: a\n");
        trial.state.not_sent("c\n");
        trial.state.not_sent("d\n");
        assert_eq!(trial.state.editor.text(), "c");
        trial.ended();
        let shown = trial.shown();
        assert_eq!(shown[2..], ["not sent: d", "── connection lost ──", "perhaps not heard: b"]);
        assert_eq!(trial.typed("\r"), []);
        assert_eq!(trial.state.editor.text(), "c");
    }

    #[test]
    fn a_server_that_does_not_answer_is_given_up() {
        let mut trial = Trial::new(&["--name", "ann", "--timeout", "2s"]);
        trial.heard(PROMPT);
        assert_eq!(trial.next(), (Duration::from_secs(2), vec![Action::HangUp]));
        assert_eq!(trial.next(), (Duration::from_millis(500), vec![Action::Dial]));
        trial.heard(&format!("{PROMPT}You are ann\n"));
        trial.actions();
        trial.typed("\x04");
        assert_eq!(trial.next(), (Duration::from_secs(2), vec![Action::Quit]));
    }

    #[test]
    fn who_was_let_go_comes_back_when_the_user_wants_it() {
        let mut trial = Trial::new(&["--name", "ann"]);
        trial.heard(&format!("{PROMPT}You are ann\nyou were silent for 300s; good bye\n"));
        trial.actions();
        trial.ended();
        assert_eq!(trial.state.wake(), None);
        assert_eq!(trial.typed("\r"), [Action::Dial]);
    }

    #[test]
    fn a_full_server_is_told_once() {
        let mut trial = Trial::new(&["--name", "ann"]);
        for _ in 0..3 {
            trial.heard("too many clients\n");
            trial.ended();
            trial.next();
        }
        assert_eq!(trial.shown(), ["too many clients"]);
    }

    #[test]
    fn a_server_that_asks_for_no_name() {
        let mut trial = Trial::new(&["--name", "ann"]);
        assert_eq!(trial.heard("You are 127.0.0.1:5\n127.0.0.1:6 has arrived\n"), []);
        assert_eq!(trial.typed("hi\r"), [send("hi\n")]);
        trial.heard("127.0.0.1:5: hi\n");
        assert!(trial.state.unheard.is_empty());
        assert_eq!(trial.state.people.names().collect::<Vec<_>>(), ["127.0.0.1:5", "127.0.0.1:6"]);
    }
}
