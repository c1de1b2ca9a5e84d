//! The loop: what is watched, what runs, and what is on the screen.

use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::Result;
use common::exit::Interrupted;
use console::style;
use runner::cargo::Cargo;
use runner::exercises::Runtime;
use runner::progress::whole;
use signal_hook::consts::SIGTSTP;

use super::super::desk::{Desk, Piece, Standing};
use super::super::text::bar;
use super::super::{hint, list, next, overview};
use super::events::{Event, Events};
use super::job::Job;
use super::screen::{Screen, folded, size};

/// How long files have to be left alone: an editor writes some in several steps.
const SETTLED: Duration = Duration::from_millis(100);

/// How often the loop looks at what gives no event.
const BEAT: Duration = Duration::from_millis(200);

/// Lines of a job that are kept.
const KEPT: usize = 2000;

/// What is under way.
pub(crate) struct Session<'c> {
    cargo: &'c Cargo,
    runtimes: Vec<&'static Runtime>,
    /// The exercise that is watched, and on which runtime.
    at: (String, &'static Runtime),
    /// What its files were when they were last looked at.
    fingerprint: String,
    saved: Option<Instant>,
    job: Option<Job>,
    /// Jobs so far.
    jobs: u64,
    /// How far all is.
    done: String,
    /// What the last job said.
    said: Vec<String>,
    /// What is shown in its place.
    over: Option<String>,
    /// The first line that is shown.
    from: usize,
    events: Events,
    screen: Screen,
}

/// Whether the loop goes on.
#[derive(PartialEq, Eq)]
enum Then {
    GoOn,
    Quit,
}

