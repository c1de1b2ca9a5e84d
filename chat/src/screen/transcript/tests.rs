//! The history, and the part of it that is shown.

use super::*;

fn wrapped(text: &str, width: usize) -> Vec<&str> {
    wrap(text, width).into_iter().map(|row| &text[row]).collect()
}

#[test]
fn rows_end_between_words() {
    assert_eq!(wrapped("", 5), [""]);
    assert_eq!(wrapped("ab cd", 5), ["ab cd"]);
    assert_eq!(wrapped("ab cd ef", 5), ["ab cd", "ef"]);
    assert_eq!(wrapped("ab cde fgh", 5), ["ab ", "cde ", "fgh"]);
    assert_eq!(wrapped("abcdefgh ij", 5), ["abcde", "fgh ", "ij"]);
    assert_eq!(wrapped("時時時", 5), ["時時", "時"]);
    assert_eq!(wrapped("時a", 1), ["時", "a"], "wider than the row");
    assert_eq!(wrapped("ab", 0), ["a", "b"]);
    let long = format!("a {} b", "x".repeat(19));
    assert_eq!(wrapped(&long, 20), ["a xxxxxxxxxxxxxxxxxx", "x b"], "a word of 19 in rows of 20 and 18");
}

/// 10 entries of one row, seen through 4 rows.
fn transcript() -> Transcript {
    let mut transcript = Transcript::default();
    transcript.fit(30, 4);
    (0..10).for_each(|n| transcript.push(Kind::Event, n.to_string()));
    transcript
}

fn seen(transcript: &Transcript) -> String {
    let rows = transcript.rows();
    rows.iter().rev().map(|row| &row.entry.text[row.bytes.clone()]).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_end_is_followed_until_one_looks_up() {
    let mut transcript = transcript();
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("6 7 8 9", None));
    transcript.page_up();
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("3 4 5 6", Some(0)));
    transcript.push(Kind::Event, "10");
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("3 4 5 6", Some(1)));
    transcript.down(1);
    assert_eq!(seen(&transcript), "4 5 6 7");
    transcript.page_down();
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("7 8 9 10", None));
    transcript.push(Kind::Event, "11");
    assert_eq!(seen(&transcript), "8 9 10 11");
}

#[test]
fn neither_beyond_the_beginning_nor_the_end() {
    let mut transcript = transcript();
    transcript.up(1000);
    assert_eq!(seen(&transcript), "0 1 2 3");
    transcript.page_down();
    transcript.page_down();
    transcript.page_down();
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("6 7 8 9", None));
    transcript.home();
    assert_eq!(seen(&transcript), "0 1 2 3");
    transcript.fit(30, 100);
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("0 1 2 3 4 5 6 7 8 9", None));
    transcript.home();
    assert_eq!(transcript.below(), None, "all is seen");
    let mut empty = Transcript::default();
    empty.fit(10, 3);
    empty.home();
    empty.page_up();
    empty.page_down();
    assert_eq!((seen(&empty).as_str(), empty.below()), ("", None));
}

#[test]
fn scrolls_by_rows_and_not_by_entries() {
    let mut transcript = Transcript::default();
    transcript.fit(5, 2);
    transcript.push(Kind::Event, "one two six ten");
    transcript.push(Kind::Event, "end");
    assert_eq!(seen(&transcript), "ten end");
    transcript.up(1);
    assert_eq!(seen(&transcript), "six  ten");
    transcript.up(5);
    assert_eq!(seen(&transcript), "one  two ");
    transcript.down(2);
    assert_eq!(seen(&transcript), "six  ten");
    transcript.fit(30, 2);
    assert_eq!((seen(&transcript).as_str(), transcript.below()), ("one two six ten end", None));
}

#[test]
fn what_is_dropped_is_no_longer_looked_at() {
    let mut transcript = Transcript::default();
    transcript.fit(30, 2);
    (0..MOST).for_each(|n| transcript.push(Kind::Event, n.to_string()));
    transcript.home();
    (0..MOST - 1).for_each(|_| transcript.push(Kind::Event, "x"));
    assert_eq!(transcript.entries.len(), MOST);
    transcript.fit(30, 2);
    assert_eq!(seen(&transcript), format!("{} x", MOST - 1));
}
