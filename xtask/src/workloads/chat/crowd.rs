//! Many clients of a chat on one thread, which count each message that they get.
//!
//! A message ends with [`END`], which no name has, so that counting is one pass over the bytes; one whose time
//! is taken has a [`PROBE`] before it. In a room all get the same messages in the same order, so a client that
//! has got as many as were said has got its own.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use memchr::{memchr, memchr_iter};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::SockRef;

use super::Spoken;

/// How long nothing may come while something should.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long nothing comes when all arrivals are over.
const QUIET: Duration = Duration::from_millis(200);

/// What the system tells at a time about connections.
const AT_A_TIME: usize = 1024;

const END: u8 = b'~';
const PROBE: u8 = b'^';

/// The first byte of `…`, with which the server tells how much it skipped.
const SKIPPED: u8 = 0xe2;

/// What everybody says: 64 bytes with its newline.
const TEXT: &[u8] = b"...............................................................~\n";

/// Lines that a client says at once in a flood, and clients that do so.
const LINES: usize = 16;
const FLOODERS: usize = 100;

/// Messages that somebody has not heard yet, above which nobody says more: a client whose turn comes late, on a
/// busy machine, is not slow.
pub(super) const UNDER_WAY: u64 = 8192;

/// Clients of one server, all in the room.
pub(crate) struct Crowd {
    address: SocketAddr,
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    /// One that never reads.
    deaf: Option<TcpStream>,
    /// Messages, and probes among them, that were said so far.
    said: u64,
    probes: u64,
    chunk: Vec<u8>,
}

struct Client {
    stream: TcpStream,
    /// What came before it was let in.
    greeting: Vec<u8>,
    present: bool,
    heard: u64,
    probes: u64,
    /// What its connection did not take yet.
    unsent: Vec<u8>,
    /// How many messages were said when it had said its last one.
    until: u64,
}

