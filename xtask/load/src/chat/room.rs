//! What a room says, and who has heard how much of it.
//!
//! All clients of a room get the same messages in the same order. So the bytes that come first are kept and looked at
//! line by line, and those that come to the others are compared with them: a delivery costs a part of a `memcmp`, and one
//! that is left out, doubled, altered or out of turn is found.

use std::collections::{HashMap, VecDeque};

use anyhow::{Result, bail, ensure};
use memchr::{memchr, memmem};

/// The length of what is said, with its newline.
const TEXT: usize = 64;

/// The digits in it, which number the messages of a speaker.
const DIGITS: usize = 12;

/// Bytes that all have heard are forgotten when there are so many.
const KEPT: usize = 2 << 20;

/// What is said as the `number`th message of somebody.
fn text(number: u64) -> [u8; TEXT] {
    let mut text = [b'.'; TEXT];
    let mut left = number;
    for digit in text[..DIGITS].iter_mut().rev() {
        *digit = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
    }
    text[TEXT - 1] = b'\n';
    text
}

/// Who speaks: a client by its number.
#[derive(Clone, Debug, Default)]
struct Speaker {
    said: u64,
    /// How many of its messages the room has told.
    told: u64,
}

/// A room since a moment when all were in it.
#[derive(Debug, Default)]
pub(crate) struct Room {
    speakers: Vec<Speaker>,
    /// Whose messages begin with which name.
    names: HashMap<Vec<u8>, usize>,
    said: u64,
    told: u64,
    /// What was told, from the place `start` on.
    bytes: Vec<u8>,
    start: usize,
    /// Up to where lines are looked at.
    looked: usize,
    /// Where messages end, of those from the `forgotten`th on.
    ends: VecDeque<usize>,
    forgotten: u64,
    /// How many messages had been told when the last one of the first speaker was.
    first_told: u64,
    /// Lines that may come and nobody says: arrivals.
    arrivals: usize,
}

/// How much one client has heard.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ear {
    place: usize,
    /// Messages.
    pub(crate) heard: u64,
}

impl Room {
    /// Somebody whose messages begin with `name`.
    pub(crate) fn add(&mut self, name: &[u8]) -> Result<()> {
        let twice = self.names.insert(name.to_owned(), self.speakers.len()).is_some();
        ensure!(!twice, "two clients are {:?}", String::from_utf8_lossy(name));
        self.speakers.push(Speaker::default());
        Ok(())
    }

    /// What `speaker` says next.
    pub(crate) fn say(&mut self, speaker: usize, output: &mut Vec<u8>) {
        output.extend_from_slice(&text(self.speakers[speaker].said));
        self.speakers[speaker].said += 1;
        self.said += 1;
    }

    /// Messages that were said so far.
    pub(crate) fn said(&self) -> u64 {
        self.said
    }

    /// Messages that somebody who has heard the last one of the first speaker has heard at least; none while nobody has.
    pub(crate) fn since_the_first_spoke(&self) -> Option<u64> {
        self.speakers.first().filter(|first| first.said == first.told).map(|_| self.first_told)
    }

    /// Somebody more will arrive, and may say its name.
    pub(crate) fn expect_arrival(&mut self) {
        self.arrivals += 2;
    }

    /// Takes what a client has got.
    pub(crate) fn hear(&mut self, ear: &mut Ear, bytes: &[u8]) -> Result<()> {
        let known = &self.bytes[ear.place - self.start..];
        let (same, new) = bytes.split_at(bytes.len().min(known.len()));
        if same != &known[..same.len()] {
            return Err(self.otherwise(*ear, same));
        }
        ear.place += bytes.len();
        if !new.is_empty() {
            self.bytes.extend_from_slice(new);
            self.look()?;
        }
        ear.heard = self.forgotten + self.ends.partition_point(|end| *end <= ear.place) as u64;
        Ok(())
    }

    /// That a client has got other bytes than those before it.
    fn otherwise(&self, ear: Ear, bytes: &[u8]) -> anyhow::Error {
        let known = &self.bytes[ear.place - self.start..];
        let at = known.iter().zip(bytes).position(|(a, b)| a != b).unwrap_or(0);
        // From the beginning of the line on.
        let begin = known[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        anyhow::anyhow!(
            "expected {} for all clients in the same order\n     got {}",
            line(&known[begin..]),
            line(&bytes[begin..])
        )
    }

    /// Looks at the whole lines that have come.
    fn look(&mut self) -> Result<()> {
        while let Some(length) = memchr(b'\n', &self.bytes[self.looked - self.start..]) {
            let begin = self.looked - self.start;
            self.looked += length + 1;
            let told = &self.bytes[begin..=begin + length];
            let name = memmem::find(told, b": ").map(|at| told.split_at(at));
            let speaker = name.and_then(|(name, text)| Some((*self.names.get(name)?, &text[2..])));
            let Some((number, said)) = speaker else {
                ensure!(self.arrivals > 0, "expected nothing but messages\n     got {}", line(told));
                self.arrivals -= 1;
                continue;
            };
            let speaker = &mut self.speakers[number];
            ensure!(speaker.told < speaker.said, "expected nothing: all is told\n     got {}", line(told));
            let expected = text(speaker.told);
            if said != expected {
                bail!("expected the message {}\n     got {}", line(&expected), line(said));
            }
            speaker.told += 1;
            self.told += 1;
            self.ends.push_back(self.looked);
            if number == 0 {
                self.first_told = self.told;
            }
        }
        Ok(())
    }

    /// Forgets what all of these have heard.
    pub(crate) fn forget<'a>(&mut self, ears: impl Iterator<Item = &'a Ear>) {
        if self.bytes.len() < KEPT {
            return;
        }
        let place = ears.map(|ear| ear.place).min().unwrap_or(self.start).min(self.looked);
        self.bytes.drain(..place - self.start);
        self.start = place;
        let ended = self.ends.partition_point(|end| *end <= place);
        self.ends.drain(..ended);
        self.forgotten += ended as u64;
    }
}

