//! How the screen looks.

use std::time::Instant;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Position;

use super::*;
use crate::screen::News;

/// A client of which so far all of this was heard.
fn heard(flags: &[&str], text: &str) -> State {
    let mut state = State::with_flags(flags);
    state.news(News::Heard(text.as_bytes().to_vec()), Instant::now());
    state
}

fn in_the_room(text: &str) -> State {
    heard(&["--name", "ann"], &format!("Enter your name: You are ann\n{text}"))
}

fn typed(state: &mut State, text: &str) {
    state.typed(text.as_bytes(), Instant::now());
}

/// What is seen, and where the cursor is.
fn screen(state: &mut State, width: u16, height: u16, palette: Palette) -> (Buffer, Position) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, palette)).unwrap();
    let cursor = terminal.backend().cursor_position();
    (terminal.backend().buffer().clone(), cursor)
}

/// The rows that are seen, without the spaces at their ends.
fn rows(state: &mut State, width: u16, height: u16) -> Vec<String> {
    let (buffer, _) = screen(state, width, height, Palette { colour: true });
    let row = |y| {
        let mut text = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            // What is behind a wide character is hidden by it.
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        text.trim_end().to_owned()
    };
    (0..height).map(row).collect()
}

#[test]
fn history_and_who_is_here() {
    let mut state = in_the_room("Here: zoe, Bob\nBob: hi, ann\n");
    typed(&mut state, "hel");
    assert_eq!(
        rows(&mut state, 50, 6),
        [
            "                                      │ 3 here",
            "You are ann                           │ ann *",
            "Here: zoe, Bob                        │ Bob",
            "Bob: hi, ann                          │ zoe",
            " ann at host:1",
            "> hel",
        ]
    );
    let (_, cursor) = screen(&mut state, 50, 6, Palette { colour: true });
    assert_eq!(cursor, Position::new(5, 5));
}

#[test]
fn what_was_skipped_is_marked_and_who_is_here_is_a_guess() {
    let mut state = in_the_room("Here: bob\nbob: 1\n… 12 messages skipped\nbob: 14\n");
    assert_eq!(
        rows(&mut state, 50, 5),
        [
            "bob: 1                                │ ~2 here",
            "── 12 messages skipped ──             │ ann *",
            "bob: 14                               │ bob",
            " ann at host:1",
            ">",
        ]
    );
}

#[test]
fn more_people_than_rows() {
    let mut state = in_the_room("Here: b, c, d, e\n");
    let all = rows(&mut state, 50, 7);
    let people: Vec<&str> = all[..5].iter().filter_map(|row| row.split("│ ").nth(1)).collect();
    assert_eq!(people, ["5 here", "ann *", "b", "c", "… 2 more"]);
}

#[test]
fn a_narrow_screen_is_all_history() {
    let mut state = in_the_room("bob has arrived\nbob: one two three four five six seven\n");
    assert_eq!(
        rows(&mut state, 22, 6),
        [
            "You are ann",
            "bob has arrived",
            "bob: one two three",
            "  four five six seven",
            " ann at host:1",
            ">",
        ]
    );
}

#[test]
fn scrolled_up_it_stays_and_says_what_is_new() {
    let mut state = in_the_room(&(0..9).map(|n| format!("bob: {n}\n")).collect::<String>());
    rows(&mut state, 40, 5);
    typed(&mut state, "\x1b[5~");
    let seen = ["bob: 4", "bob: 5", "bob: 6"];
    let all = rows(&mut state, 40, 5);
    assert_eq!(all[..3], seen);
    assert_eq!(all[3], " ann at host:1         more below (Esc)");
    state.news(News::Heard(b"bob: 9\nbob: 10\n".to_vec()), Instant::now());
    let all = rows(&mut state, 40, 5);
    assert_eq!(all[..3], seen);
    assert_eq!(all[3], " ann at host:1        2 new below (Esc)");
    typed(&mut state, "\x1b");
    assert_eq!(rows(&mut state, 40, 5)[..3], ["bob: 8", "bob: 9", "bob: 10"]);
}

#[test]
fn lost_and_what_was_typed_stays() {
    let mut state = in_the_room("Nobody else is here\n");
    state.news(News::Ended(anyhow::anyhow!("host:1 closed the connection")), Instant::now());
    typed(&mut state, "hi\r");
    assert_eq!(
        rows(&mut state, 90, 5),
        [
            "You are ann                                                                   │",
            "Nobody else is here                                                           │",
            "── connection lost ──                                                         │",
            " reconnecting in 1 s: host:1 closed the connection       not sent: there is no connection",
            "> hi",
        ]
    );
}

#[test]
fn the_user_is_asked_for_a_name() {
    let mut state = heard(&["--name", "ann"], "Enter your name: The name ann is in use.\nEnter your name: ");
    typed(&mut state, "anna");
    assert_eq!(
        rows(&mut state, 60, 4),
        ["", "The name ann is in use.", " at the door of host:1", "Enter your name: anna"]
    );
}

#[test]
fn wide_characters_are_never_cut_in_half() {
    let mut state = in_the_room("時: 時時時時\n");
    typed(&mut state, "時時時");
    assert_eq!(rows(&mut state, 7, 6), ["ann", "時:", "時時時", "時", " ann a", "> 時時"]);
    let (_, cursor) = screen(&mut state, 7, 6, Palette { colour: true });
    assert_eq!(cursor, Position::new(6, 5));
}

#[test]
fn without_colours() {
    let mut state = in_the_room("Here: bob\nbob: hi\n… 1 message skipped\n");
    let mut coloured = |colour| {
        let (buffer, _) = screen(&mut state, 60, 8, Palette { colour });
        buffer.content().iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    };
    assert!(coloured(true));
    assert!(!coloured(false));
}

/// In each state, with much to show.
#[test]
fn any_size_will_do() {
    let much = format!("Here: 時, {}\nx: {}\n", "y".repeat(100), "ab 🦀👩‍👩‍👧\u{301} ".repeat(50));
    let mut lost = in_the_room(&much);
    lost.news(News::Ended(anyhow::anyhow!("{much}")), Instant::now());
    let mut scrolled = in_the_room(&much.repeat(5));
    rows(&mut scrolled, 30, 10);
    typed(&mut scrolled, "\x1b[5~");
    for mut state in [lost, scrolled, State::with_flags(&[]), heard(&[], "Enter your name: ")] {
        typed(&mut state, "時a👩‍👩‍👧".repeat(10).as_str());
        for (width, height) in (0..70).flat_map(|width| (0..9).map(move |height| (width, height))) {
            screen(&mut state, width, height, Palette { colour: true });
        }
        screen(&mut state, u16::MAX / 8, 2, Palette { colour: true });
    }
}