impl Crowd {
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            address,
            poll: Poll::new()?,
            events: Events::with_capacity(AT_A_TIME),
            clients: Vec::new(),
            deaf: None,
            said: 0,
            probes: 0,
            chunk: vec![0; 64 << 10],
        })
    }

    /// Brings `n` clients into the room, at once.
    pub(crate) fn join(&mut self, n: usize) -> Result<()> {
        for _ in 0..n {
            let mut stream = self.connect()?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream, Token(self.clients.len()), interest)?;
            let unsent = format!("client{}\n", self.clients.len()).into_bytes();
            self.clients.push(Client {
                stream,
                greeting: Vec::new(),
                present: false,
                heard: 0,
                probes: 0,
                unsent,
                until: 0,
            });
        }
        self.run_until(|crowd| crowd.clients.iter().all(|client| client.present))?;
        // The book's server greets a client before it is in the room.
        while self.poll_for(QUIET)? {}
        // When all have got this one, they have got all arrivals too.
        self.say(0, TEXT, 1)?;
        self.run_until(Self::all_heard)
    }

    /// Adds a client that never reads. It has a name before its connection is even taken in.
    pub(crate) fn seat_a_deaf_one(&mut self) -> Result<()> {
        let stream = self.connect()?;
        let start = Instant::now();
        while let Err(error) = (&stream).write_all(b"deaf\n") {
            let connecting = matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::WouldBlock);
            ensure!(connecting && start.elapsed() < PATIENCE, "cannot connect: {error}");
        }
        self.deaf = Some(stream);
        Ok(())
    }

    /// For a `span` one client says something and the next one waits until all have heard it.
    pub(crate) fn one_at_a_time(&mut self, span: Duration) -> Result<Spoken> {
        let mut times = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let (start, before) = (Instant::now(), self.said);
        while start.elapsed() < span {
            let sent = Instant::now();
            let speaker = usize::try_from(self.said)? % self.clients.len();
            self.say(speaker, TEXT, 1)?;
            self.run_until(Self::all_heard)?;
            times.saturating_record(micros(sent));
        }
        let delivered = (self.said - before) * self.clients.len() as u64;
        Ok(Spoken { rate: delivered as f64 / start.elapsed().as_secs_f64(), times })
    }

    /// For a `span` many clients say something again as soon as they have heard what they said, and the slowest
    /// is not too far behind. Then waits until all have heard all of it.
    pub(crate) fn flood(&mut self, span: Duration) -> Result<Spoken> {
        let mut times = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let (start, before) = (Instant::now(), self.said);
        let (lines, mut probe) = (TEXT.repeat(LINES), TEXT.to_vec());
        probe[0] = PROBE;
        let mut sent = None;
        while start.elapsed() < span {
            if self.clients.iter().all(|client| client.probes == self.probes) {
                if let Some(sent) = sent.replace(Instant::now()) {
                    times.saturating_record(micros(sent));
                }
                self.probes += 1;
                self.say(0, &probe, 1)?;
            }
            let slowest = self.clients.iter().map(|client| client.heard).min().unwrap_or_default();
            for speaker in 1..self.clients.len().min(FLOODERS) {
                let client = &self.clients[speaker];
                let has_heard = client.unsent.is_empty() && client.heard >= client.until;
                if has_heard && self.said < slowest + UNDER_WAY {
                    self.say(speaker, &lines, LINES as u64)?;
                }
            }
            self.run(PATIENCE)?;
        }
        self.run_until(Self::all_heard)?;
        let delivered = (self.said - before) * self.clients.len() as u64;
        Ok(Spoken { rate: delivered as f64 / start.elapsed().as_secs_f64(), times })
    }

    fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(self.address).context("cannot connect")?;
        stream.set_nodelay(true)?;
        // Closed without a trace: thousands of ports that wait for late segments would be missed by the next
        // round.
        SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        Ok(stream)
    }

    fn all_heard(&self) -> bool {
        self.clients.iter().all(|client| client.heard == self.said)
    }

    fn say(&mut self, speaker: usize, text: &[u8], messages: u64) -> Result<()> {
        self.said += messages;
        let client = &mut self.clients[speaker];
        client.until = self.said;
        client.unsent.extend_from_slice(text);
        client.write()
    }

    fn run_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<()> {
        while !done(self) {
            self.run(PATIENCE)?;
        }
        Ok(())
    }

    fn run(&mut self, patience: Duration) -> Result<()> {
        ensure!(self.poll_for(patience)?, "nothing was delivered for {patience:?}");
        Ok(())
    }

    /// Waits for what comes, reads it, and writes what can be written; false if nothing comes.
    fn poll_for(&mut self, patience: Duration) -> Result<bool> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
            polled => polled?,
        }
        for event in &self.events {
            let client = &mut self.clients[event.token().0];
            if event.is_writable() {
                client.write()?;
            }
            if event.is_readable() {
                client.read(&mut self.chunk)?;
            }
        }
        Ok(!self.events.is_empty())
    }
}

impl Client {
    fn write(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(n) => _ = self.unsent.drain(..n),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Until it is writable.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    break;
                }
                Err(error) => return Err(error).context("a client has lost its connection"),
            }
        }
        Ok(())
    }

    fn read(&mut self, chunk: &mut [u8]) -> Result<()> {
        loop {
            match self.stream.read(chunk) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(n) => {
                    self.hear(&chunk[..n])?;
                    // Less than was asked for: there is no more, and readiness is told anew.
                    if n < chunk.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("a client has lost its connection"),
            }
        }
    }

    fn hear(&mut self, bytes: &[u8]) -> Result<()> {
        // Many bytes at a time: counted one by one they would cost more than the server takes to send them.
        self.heard += memchr_iter(END, bytes).count() as u64;
        self.probes += memchr_iter(PROBE, bytes).count() as u64;
        ensure!(memchr(SKIPPED, bytes).is_none(), "messages were skipped for a client that reads");
        if !self.present {
            self.greeting.extend_from_slice(bytes);
            let welcome = b"You are ";
            self.present = self.greeting.windows(welcome.len()).any(|window| window == welcome);
            if self.present {
                self.greeting = Vec::new();
            }
        }
        Ok(())
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