/// The first line of `bytes`, as messages show it.
fn line(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    format!("{:?}", String::from_utf8_lossy(line))
}

/// The name that a greeting gives.
pub(crate) fn name(greeting: &[u8]) -> Option<&[u8]> {
    let welcome = b"You are ";
    let at = memmem::find(greeting, welcome)?;
    let rest = &greeting[at + welcome.len()..];
    Some(&rest[..memchr(b'\n', rest)?])
}

/// What the room tells when somebody of this name says its first message.
pub(crate) fn first_line(name: &[u8]) -> Result<Vec<u8>> {
    ensure!(!name.is_empty(), "somebody has no name");
    Ok([name, b": ", &text(0)].concat())
}

#[cfg(test)]
mod tests {
    use kit::refused;

    use super::*;

    /// Two clients and what the room would tell of three messages.
    fn room() -> Result<(Room, Vec<u8>)> {
        let mut room = Room::default();
        let mut told = Vec::new();
        room.add(b"ann")?;
        room.add(b"127.0.0.1:7")?;
        for speaker in [0, 1, 1] {
            told.extend_from_slice(if speaker == 0 { b"ann: " } else { b"127.0.0.1:7: " });
            room.say(speaker, &mut told);
        }
        Ok((room, told))
    }

    #[test]
    fn deliveries_are_counted_however_they_are_cut() -> Result<()> {
        for size in 1..100 {
            let (mut room, told) = room()?;
            let mut ears = [Ear::default(); 2];
            assert_eq!(room.since_the_first_spoke(), None);
            for ear in &mut ears {
                for part in told.chunks(size) {
                    room.hear(ear, part)?;
                }
                assert_eq!(ear.heard, 3);
            }
            assert_eq!((room.said(), room.since_the_first_spoke()), (3, Some(1)));
        }
        Ok(())
    }

    #[test]
    fn what_all_have_heard_is_forgotten() -> Result<()> {
        let (mut room, told) = room()?;
        let mut ears = [Ear::default(); 2];
        room.hear(&mut ears[0], &told)?;
        room.hear(&mut ears[1], &told[..100])?;
        for n in 0..60_000_u64 {
            let mut told = b"ann: ".to_vec();
            room.say(0, &mut told);
            room.hear(&mut ears[0], &told)?;
            assert_eq!(ears[0].heard, n + 4);
            room.forget(ears.iter());
        }
        // The other one has heard a line and a half.
        assert_eq!(room.start, 100);
        room.hear(&mut ears[1], &told[100..])?;
        assert_eq!(ears[1].heard, 3);
        room.forget(ears.iter());
        assert_eq!((room.start, room.forgotten), (told.len(), 3));
        Ok(())
    }

    #[test]
    fn what_is_told_otherwise_is_refused() -> Result<()> {
        let hear = |parts: &[&[u8]]| {
            let (mut room, _) = room()?;
            parts.iter().try_for_each(|part| room.hear(&mut Ear::default(), part))
        };
        let (_, told) = room()?;
        let lines: Vec<&[u8]> = told.split_inclusive(|byte| *byte == b'\n').collect();
        hear(&[&told, &told])?;
        // For one of two: dropped, altered, doubled.
        refused(hear(&[&told, lines[1]]), "for all clients in the same order\n     got \"127.0.0.1:7: 0");
        refused(hear(&[&told, &told.to_ascii_uppercase()]), "got \"ANN: 0");
        refused(hear(&[&told, &[lines[0], lines[0]].concat()]), "got \"ann: 0");
        // For all: dropped, altered, doubled, from somebody else.
        refused(hear(&[lines[2]]), "expected the message \"000000000000");
        refused(hear(&[&told.iter().map(|b| if *b == b'.' { b',' } else { *b }).collect::<Vec<_>>()]), ",,,");
        refused(hear(&[&[&told, lines[0]].concat()]), "all is told\n     got \"ann");
        refused(hear(&[&[b"bob: ", &lines[0][5..]].concat()]), "expected nothing but messages");
        refused(hear(&["… 3 messages were skipped\n".as_bytes()]), "got \"… 3 messages");
        Ok(())
    }

    #[test]
    fn greetings() {
        assert_eq!(name(b"Your name? \nYou are ann\nbob is here\n"), Some(&b"ann"[..]));
        assert_eq!(name(b"You are ann"), None);
        assert_eq!(name(b"You wear nothing\n"), None);
    }
}
