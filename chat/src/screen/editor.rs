//! The input line: editing, and the lines that were entered before.

use std::collections::VecDeque;

use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The most bytes of a line: what a server takes by default.
pub(super) const MOST: usize = 4 << 10;

/// Lines that can be brought back.
const HISTORY: usize = 500;

/// A line that is being written.
#[derive(Debug, Default)]
pub(super) struct Editor {
    input: Input,
    /// What was entered, the last of it at the end.
    history: VecDeque<String>,
    /// Which line of the history is shown, if not a new one.
    shown: Option<usize>,
    /// The new line, while another is shown.
    draft: String,
}

/// The part of a line that is seen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) text: String,
    /// Columns before `text`: half of a wide character is cut off.
    pub(super) offset: usize,
    /// The column of the cursor.
    pub(super) cursor: usize,
}

impl Editor {
    /// The line as it is.
    pub(super) fn text(&self) -> &str {
        self.input.value()
    }

    /// Replaces the line.
    pub(super) fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Inserts `text` at the cursor; false when not all of it fits.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        let mut len = self.text().len();
        for c in text.chars() {
            len += c.len_utf8();
            if len > MOST {
                return false;
            }
            self.input.handle(InputRequest::InsertChar(c));
        }
        true
    }

    /// Moves the cursor, or deletes.
    pub(super) fn edit(&mut self, request: InputRequest) {
        self.input.handle(request);
    }

    /// Takes the line, and leaves an empty one.
    pub(super) fn take(&mut self) -> String {
        self.shown = None;
        self.draft.clear();
        self.input.value_and_reset()
    }

    /// Takes the line, which can be brought back.
    pub(super) fn enter(&mut self) -> String {
        let line = self.take();
        if self.history.back() != Some(&line) {
            if self.history.len() == HISTORY {
                self.history.pop_front();
            }
            self.history.push_back(line.clone());
        }
        line
    }

    /// Shows the line that was entered before the one shown.
    pub(super) fn older(&mut self) {
        let shown = self.shown.unwrap_or(self.history.len());
        let Some(older) = shown.checked_sub(1) else { return };
        if self.shown.is_none() {
            self.draft = self.text().to_owned();
        }
        self.shown = Some(older);
        self.set(&self.history[older].clone());
    }

    /// Shows the line that was entered after the one shown, and at last the new one.
    pub(super) fn newer(&mut self) {
        let Some(newer) = self.shown.map(|shown| shown + 1) else { return };
        if let Some(line) = self.history.get(newer).cloned() {
            self.shown = Some(newer);
            self.set(&line);
        } else {
            self.shown = None;
            let draft = std::mem::take(&mut self.draft);
            self.set(&draft);
        }
    }

    /// What is seen in `width` columns, so that the cursor is.
    pub(super) fn window(&self, width: usize) -> Window {
        // The cursor needs a column too, behind the end.
        let scroll = self.input.visual_scroll(width.saturating_sub(1));
        let mut window =
            Window { text: String::new(), offset: 0, cursor: self.input.visual_cursor() - scroll };
        let mut column = 0;
        for character in self.text().graphemes(true) {
            let begin = column;
            column += character.width();
            if begin < scroll {
                window.offset = column.saturating_sub(scroll);
            } else if column - scroll <= width {
                window.text.push_str(character);
            } else {
                break;
            }
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(history: &[&str]) -> Editor {
        let mut editor = Editor::default();
        for line in history {
            editor.insert(line);
            editor.enter();
        }
        editor
    }

    #[test]
    fn entered_lines_come_back_and_the_new_one_stays() {
        let mut editor = editor(&["one", "two", "two"]);
        editor.insert("new");
        editor.older();
        assert_eq!(editor.text(), "two");
        editor.older();
        editor.older();
        assert_eq!(editor.text(), "one");
        editor.newer();
        editor.newer();
        assert_eq!(editor.text(), "new");
        editor.newer();
        assert_eq!(editor.text(), "new");
        editor.older();
        editor.insert("!");
        assert_eq!(editor.enter(), "two!");
        editor.older();
        editor.older();
        assert_eq!(editor.text(), "two");
    }

    #[test]
    fn the_history_is_bounded() {
        let lines: Vec<String> = (0..=HISTORY).map(|n| n.to_string()).collect();
        let mut editor = editor(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        for _ in 0..2 * HISTORY {
            editor.older();
        }
        assert_eq!(editor.text(), "1");
    }

    #[test]
    fn a_line_is_bounded_in_bytes() {
        let mut editor = Editor::default();
        assert!(editor.insert(&"ü".repeat(MOST / 2)));
        assert!(!editor.insert("x"));
        assert_eq!(editor.take().len(), MOST);
    }

    #[test]
    fn edits_characters_as_they_are_seen() {
        let mut editor = editor(&[]);
        editor.insert("a 👩‍👩‍👧 b");
        editor.edit(InputRequest::GoToPrevChar);
        editor.edit(InputRequest::GoToPrevChar);
        editor.edit(InputRequest::DeletePrevChar);
        assert_eq!(editor.text(), "a  b");
        editor.edit(InputRequest::GoToEnd);
        editor.edit(InputRequest::DeletePrevWord);
        assert_eq!(editor.text(), "a  ");
    }

    #[test]
    fn the_cursor_is_always_seen() {
        let mut editor = Editor::default();
        let window = |text: &str, offset, cursor| Window { text: text.to_owned(), offset, cursor };
        assert_eq!(editor.window(5), window("", 0, 0));
        editor.insert("abcd");
        assert_eq!(editor.window(5), window("abcd", 0, 4));
        editor.insert("e");
        assert_eq!(editor.window(5), window("bcde", 0, 4));
        editor.edit(InputRequest::GoToStart);
        assert_eq!(editor.window(5), window("abcde", 0, 0));
        editor.set("a時時時");
        let seen = editor.window(5);
        assert!(seen.cursor <= 4, "{seen:?}");
        for width in 0..10 {
            let seen = editor.window(width);
            assert!(seen.cursor <= width.saturating_sub(1), "{seen:?} in {width}");
            assert!(seen.offset + seen.text.width() <= width.max(1), "{seen:?} in {width}");
        }
    }
}
