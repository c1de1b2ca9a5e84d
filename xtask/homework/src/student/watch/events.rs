//! What can happen while one watches, all of it over one channel.

use std::io::Read;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};
use notify::{Event as Change, RecommendedWatcher, RecursiveMode, Watcher};
use runner::exercises::EXERCISES;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

/// What happened.
pub(crate) enum Event {
    /// A key, as the terminal sends it.
    Key(u8),
    /// Ctrl-C and its like.
    End,
    /// Ctrl-Z.
    Stop,
    /// The terminal is ours again, or has another size.
    Redraw,
    /// Some source was saved.
    Saved,
    /// A line of the job with this number.
    Line(u64, String),
}

/// Where events come from.
pub(crate) struct Events {
    pub(crate) receiver: Receiver<Event>,
    pub(crate) sender: Sender<Event>,
    /// Ends when it is dropped.
    _watcher: RecommendedWatcher,
}

impl Events {
    /// From now on they come: signals, keys, and saved sources of the workspace at `root`.
    ///
    /// # Errors
    /// When the system cannot tell of signals or of files.
    pub(crate) fn begin(root: &Path) -> Result<Self> {
        let (sender, receiver) = channel();
        signals(sender.clone())?;
        keys(sender.clone());
        let watcher = saved(root, sender.clone())
            .context("cannot watch the files here: save, and use `cargo xtask check`")?;
        Ok(Self { receiver, sender, _watcher: watcher })
    }
}

fn signals(sender: Sender<Event>) -> Result<()> {
    let all = [SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH];
    let mut signals = Signals::new(all).context("cannot wait for Ctrl-C")?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGTSTP => Event::Stop,
                SIGCONT | SIGWINCH => Event::Redraw,
                _ => Event::End,
            };
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    Ok(())
}

fn keys(sender: Sender<Event>) {
    thread::spawn(move || {
        for key in std::io::stdin().lock().bytes() {
            let event = key.map_or(Event::End, Event::Key);
            let ends = matches!(event, Event::End);
            if sender.send(event).is_err() || ends {
                return;
            }
        }
        // The terminal is gone.
        sender.send(Event::End).ok();
    });
}

fn saved(root: &Path, sender: Sender<Event>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |change: notify::Result<Change>| {
        // An error is that something was missed: looking once more is harmless.
        let is_source = |path: &Path| path.extension().is_some_and(|extension| extension == "rs");
        let counts = change.map_or(true, |change| {
            !change.kind.is_access() && change.paths.iter().any(|path| is_source(path))
        });
        if counts {
            sender.send(Event::Saved).ok();
        }
    })?;
    // Whole folders, since editors replace files.
    for exercise in EXERCISES {
        watcher.watch(&root.join(exercise.name).join("src"), RecursiveMode::Recursive)?;
    }
    Ok(watcher)
}