impl<'c> Session<'c> {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it is none, or files cannot be watched.
    pub(crate) fn begin(
        cargo: &'c Cargo,
        at: (String, &'static Runtime),
        runtimes: Vec<&'static Runtime>,
    ) -> Result<Self> {
        let events = Events::begin(cargo.root())?;
        Ok(Self {
            cargo,
            runtimes,
            at,
            fingerprint: String::new(),
            saved: None,
            job: None,
            jobs: 0,
            done: String::new(),
            said: Vec::new(),
            over: None,
            from: 0,
            events,
            screen: Screen::begin()?,
        })
    }

    /// Runs until the user quits.
    ///
    /// # Errors
    /// [`Interrupted`] when it was by a signal, and others when the terminal is gone.
    pub(crate) fn run(mut self) -> Result<()> {
        self.look(true)?;
        loop {
            self.draw()?;
            let wait = if self.saved.is_some() { SETTLED } else { BEAT };
            let mut event = match self.events.receiver.recv_timeout(wait) {
                Ok(event) => Some(event),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            // All that is there before it is drawn once.
            while let Some(one) = event {
                if self.take(one)? == Then::Quit {
                    return Ok(());
                }
                event = self.events.receiver.try_recv().ok();
            }
            if self.job.as_mut().is_some_and(Job::has_ended) {
                self.job = None;
                self.done = Desk::load(self.cargo).map_or(String::new(), |desk| self.done(&desk));
            }
            if self.saved.is_some_and(|at| at.elapsed() >= SETTLED) {
                self.saved = None;
                self.look(false)?;
            }
        }
    }

    fn take(&mut self, event: Event) -> Result<Then> {
        match event {
            Event::End => return Err(Interrupted.into()),
            Event::Stop => self.screen.without(|| {
                // It comes back from this with SIGCONT.
                signal_hook::low_level::emulate_default_handler(SIGTSTP).ok();
            })?,
            Event::Redraw => {}
            Event::Saved => self.saved = Some(Instant::now()),
            Event::Line(number, line) => {
                if number == self.jobs && self.said.len() < KEPT {
                    self.say(line);
                }
            }
            Event::Key(key) => return self.key(key),
        }
        Ok(Then::GoOn)
    }

    fn key(&mut self, key: u8) -> Result<Then> {
        match key {
            b'q' => return Ok(Then::Quit),
            b' ' => self.from += self.room().saturating_sub(1),
            b'n' => {
                let desk = Desk::load(self.cargo)?;
                let here = self.piece(&desk)?;
                // One that is solved need not be passed over.
                let passed = (desk.standing(here) != Standing::Solved).then_some(here);
                if let Some(piece) = desk.next(&self.runtimes, passed) {
                    self.at = (piece.one.id.clone(), piece.runtime);
                }
                self.look(true)?;
            }
            b'h' => {
                let desk = Desk::load(self.cargo)?;
                let text = hint::one_more(&desk, self.piece(&desk)?.one)?;
                self.show(text);
            }
            b'l' => self.show(list::text(&Desk::load(self.cargo)?)),
            b't' => {
                let desk = Desk::load(self.cargo)?;
                self.show(next::text(&desk, self.piece(&desk)?));
            }
            b'c' => self.start(&["--all"])?,
            // Back to what the checks say.
            _ => (self.over, self.from) = (None, 0),
        }
        Ok(Then::GoOn)
    }

    /// Adds `line`, in the place of the one that said of the same step that it begins.
    fn say(&mut self, line: String) {
        let begun = self.said.last().and_then(|last| last.strip_suffix(" …"));
        if begun.is_some_and(|step| !step.is_empty() && line.contains(step)) {
            self.said.pop();
        }
        self.said.push(line);
    }

    /// Shows `text` until another key is pressed or a file is saved.
    fn show(&mut self, text: String) {
        (self.over, self.from) = (Some(text), 0);
    }

    /// Checks the exercise if its files have changed, or `anyway`. Of one that was not begun the task is shown.
    fn look(&mut self, anyway: bool) -> Result<()> {
        let desk = match Desk::load(self.cargo) {
            Ok(desk) => desk,
            // Half a file: the other half comes with the next save.
            Err(error) => {
                self.show(format!("{error:#}"));
                return Ok(());
            }
        };
        let piece = self.piece(&desk)?;
        self.done = self.done(&desk);
        let fingerprint = desk.fingerprint(piece);
        if fingerprint == self.fingerprint && !anyway {
            return Ok(());
        }
        self.fingerprint = fingerprint;
        if desk.standing(piece) == Standing::Untouched {
            (self.job, self.jobs) = (None, self.jobs + 1);
            self.said.clear();
            self.show(next::text(&desk, piece));
            return Ok(());
        }
        let (id, runtime) = (self.at.0.clone(), self.at.1.name);
        self.start(&[&id, "--runtime", runtime])
    }

    /// Starts a job in the place of the one that runs.
    fn start(&mut self, args: &[&str]) -> Result<()> {
        self.job = None;
        self.jobs += 1;
        self.said.clear();
        (self.over, self.from) = (None, 0);
        let (_, columns) = size();
        self.job = Some(Job::start(self.jobs, args, columns, self.events.sender.clone())?);
        Ok(())
    }

    fn piece<'d>(&self, desk: &'d Desk<'_>) -> Result<Piece<'d>> {
        let pieces = desk.find(&self.at.0, &[self.at.1])?;
        Ok(pieces[0])
    }

    /// How far all is on the runtime that is watched.
    fn done(&self, desk: &Desk<'_>) -> String {
        let sums = overview::Sums::of(desk, self.at.1);
        format!("{} {} of {}", bar(sums.solved, sums.exercises, 12), sums.solved, sums.exercises)
    }

    /// The rows between the head and the foot.
    fn room(&self) -> usize {
        size().0.saturating_sub(HEAD + FOOT)
    }

    fn draw(&mut self) -> Result<()> {
        let (_, columns) = size();
        let text: Vec<String> = match &self.over {
            Some(text) => text.lines().flat_map(|line| folded(line, columns)).collect(),
            None => self.said.iter().flat_map(|line| folded(line, columns)).collect(),
        };
        let room = self.room();
        if self.from >= text.len() {
            self.from = 0;
        }
        let shown = text.iter().skip(self.from).take(room);
        let below = text.len().saturating_sub(self.from + room);
        let mut lines = vec![self.head(columns), String::new()];
        lines.extend(shown.cloned());
        let more = match (below, self.from) {
            (0, 0) => String::new(),
            (0, _) => "the end; space: from the top".to_owned(),
            _ => format!("{below} lines more: space"),
        };
        let keys =
            [("n", "next"), ("t", "task"), ("h", "hint"), ("l", "list"), ("c", "check all"), ("q", "quit")];
        let keys: Vec<String> =
            keys.iter().map(|(key, does)| format!("{} {does}", style(key).bold())).collect();
        let back = if self.over.is_some() && !self.said.is_empty() { "   ⏎ back" } else { "" };
        self.screen.draw(&lines, &[style(more).dim().to_string(), format!("{}{back}", keys.join("   "))])
    }

    /// What is watched, how far all is, and what is under way.
    fn head(&self, columns: usize) -> String {
        let state = match &self.job {
            Some(job) => format!("running, {}", whole(job.start.elapsed())),
            None => "waiting for a save".to_owned(),
        };
        let (id, runtime) = (&self.at.0, self.at.1);
        let on = if self.runtimes.len() > 1 { format!(" on {}", runtime.name) } else { String::new() };
        let head = format!("{}{on}  {}  {}", style(id).bold(), self.done, style(state).dim());
        folded(&head, columns).swap_remove(0)
    }
}

/// Rows at the top and at the bottom.
const HEAD: usize = 2;
const FOOT: usize = 2;
