//! The terminal: taken, drawn on, and given back on every way out.

use std::fs::File;
use std::io::{self, BufWriter, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    inner: ratatui::Terminal<TermionBackend<BufWriter<Output>>>,
    before: Arc<Before>,
    palette: Palette,
}

impl Terminal {
    /// Takes the terminal that stdin and stdout are.
    ///
    /// # Errors
    /// When they are none.
    pub(crate) fn take() -> Result<Self> {
        let settings = tcgetattr(stdin()).context("stdin is no terminal")?;
        // Not `stdout()` itself, which a panic might find locked.
        let file = File::from(stdout().as_fd().try_clone_to_owned()?);
        let before = Arc::new(Before { settings, file, taken: Mutex::new(true) });
        let output = Output(Arc::clone(&before));
        let inner = ratatui::Terminal::new(TermionBackend::new(BufWriter::new(output)))?;
        let colour = !common::plain::is_wanted();
        // From here on it is given back, also when what follows fails.
        let terminal = Self { inner, before: Arc::clone(&before), palette: Palette { colour } };
        let mut raw = before.settings.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw).context("cannot take the terminal")?;
        (&before.file).write_all(format!("{ToAlternateScreen}{}", BRACKETED_PASTE.0).as_bytes())?;
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
        ensure!(*self.before.taken(), "ended by a panic");
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
    file: File,
    /// It is still to be given back. Locked while something is written: a frame must not come after that.
    taken: Mutex<bool>,
}

impl Before {
    /// Gives it back; once.
    fn restore(&self) {
        if std::mem::replace(&mut *self.taken(), false) {
            let leave = format!("{}{}{ToMainScreen}", BRACKETED_PASTE.1, cursor::Show);
            // There is nobody to be told that it is gone.
            (&self.file).write_all(leave.as_bytes()).ok();
            // Flush: what was typed here is not for the shell.
            tcsetattr(stdin(), OptionalActions::Flush, &self.settings).ok();
        }
    }

    fn taken(&self) -> MutexGuard<'_, bool> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The way to the terminal, as long as it is taken.
struct Output(Arc<Before>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match *self.0.taken() {
            true => (&self.0.file).write(bytes),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
