//! What was said: bounded, wrapped into rows, and which of them are seen.
//!
//! Rows are made when they are looked at, from the bottom up, so that a screen costs what is on it, however
//! much was said.

use std::collections::VecDeque;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Entries that are kept.
const MOST: usize = 5000;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Said by somebody, whose name is so many bytes long.
    Said { name: usize },
    /// Somebody came or went.
    Event,
    /// Something is missing here.
    Gap,
    /// The server says it.
    Notice,
    /// Said by us, and perhaps by nobody heard.
    Unheard,
}

/// One thing that was said or happened.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// A part of an entry that fits into the width.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) entry: &'a Entry,
    /// The bytes of the entry's text.
    pub(super) bytes: Range<usize>,
    /// Columns before it.
    pub(super) indent: usize,
}

/// The entries, and where they are looked at.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    entries: VecDeque<Entry>,
    /// How many were dropped: the number of the first that is kept.
    dropped: usize,
    width: usize,
    height: usize,
    /// The last row that is seen; none if it is the last there is, and stays so.
    bottom: Option<Place>,
    /// Entries that came since it is not.
    new: usize,
}

/// A row: the number of its entry, and which of its rows it is, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    entry: usize,
    row: usize,
}

impl Transcript {
    /// Adds an entry at the end.
    pub(super) fn push(&mut self, kind: Kind, text: impl Into<String>) {
        if self.entries.len() == MOST {
            self.entries.pop_front();
            self.dropped += 1;
        }
        self.entries.push_back(Entry { kind, text: text.into() });
        if self.bottom.is_some() {
            self.new += 1;
        }
    }

    /// The last entry.
    pub(super) fn last(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// How large the window is that it is looked at through.
    pub(super) fn fit(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (usize::from(width), usize::from(height));
        // What was above the window may be in it now.
        self.look_at(self.bottom());
    }

    /// How many entries came below what is seen; none if the end is seen.
    pub(super) fn below(&self) -> Option<usize> {
        self.bottom.map(|_| self.new)
    }

    /// Looks a page further up.
    pub(super) fn page_up(&mut self) {
        self.up(self.height.saturating_sub(1).max(1));
    }

    /// Looks a page further down.
    pub(super) fn page_down(&mut self) {
        self.down(self.height.saturating_sub(1).max(1));
    }

    /// Looks `rows` further up, but not beyond the beginning.
    pub(super) fn up(&mut self, rows: usize) {
        let Some(mut place) = self.bottom() else { return };
        let mut left = rows;
        while left >= place.row && place.entry > self.dropped {
            left -= place.row;
            place.entry -= 1;
            place.row = self.rows_of(place.entry);
        }
        place.row = place.row.saturating_sub(left).max(1);
        self.look_at(Some(place));
    }

    /// Looks `rows` further down, but not beyond the end.
    pub(super) fn down(&mut self, rows: usize) {
        let Some(mut place) = self.bottom else { return };
        place.row += rows;
        while place.row > self.rows_of(place.entry) && place.entry < self.last_place().entry {
            place.row -= self.rows_of(place.entry);
            place.entry += 1;
        }
        self.look_at(Some(place));
    }

    /// Looks at the beginning.
    pub(super) fn home(&mut self) {
        self.look_at(self.entries.front().map(|_| Place { entry: self.dropped, row: 1 }));
    }

    /// Looks at the end, and follows it.
    pub(super) fn end(&mut self) {
        self.bottom = None;
        self.new = 0;
    }

    /// The rows that are seen, from the bottom up.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        let Some(mut place) = self.bottom() else { return rows };
        while rows.len() < self.height {
            let entry = &self.entries[place.entry - self.dropped];
            let wrapped = wrap(&entry.text, self.width);
            let seen = wrapped.into_iter().take(place.row).enumerate().rev();
            let row = |(n, bytes)| Row { entry, bytes, indent: if n == 0 { 0 } else { indent(self.width) } };
            rows.extend(seen.map(row).take(self.height - rows.len()));
            if place.entry == self.dropped {
                break;
            }
            place = Place { entry: place.entry - 1, row: usize::MAX };
        }
        rows
    }

    /// Makes `place` the last row that is seen, as far as there are enough rows above and any below.
    fn look_at(&mut self, place: Option<Place>) {
        let Some(mut place) = place.map(|place| place.max(self.first_bottom())) else { return };
        place.row = place.row.min(self.rows_of(place.entry));
        if place >= self.last_place() {
            self.end();
        } else {
            self.bottom = Some(place);
        }
    }

    /// The last row that is seen.
    fn bottom(&self) -> Option<Place> {
        let first = self.entries.front().map(|_| Place { entry: self.dropped, row: 1 })?;
        Some(self.bottom.map_or_else(|| self.last_place(), |bottom| bottom.max(first)))
    }

    /// The last row that is seen when the first one is too.
    fn first_bottom(&self) -> Place {
        let mut left = self.height.max(1);
        for entry in self.dropped..self.dropped + self.entries.len() {
            let rows = self.rows_of(entry);
            if rows >= left {
                return Place { entry, row: left };
            }
            left -= rows;
        }
        self.last_place()
    }

    fn last_place(&self) -> Place {
        let Some(last) = self.entries.len().checked_sub(1) else { return Place { entry: 0, row: 0 } };
        let entry = self.dropped + last;
        Place { entry, row: self.rows_of(entry) }
    }

    fn rows_of(&self, entry: usize) -> usize {
        wrap(&self.entries[entry - self.dropped].text, self.width).len()
    }
}

/// How far the further rows of an entry are indented.
fn indent(width: usize) -> usize {
    if width < 20 { 0 } else { 2 }
}

/// The parts of `text` that are one row each; there is at least one. They end between words where they can.
fn wrap(text: &str, width: usize) -> Vec<Range<usize>> {
    let further = width - indent(width);
    let mut rows = Vec::new();
    let mut start = 0;
    let mut columns = 0;
    // Where the last word begins, and how many columns it has.
    let mut word = (0, 0);
    for (at, character) in text.grapheme_indices(true) {
        let limit = if rows.is_empty() { width } else { further };
        let wide = character.width();
        if columns + wide > limit && at > start {
            if character == " " {
                // It ends the row, and is not seen.
                rows.push(start..at);
                (start, columns, word) = (at + 1, 0, (at + 1, 0));
                continue;
            }
            // A word that does not fit into a row of its own is broken here.
            let breaks = if word.0 > start && word.1 + wide <= further { word } else { (at, 0) };
            rows.push(start..breaks.0);
            (start, columns, word) = (breaks.0, breaks.1, breaks);
        }
        columns += wide;
        word = if character == " " { (at + 1, 0) } else { (word.0, word.1 + wide) };
    }
    rows.push(start..text.len());
    rows
}

#[cfg(test)]
mod tests;
