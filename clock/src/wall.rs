//! Several clocks side by side: what each told last, and how the wall looks as a line or as a live table.

use std::collections::HashSet;
use std::io::{IsTerminal, Write, stdin, stdout};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use common::text::printable;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Time;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// How long a clock may take to answer when it is dialled.
pub(crate) const DIAL: Duration = Duration::from_secs(5);

/// How long a clock may be silent before it is dialled again.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// The first and the longest pause before a clock that is down is dialled again.
pub(crate) const REDIAL: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(8));

/// The most bytes that a line of a clock may have; a clock sends 9.
pub(crate) const LINE: u64 = 64;

/// News that may wait to be shown. A clock that tells more waits, and with it its server.
pub(crate) const NEWS: usize = 64;

/// How long it is from now to when the wall shows itself first: the middle of a second, so that lines which
/// come a little early or late are all shown once.
pub(crate) fn to_mid_second(now: SystemTime) -> Duration {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let past_middle = (since + Duration::from_millis(500)).subsec_nanos();
    Duration::from_secs(1) - Duration::from_nanos(past_middle.into())
}

/// A clock of the command line: `NAME=HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    name: String,
    /// `HOST:PORT`, to dial.
    pub(crate) address: String,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        let (name, address) = argument.split_once('=').ok_or("expected NAME=HOST:PORT")?;
        let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        match (name, port) {
            ("", _) => Err("the name before = is missing".to_owned()),
            (_, Some(Ok(_))) => Ok(Self { name: name.to_owned(), address: address.to_owned() }),
            _ => Err(format!("{address:?} is no HOST:PORT")),
        }
    }
}

/// What is new of one clock.
#[derive(Debug)]
pub(crate) enum News {
    /// A line came, perhaps with its newline.
    Line(Vec<u8>),
    /// It cannot be had, and why; it will be dialled again.
    Offline(String),
}

/// The clocks, in the order of the command line.
#[derive(Debug)]
pub(crate) struct Wall {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    clock: Named,
    state: State,
}

#[derive(Debug)]
enum State {
    Dialling,
    /// The time it told last, and how far that was from this machine's.
    Telling {
        time: Time,
        ahead: i32,
    },
    Offline(String),
}

impl Wall {
    /// A wall with clocks that were not heard of yet.
    ///
    /// # Errors
    /// When a name comes twice.
    pub(crate) fn new(clocks: Vec<Named>) -> Result<Self, String> {
        let mut names = HashSet::new();
        if let Some(twice) = clocks.iter().find(|clock| !names.insert(&clock.name)) {
            return Err(format!("the name {:?} comes twice", twice.name));
        }
        let rows = clocks.into_iter().map(|clock| Row { clock, state: State::Dialling }).collect();
        Ok(Self { rows })
    }

    /// The clocks, each with its index for [`Wall::hear`].
    pub(crate) fn clocks(&self) -> impl Iterator<Item = (usize, Named)> {
        self.rows.iter().map(|row| row.clock.clone()).enumerate()
    }

    /// Takes in what is new of a clock, when this machine's clock shows `here`.
    pub(crate) fn hear(&mut self, clock: usize, news: News, here: Time) {
        self.rows[clock].state = match news {
            News::Offline(reason) => State::Offline(reason),
            News::Line(line) => match time(&line) {
                Some(time) => State::Telling { time, ahead: ahead(time, here) },
                None => State::Offline(format!("not a clock: it says {:?}", printable(&line))),
            },
        };
    }

    /// The wall as one line: `NAME=TIME` for each clock.
    pub(crate) fn line(&self) -> String {
        let told = |row: &Row| match &row.state {
            State::Dialling => format!("{}=dialling", row.clock.name),
            State::Telling { time, .. } => format!("{}={time}", row.clock.name),
            State::Offline(_) => format!("{}=offline", row.clock.name),
        };
        self.rows.iter().map(told).collect::<Vec<_>>().join("  ") + "\n"
    }

    /// The wall as a table: a heading, then a row for each clock.
    fn table(&self) -> impl Iterator<Item = String> {
        let width = self.rows.iter().map(|row| row.clock.name.chars().count()).max().unwrap_or(0).max(5);
        let heading = format!("{:width$}  {:8}  {:>9}  STATE", "CLOCK", "TIME", "TO HERE");
        let rows = self.rows.iter().map(move |Row { clock, state }| {
            let (time, ahead, state) = match state {
                State::Dialling => ("--:--:--".to_owned(), String::new(), "dialling".to_owned()),
                State::Telling { time, ahead } => (time.to_string(), signed(*ahead), "telling".to_owned()),
                State::Offline(reason) => {
                    ("--:--:--".to_owned(), String::new(), format!("offline: {reason}"))
                }
            };
            format!("{:width$}  {time:8}  {ahead:>9}  {state}", clock.name)
        });
        std::iter::once(heading).chain(rows)
    }
}

/// The live table on a terminal. Drawing is a write of a few hundred bytes a second, done where it is called.
#[derive(Debug)]
pub(crate) struct Screen {
    table: ProgressBar,
    /// How the terminal was, to leave it so; none if stdin is something else.
    before: Option<Termios>,
}

