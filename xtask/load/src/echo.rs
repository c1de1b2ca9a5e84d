//! Clients of an echo server on one thread, each with some lines under way, which compare every answer byte for
//! byte.
//!
//! A server may answer the lines of a client in any order, and its answers to a line in one: each line begins
//! with a number of its own among those under way, and all answers are equally long. A stamp that differs each time
//! follows, so that nobody can answer a line before it has read it.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use socket2::SockRef;

/// How long an answer may take, when nobody says otherwise.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the system tells at a time about connections that have something to read.
const AT_A_TIME: usize = 1024;

/// A line with its newline.
const LINE: usize = 64;

/// TAB, SPACE and the line.
const ANSWER: usize = LINE + 2;

/// Where the stamp stands in a line, and in an answer.
const STAMP: Range<usize> = 3..11;
const STAMP_IN_ANSWER: Range<usize> = STAMP.start + 2..STAMP.end + 2;

/// What lines say after their number and their stamp.
const TEXT: &str = "Much Ado About Nothing: Sigh No More, Ladies!";

/// Clients of one server.
pub struct Load {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    shared: Shared,
    /// How long an answer may take.
    patience: Duration,
}

/// What came out of a run.
pub struct Span {
    /// How long each round trip took, in nanoseconds.
    pub took: Histogram<u64>,
    /// From the first line that was sent to the last answer.
    pub elapsed: Duration,
}

struct Client {
    stream: TcpStream,
    /// The lines under way, by their numbers.
    lines: Vec<Line>,
    /// The beginning of an answer that has come in parts.
    part: Vec<u8>,
}

#[derive(Clone)]
struct Line {
    sent: Instant,
    /// Digits, which are the same in all three answers.
    stamp: [u8; 8],
    /// Answers that have come.
    answers: usize,
}

/// What all clients use.
struct Shared {
    texts: Vec<Text>,
    took: Histogram<u64>,
    /// Where is read to, and what is written from.
    input: Vec<u8>,
    output: Vec<u8>,
    stamps: SmallRng,
    /// Lines that are under way.
    under_way: usize,
    /// Whether a line that is answered is sent again.
    goes_on: bool,
}

/// A line and the answers to it, without its stamp.
struct Text {
    line: [u8; LINE],
    answers: [[u8; ANSWER]; 3],
}

impl Text {
    fn new(number: usize) -> Self {
        let line = format!("{number:02} {:8} {TEXT:<51}\n", "");
        let answer = |text: &str| {
            let mut answer = [0; ANSWER];
            answer.copy_from_slice(format!("\t {text}").as_bytes());
            answer
        };
        let answers = [answer(&line.to_uppercase()), answer(&line), answer(&line.to_lowercase())];
        let mut bytes = [0; LINE];
        bytes.copy_from_slice(line.as_bytes());
        Self { line: bytes, answers }
    }
}

impl Load {
    /// Connects `connections` clients that have `in_flight` lines under way each (at most 100).
    pub fn new(address: SocketAddr, connections: usize, in_flight: usize) -> Result<Self> {
        let poll = Poll::new()?;
        let mut clients = Vec::new();
        for n in 0..connections {
            let mut stream = TcpStream::connect(address).context("cannot connect")?;
            stream.set_nodelay(true)?;
            // Closed without a trace: thousands of ports that wait for late segments would be missed by the
            // next round.
            SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
            poll.registry().register(&mut stream, Token(n), Interest::READABLE)?;
            let lines = vec![Line { sent: Instant::now(), stamp: [b'0'; 8], answers: 0 }; in_flight];
            clients.push(Client { stream, lines, part: Vec::with_capacity(ANSWER) });
        }
        let shared = Shared {
            texts: (0..in_flight).map(Text::new).collect(),
            took: Histogram::new_with_max(2 * u64::try_from(PATIENCE.as_nanos())?, 3)?,
            input: vec![0; 32 << 10],
            output: Vec::new(),
            stamps: SmallRng::seed_from_u64(u64::from(address.port())),
            under_way: 0,
            goes_on: true,
        };
        Ok(Self { poll, events: Events::with_capacity(AT_A_TIME), clients, shared, patience: PATIENCE })
    }

    /// Waits so long for an answer.
    #[cfg(test)]
    fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sends and compares for about `span`, and until everything is answered.
    pub fn run(&mut self, span: Duration) -> Result<Span> {
        let start = Instant::now();
        self.shared.took.reset();
        self.shared.goes_on = true;
        for client in &mut self.clients {
            client.begin(&mut self.shared)?;
        }
        while self.shared.under_way > 0 {
            let elapsed = start.elapsed();
            self.shared.goes_on = elapsed < span;
            let under_way = self.shared.under_way;
            ensure!(self.read()?, "{under_way} lines have no answer after {:?}", self.patience);
            ensure!(
                elapsed < span + self.patience,
                "{under_way} lines have no answer {elapsed:?} after the first"
            );
        }
        Ok(Span { took: self.shared.took.clone(), elapsed: start.elapsed() })
    }

