//! How the client looks.
//!
//! ```text
//! history                       │ who is here
//! how it stands with the connection, and what is below
//! > input line
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

use super::link::Link;
use super::state::State;
use super::transcript::{Kind, Row};

/// The least columns of a screen that also shows who is here.
const WIDE: u16 = 50;

/// The least and the most columns of who is here, with the line beside it.
const PEOPLE: (usize, usize) = (12, 26);

/// The colours of names, and of what else can do without them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    /// Whether there are any.
    pub(super) colour: bool,
}

impl Palette {
    fn of(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// The same for the same name, wherever it stands.
    fn name(self, name: &str) -> Style {
        const COLOURS: [Color; 5] = [Color::Cyan, Color::Green, Color::Yellow, Color::Blue, Color::Magenta];
        let sum = name.bytes().fold(0, |sum: usize, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        self.of(COLOURS[sum % COLOURS.len()]).add_modifier(Modifier::BOLD)
    }

    fn entry(self, kind: Kind) -> Style {
        match kind {
            Kind::Said { .. } => Style::new(),
            Kind::Event => self.of(Color::DarkGray),
            Kind::Gap => self.of(Color::Yellow).add_modifier(Modifier::BOLD),
            Kind::Notice => self.of(Color::Yellow),
            Kind::Unheard => self.of(Color::Red),
        }
    }
}

/// Draws `state`, which learns how much of it is seen.
pub(super) fn draw(frame: &mut Frame<'_>, state: &mut State, palette: Palette) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let last = |n: u16| Rect { y: area.bottom() - n, height: 1, ..area };
    let mut history = Rect { height: area.height.saturating_sub(2), ..area };
    if area.width >= WIDE && state.name.is_some() {
        let longest = state.people.names().map(UnicodeWidthStr::width).max().unwrap_or_default();
        let width = u16::try_from((longest + 4).clamp(PEOPLE.0, PEOPLE.1)).unwrap_or_default();
        let beside = Rect { x: history.right() - width, width, ..history };
        history.width -= width;
        people(beside, frame.buffer_mut(), state, palette);
    }
    state.transcript.fit(history.width, history.height);
    for (n, row) in (1..).zip(state.transcript.rows()) {
        transcript(Rect { y: history.bottom() - n, height: 1, ..history }, frame.buffer_mut(), &row, palette);
    }
    if area.height > 1 {
        status(last(2), frame.buffer_mut(), state);
    }
    input(last(1), frame, state);
}

fn transcript(area: Rect, buffer: &mut Buffer, row: &Row<'_>, palette: Palette) {
    let entry = row.entry;
    let style = palette.entry(entry.kind);
    let text = &entry.text[row.bytes.clone()];
    let indent = u16::try_from(row.indent).unwrap_or_default().min(area.width);
    let area = Rect { x: area.x + indent, width: area.width - indent, ..area };
    match entry.kind {
        Kind::Said { name } => {
            let said = name.saturating_sub(row.bytes.start).min(text.len());
            let behind = put(area, buffer, &text[..said], palette.name(&entry.text[..name]));
            put(behind, buffer, &text[said..], style);
        }
        _ => _ = put(area, buffer, text, style),
    }
}

fn people(area: Rect, buffer: &mut Buffer, state: &State, palette: Palette) {
    let height = usize::from(area.height);
    let names = state.people.names();
    let n = names.len();
    let about = if state.people.some_missed() { "~" } else { "" };
    let heading = match state.link {
        Link::Joined | Link::Leaving { .. } => format!("{about}{n} here"),
        _ => String::new(),
    };
    // The last row says how many do not fit.
    let fit = if n < height { n } else { height.saturating_sub(2) };
    let more = (fit < n).then(|| format!("… {} more", n - fit));
    let mut rows = Vec::from([(heading, Style::new().add_modifier(Modifier::BOLD))]);
    for name in names.take(fit) {
        let own = state.name.as_deref() == Some(name);
        rows.push((if own { format!("{name} *") } else { name.to_owned() }, palette.name(name)));
    }
    rows.extend(more.map(|more| (more, Style::new())));
    for y in 0..area.height {
        let row = Rect { y: area.y + y, height: 1, ..area };
        let behind = put(row, buffer, "│ ", palette.of(Color::DarkGray));
        if let Some((text, style)) = rows.get(usize::from(y)) {
            put(behind, buffer, text, *style);
        }
    }
}

/// How it stands, and at the right what else there is to know.
fn status(area: Rect, buffer: &mut Buffer, state: &State) {
    let address = &state.address;
    let name = state.name.as_deref().or(state.given.as_deref()).unwrap_or_default();
    let stands = match &state.link {
        Link::Dialling => format!("connecting to {address}"),
        Link::Asked => format!("at the door of {address}"),
        Link::Entering { .. } => format!("entering {address} as {name}"),
        Link::Joined => format!("{name} at {address}"),
        Link::Lost { why, seconds, .. } => {
            format!("reconnecting in {seconds} s: {}", why.trim_end_matches('.'))
        }
        Link::Dismissed => "let go by the server: Enter comes back".to_owned(),
        Link::Leaving { .. } => format!("leaving {address}"),
    };
    let right = match (state.hint, state.transcript.below()) {
        (Some(hint), _) => hint.to_owned(),
        (None, Some(0)) => "more below (Esc)".to_owned(),
        (None, Some(n)) => format!("{n} new below (Esc)"),
        (None, None) => String::new(),
    };
    buffer.set_style(area, Style::new().add_modifier(Modifier::REVERSED));
    // A column is free at each end. What is at the right is newer, and goes before.
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }.intersection(area);
    let width = u16::try_from(right.width()).unwrap_or(u16::MAX).min(inner.width);
    let gap = if width > 0 { 2 } else { 0 };
    let left = Rect { width: inner.width.saturating_sub(width + gap), ..inner };
    put(left, buffer, &stands, Style::new());
    let bold = Style::new().add_modifier(Modifier::BOLD);
    put(Rect { x: inner.right() - width, width, ..inner }, buffer, &right, bold);
}

fn input(area: Rect, frame: &mut Frame<'_>, state: &State) {
    let label = match state.link {
        Link::Asked => "Enter your name: ",
        _ => "> ",
    };
    let label = if label.width() * 2 <= usize::from(area.width) { label } else { "" };
    let area = put(area, frame.buffer_mut(), label, Style::new().add_modifier(Modifier::BOLD));
    let window = state.editor.window(area.width.into());
    let columns = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).min(area.width.saturating_sub(1));
    let offset = columns(window.offset);
    let text = Rect { x: area.x + offset, width: area.width - offset, ..area };
    put(text, frame.buffer_mut(), &window.text, Style::new());
    frame.set_cursor_position((area.x + columns(window.cursor), area.y));
}

/// Puts `text` into a row, as far as there is room, and returns what is left of the row.
fn put(row: Rect, buffer: &mut Buffer, text: &str, style: Style) -> Rect {
    if row.is_empty() {
        return row;
    }
    let (end, _) = buffer.set_stringn(row.x, row.y, text, row.width.into(), style);
    Rect { x: end, width: row.right() - end, ..row }
}

#[cfg(test)]
mod tests;