impl Screen {
    /// The screen, if stdout is a terminal, with `wall` on it.
    pub(crate) fn on_terminal(wall: &Wall) -> Option<Self> {
        if !stdout().is_terminal() {
            return None;
        }
        let before = tcgetattr(stdin()).ok();
        if let Some(mut quiet) = before.clone() {
            // What is typed would move the cursor, and the table with it. Ctrl-C stays a signal.
            quiet.local_modes.remove(LocalModes::ECHO);
            tcsetattr(stdin(), OptionalActions::Now, &quiet).ok();
        }
        // A progress bar that is nothing but its message: what is redrawn in place, at any width.
        let table = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
        let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let screen = Self { table: table.with_style(style), before };
        screen.draw(wall);
        Some(screen)
    }

    /// Shows the wall as it is now, in place.
    pub(crate) fn draw(&self, wall: &Wall) {
        self.table.set_message(wall.table().collect::<Vec<_>>().join("\n"));
    }
}

impl Drop for Screen {
    /// Leaves the last table where it is, the cursor below it, and the terminal as it was.
    fn drop(&mut self) {
        self.table.abandon();
        writeln!(stdout()).ok();
        if let Some(before) = &self.before {
            // Flush: what was typed at the wall is not for the shell.
            tcsetattr(stdin(), OptionalActions::Flush, before).ok();
        }
    }
}

fn time(line: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(line.trim_ascii_end()).ok()?;
    // Parsing is lenient (leap seconds, no colons, fractions); what a clock sends is not.
    text.parse().ok().filter(|time: &Time| text.len() == 8 && time.to_string() == text)
}

/// How many seconds `time` is ahead of `here`, by the shorter way around the dial.
fn ahead(time: Time, here: Time) -> i32 {
    let of_day = |t: Time| i32::from(t.hour()) * 3600 + i32::from(t.minute()) * 60 + i32::from(t.second());
    let (day, half) = (24 * 3600, 12 * 3600);
    (of_day(time) - of_day(here) + half - 1).rem_euclid(day) - (half - 1)
}

fn signed(seconds: i32) -> String {
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    fn wall(clocks: &[&str]) -> Result<Wall, String> {
        Wall::new(clocks.iter().map(|c| c.parse()).collect::<Result<_, _>>()?)
    }

    #[test]
    fn clocks_have_a_name_and_an_address() {
        assert_eq!("a=[::1]:80".parse(), Ok(Named { name: "a".into(), address: "[::1]:80".into() }));
        for wrong in ["", "a", "=b:1", "a=", "a=b", "a=b:", "a=b:x", "a=b:99999"] {
            assert!(wrong.parse::<Named>().is_err(), "{wrong:?}");
        }
        assert!(wall(&["a=h:1", "b=h:1"]).is_ok());
        assert!(wall(&["a=h:1", "a=h:2"]).unwrap_err().contains("\"a\" comes twice"));
    }

    #[test]
    fn shows_what_was_heard_last() {
        let mut wall = wall(&["Rome=h:1", "Lagos=h:2", "Delhi=h:3"]).unwrap();
        assert_eq!(wall.line(), "Rome=dialling  Lagos=dialling  Delhi=dialling\n");
        let here = time(23, 0, 0, 0);
        wall.hear(0, News::Line(b"00:00:01\n".to_vec()), here);
        wall.hear(1, News::Offline("refused".into()), here);
        wall.hear(2, News::Line(b"\x1b[2J".to_vec()), here);
        assert_eq!(wall.line(), "Rome=00:00:01  Lagos=offline  Delhi=offline\n");
        let table = wall.table().collect::<Vec<_>>().join("\n");
        assert_eq!(
            table,
            "CLOCK  TIME        TO HERE  STATE\n\
             Rome   00:00:01  +01:00:01  telling\n\
             Lagos  --:--:--             offline: refused\n\
             Delhi  --:--:--             offline: not a clock: it says \"\u{fffd}[2J\""
        );
    }

    #[test]
    fn the_difference_goes_the_shorter_way_around() {
        let hour = |h| time(h, 0, 0, 0);
        assert_eq!(ahead(hour(1), hour(23)), 2 * 3600);
        assert_eq!(ahead(hour(23), hour(1)), -2 * 3600);
        assert_eq!(ahead(hour(12), hour(0)), 12 * 3600);
        assert_eq!(ahead(hour(0), hour(12)), 12 * 3600);
        assert_eq!(signed(-(5 * 3600 + 30 * 60)), "-05:30:00");
    }

    #[test]
    fn the_wall_shows_itself_in_the_middle_of_a_second() {
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        assert_eq!(to_mid_second(at(1_000)), Duration::from_millis(500));
        assert_eq!(to_mid_second(at(1_499)), Duration::from_millis(1));
        assert_eq!(to_mid_second(at(1_501)), Duration::from_millis(999));
    }

    #[test]
    fn only_a_time_is_a_time() {
        for wrong in ["", "12:00", "24:00:00", "12:00:00.5", "T12:00:00", "120000", "12:00:60"] {
            assert_eq!(super::time(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert_eq!(super::time(b"23:59:59\r\n"), Some(time(23, 59, 59, 0)));
    }
}
