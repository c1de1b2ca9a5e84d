//! The terminal: taken, drawn on, and given back on every way out.

use std::fs::File;
use std::io::{self, BufWriter, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, panic};

use anyhow::{Context, Result, ensure};
use ratatui::backend::TermionBackend;
use ratatui::termion::cursor;
use ratatui::termion::screen::{ToAlternateScreen, ToMainScreen};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::State;
use super::draw::{Palette, draw};

/// What is pasted comes between marks: its newlines are not keys.
const BRACKETED_PASTE: (&str, &str) = ("\x1b[?2004h", "\x1b[?2004l");

/// The user's terminal, in raw mode and with a screen of its own. Dropping it gives it back.
///
/// Drawing is a write of a few hundred bytes to a terminal, done where it is called.
pub(crate) struct Terminal {
    inner: ratatui::Terminal<TermionBackend<BufWriter<File>>>,
    before: Arc<Before>,
    palette: Palette,
}

impl Terminal {
    /// Takes the terminal that stdin and stdout are.
    ///
    /// # Errors
    /// When they are none.
    pub(crate) fn take() -> Result<Self> {
        // Not `stdout()` itself: a frame has newlines nowhere, and a panic must not find it locked.
        let output = || -> io::Result<File> { Ok(stdout().as_fd().try_clone_to_owned()?.into()) };
        let settings = tcgetattr(stdin()).context("stdin is no terminal")?;
        let before = Arc::new(Before { settings, output: output()?, taken: AtomicBool::new(true) });
        let (colour, mut raw) =
            (env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()), before.settings.clone());
        raw.make_raw();
        // From here on it is given back, also when what follows fails.
        let inner = ratatui::Terminal::new(TermionBackend::new(BufWriter::new(output()?)))?;
        let terminal = Self { inner, before: Arc::clone(&before), palette: Palette { colour } };
        tcsetattr(stdin(), OptionalActions::Now, &raw).context("cannot take the terminal")?;
        (&before.output).write_all(format!("{ToAlternateScreen}{}", BRACKETED_PASTE.0).as_bytes())?;
        // The message of a panic is for the screen that stays.
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            before.restore();
            tell(panic);
        }));
        Ok(terminal)
    }

    /// Shows `state`, at the size that the terminal has now.
    ///
    /// # Errors
    /// When the terminal is gone, or was given back since something panicked.
    pub(crate) fn draw(&mut self, state: &mut State) -> Result<()> {
        ensure!(self.before.taken.load(Ordering::SeqCst), "ended by a panic");
        self.inner.draw(|frame| draw(frame, state, self.palette)).context("cannot write to the terminal")?;
        Ok(())
    }

    /// Forgets what is on the screen, so that all of it is drawn anew.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn forget(&mut self) -> Result<()> {
        // `clear` would ask the terminal where the cursor is, and read the answer from the keyboard.
        let size = self.inner.size()?;
        Ok(self.inner.resize(size.into())?)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.before.restore();
    }
}

/// How the terminal was.
struct Before {
    settings: Termios,
    output: File,
    /// It is still to be given back.
    taken: AtomicBool,
}

impl Before {
    /// Gives it back; once.
    fn restore(&self) {
        if self.taken.swap(false, Ordering::SeqCst) {
            let leave = format!("{}{}{ToMainScreen}", BRACKETED_PASTE.1, cursor::Show);
            // There is nobody to be told that it is gone.
            (&self.output).write_all(leave.as_bytes()).ok();
            // Flush: what was typed here is not for the shell.
            tcsetattr(stdin(), OptionalActions::Flush, &self.settings).ok();
        }
    }
}
