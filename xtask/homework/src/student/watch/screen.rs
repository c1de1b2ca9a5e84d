//! The screen while one watches: the terminal's second one, in which keys come at once. The first one is back after
//! every end, a panic included.

use std::io::{self, Write, stdin};
use std::panic;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use console::{AnsiCodeIterator, Term, measure_text_width, truncate_str};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// How the terminal was before, while it is otherwise.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The screen; the terminal is as it was once it is dropped.
pub(crate) struct Screen;

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn begin() -> Result<Self> {
        enter()?;
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // Before it is told: the second screen is gone with all that is on it.
            leave();
            told(panic);
        }));
        Ok(Self)
    }

    /// Gives the terminal back for as long as `stopped` takes.
    ///
    /// # Errors
    /// When it cannot be taken again.
    pub(crate) fn without(&self, stopped: impl FnOnce()) -> Result<()> {
        leave();
        stopped();
        enter()
    }

    /// Draws `lines` from the top and `last` at the bottom, over what is there: nothing flickers.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn draw(&self, lines: &[String], last: &[String]) -> Result<()> {
        let (rows, columns) = size();
        let last: Vec<_> = last.iter().map(|line| truncate_str(line, columns, "…")).collect();
        let room = rows.saturating_sub(last.len());
        let blank = String::new();
        let above = lines.iter().chain(std::iter::repeat(&blank)).take(room);
        let all = above.map(String::as_str).chain(last.iter().map(|line| &**line));
        let all: Vec<String> = all.map(|line| format!("{line}\x1b[0m\x1b[K")).collect();
        let mut stdout = io::stdout().lock();
        let drawn = write!(stdout, "\x1b[H{}\x1b[J", all.join("\r\n")).and_then(|()| stdout.flush());
        drawn.context("cannot draw on the terminal")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Rows and columns.
pub(crate) fn size() -> (usize, usize) {
    let (rows, columns) = Term::stdout().size();
    (usize::from(rows).max(4), usize::from(columns).max(20))
}

fn enter() -> Result<()> {
    let before = tcgetattr(stdin()).context("cannot learn how the terminal is set")?;
    let mut keys = before.clone();
    // Ctrl-C and Ctrl-Z stay signals.
    keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    keys.special_codes[SpecialCodeIndex::VMIN] = 1;
    keys.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(stdin(), OptionalActions::Now, &keys).context("cannot set the terminal")?;
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(before);
    put(ENTER);
    Ok(())
}

fn leave() {
    let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    put(LEAVE);
    // Nothing is to be done about a terminal that is gone.
    tcsetattr(stdin(), OptionalActions::Now, &before).ok();
}

fn put(sequence: &str) {
    let mut stdout = io::stdout().lock();
    stdout.write_all(sequence.as_bytes()).and_then(|()| stdout.flush()).ok();
}

/// `line` in pieces of at most `columns`, with its colours in each of them.
pub(crate) fn folded(line: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let (mut colours, mut room) = (String::new(), columns);
    for (text, is_code) in AnsiCodeIterator::new(line) {
        let last = lines.last_mut().expect("there is a line from the start");
        if is_code {
            // Colours alone: what moves the cursor would end the order on the screen.
            if text.ends_with('m') {
                colours = if matches!(text, "\x1b[0m" | "\x1b[m") { String::new() } else { colours + text };
                last.push_str(text);
            }
            continue;
        }
        for c in text.replace('\t', "    ").chars().filter(|c| !c.is_control()) {
            let width = measure_text_width(c.encode_utf8(&mut [0; 4]));
            if width > room {
                lines.push(colours.clone());
                room = columns;
            }
            room -= width.min(room);
            lines.last_mut().expect("one was pushed").push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_with_their_colours() {
        assert_eq!(folded("abcdef", 4), ["abcd", "ef"]);
        assert_eq!(folded("", 4), [""]);
        assert_eq!(folded("\x1b[31mabcdef\x1b[0mgh", 4), ["\x1b[31mabcd", "\x1b[31mef\x1b[0mgh"]);
        assert_eq!(folded("a\tb\x1b[2Jc\r", 20), ["a    bc"]);
        assert_eq!(folded("時時時", 4), ["時時", "時"]);
    }
}
