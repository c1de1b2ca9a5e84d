//! What the client does with its connection.

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