    /// Waits for answers, and reads those that are there; false if there are none.
    fn read(&mut self) -> Result<bool> {
        match self.poll.poll(&mut self.events, Some(self.patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
            polled => polled?,
        }
        // What is ready now had come by now: the time that its turn takes here is none of the server's.
        let now = Instant::now();
        for event in &self.events {
            self.clients[event.token().0].read(now, &mut self.shared)?;
            // An end that came together with the last bytes is told once.
            ensure!(!event.is_read_closed(), "the server has closed a connection");
        }
        Ok(!self.events.is_empty())
    }
}

impl Line {
    /// Whether `answer` is what is `expected`, with its stamp.
    fn is_answered_by(&self, answer: &[u8], expected: &[u8; ANSWER]) -> bool {
        let Range { start, end } = STAMP_IN_ANSWER;
        answer.len() == ANSWER
            && answer[STAMP_IN_ANSWER] == self.stamp
            && answer[..start] == expected[..start]
            && answer[end..] == expected[end..]
    }
}

/// A digit for each four bits: digits have no case.
fn digits(number: u32) -> [u8; 8] {
    let mut digits = [0; 8];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&[b'0' + (byte >> 4) % 10, b'0' + byte % 10]);
    }
    digits
}

impl Client {
    /// Sends all its lines for the first time.
    fn begin(&mut self, shared: &mut Shared) -> Result<()> {
        shared.output.clear();
        for number in 0..self.lines.len() {
            self.send(number, shared);
        }
        self.flush(shared)
    }

    fn read(&mut self, now: Instant, shared: &mut Shared) -> Result<()> {
        shared.output.clear();
        loop {
            let mut input = std::mem::take(&mut shared.input);
            let read = self.stream.read(&mut input);
            let taken = match read {
                Ok(0) => Err(anyhow::anyhow!("the server has closed a connection")),
                Ok(n) => self.take(&input[..n], now, shared).map(|()| n < input.len()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
                Err(error) if error.kind() == ErrorKind::Interrupted => Ok(false),
                Err(error) => Err(error).context("a client has lost its connection"),
            };
            shared.input = input;
            // Less than was asked for: there is no more, and readiness is told anew.
            if taken? {
                return self.flush(shared);
            }
        }
    }

    /// Takes what has come, which is cut anywhere.
    fn take(&mut self, mut bytes: &[u8], now: Instant, shared: &mut Shared) -> Result<()> {
        if !self.part.is_empty() {
            let (rest, after) = bytes.split_at(bytes.len().min(ANSWER - self.part.len()));
            self.part.extend_from_slice(rest);
            bytes = after;
            if self.part.len() < ANSWER {
                return Ok(());
            }
            let part = std::mem::take(&mut self.part);
            self.answer(&part, now, shared)?;
            self.part = part;
            self.part.clear();
        }
        let answers = bytes.chunks_exact(ANSWER);
        self.part.extend_from_slice(answers.remainder());
        for answer in answers {
            self.answer(answer, now, shared)?;
        }
        Ok(())
    }

    fn answer(&mut self, answer: &[u8], now: Instant, shared: &mut Shared) -> Result<()> {
        let digits = answer.get(2..4).and_then(|digits| std::str::from_utf8(digits).ok());
        let number = digits.and_then(|digits| digits.parse::<usize>().ok());
        let known = number.and_then(|n| Some((n, self.lines.get_mut(n)?, shared.texts.get(n)?)));
        let text = String::from_utf8_lossy(answer);
        let Some((number, line, expected)) = known else { bail!("an answer to nothing: {text:?}") };
        let expected = expected.answers.get(line.answers).context("a line is answered a fourth time")?;
        if !line.is_answered_by(answer, expected) {
            let mut expected = *expected;
            expected[STAMP_IN_ANSWER].copy_from_slice(&line.stamp);
            bail!("expected {:?}\n     got {text:?}", String::from_utf8_lossy(&expected));
        }
        line.answers += 1;
        if line.answers == 3 {
            let took = now.saturating_duration_since(line.sent);
            shared.took.saturating_record(u64::try_from(took.as_nanos())?);
            shared.under_way -= 1;
            if shared.goes_on {
                self.send(number, shared);
            }
        }
        Ok(())
    }

    /// Puts a line among those that go out next.
    fn send(&mut self, number: usize, shared: &mut Shared) {
        let line = &mut self.lines[number];
        line.answers = 0;
        line.stamp = digits(shared.stamps.random());
        let start = shared.output.len();
        shared.output.extend_from_slice(&shared.texts[number].line);
        shared.output[start..][STAMP].copy_from_slice(&line.stamp);
        shared.under_way += 1;
        line.sent = Instant::now();
    }

    /// Sends these lines at once. They are few, and the buffers of a connection have room for them.
    fn flush(&mut self, shared: &Shared) -> Result<()> {
        if shared.output.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&shared.output).context("the server does not take a client's lines")
    }
}

#[cfg(test)]
mod tests;
