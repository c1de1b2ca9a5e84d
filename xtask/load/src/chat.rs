//! Many clients of a chat on one thread, which compare each message that they get.

mod room;

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use memchr::memmem;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::SockRef;

use self::room::{Ear, Room, first_line, name};

/// How long nothing may come while something should.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the system tells at a time about connections.
const AT_A_TIME: usize = 1024;

/// Lines that a client says at once in a flood, and clients that do so.
const LINES: usize = 16;
const FLOODERS: usize = 100;

/// Messages that somebody has not heard yet, above which nobody says more: a client whose turn comes late, on a
/// busy machine, is not slow.
pub const UNDER_WAY: u64 = 8192;

/// Deliveries that may be under way in any case. Beyond that no more messages than twice those that all have heard since
/// a flood began: else a slow server would be waited for for minutes.
const FEW: u64 = 256_000;

/// Nothing is delivered any more.
#[derive(Debug)]
pub struct Stalled(String);

impl std::fmt::Display for Stalled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stalled {}

/// What came of a span of talk.
pub struct Spoken {
    /// Messages that a client got, over all clients.
    pub delivered: u64,
    elapsed: Duration,
    /// From sending to the last receiver, in microseconds.
    times: Histogram<u64>,
}

impl Spoken {
    /// Deliveries in a second.
    pub fn rate(&self) -> f64 {
        self.delivered as f64 / self.elapsed.as_secs_f64()
    }

    /// Seconds within which so many of the messages, of all 1, had come to the last receiver.
    pub fn quantile(&self, part: f64) -> f64 {
        Duration::from_micros(self.times.value_at_quantile(part)).as_secs_f64()
    }
}

/// Clients of one server, all in the room.
pub struct Crowd {
    address: SocketAddr,
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    /// One that never reads.
    deaf: Option<TcpStream>,
    room: Room,
    /// With what the first client's first message is told: from there on all hear the same.
    beginning: Vec<u8>,
    patience: Duration,
    chunk: Vec<u8>,
}

struct Client {
    stream: TcpStream,
    ear: Ear,
    /// What came before that, as far as it matters; none since.
    before: Option<Before>,
    /// What its connection did not take yet.
    unsent: Vec<u8>,
    /// How many messages were said when it had said its last one.
    until: u64,
}

/// What a client has got before it hears the room.
#[derive(Default)]
struct Before {
    bytes: Vec<u8>,
    name: Option<Vec<u8>>,
}

impl Crowd {
    /// No clients yet, of the server at `address`.
    ///
    /// # Errors
    /// When the system gives no descriptor.
    pub fn new(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            address,
            poll: Poll::new()?,
            events: Events::with_capacity(AT_A_TIME),
            clients: Vec::new(),
            deaf: None,
            room: Room::default(),
            beginning: Vec::new(),
            patience: PATIENCE,
            chunk: vec![0; 64 << 10],
        })
    }

    /// Brings `n` clients into the room, at once. They are in it when they are greeted, or if nothing comes for `quiet`
    /// after that.
    pub fn join(&mut self, n: usize, quiet: Duration) -> Result<()> {
        for number in 0..n {
            let mut stream = self.connect()?;
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll.registry().register(&mut stream, Token(number), interest)?;
            let unsent = format!("client{number}\n").into_bytes();
            let before = Some(Before::default());
            self.clients.push(Client { stream, ear: Ear::default(), before, unsent, until: 0 });
        }
        let greeted = |client: &Client| client.before.as_ref().is_some_and(|before| before.name.is_some());
        self.run_until(|crowd| crowd.clients.iter().all(greeted)).context("while all are greeted")?;
        while !quiet.is_zero() && self.poll_for(quiet)? {}
        for client in &self.clients {
            let name = client.before.as_ref().and_then(|before| before.name.as_deref());
            self.room.add(name.context("a client has no name")?)?;
        }
        let first = self.clients.first().and_then(|client| client.before.as_ref()?.name.as_deref());
        self.beginning = first_line(first.context("nobody is there")?)?;
        // When all have got this one, they have got all arrivals too.
        self.say(0, 1)?;
        self.run_until(Self::all_heard).context("while all hear the first message")
    }

    /// Adds a client that never reads. It has a name before its connection is even taken in.
    pub fn seat_a_deaf_one(&mut self) -> Result<()> {
        let stream = self.connect()?;
        let start = Instant::now();
        while let Err(error) = (&stream).write_all(b"deaf\n") {
            let connecting = matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::WouldBlock);
            ensure!(connecting && start.elapsed() < PATIENCE, "cannot connect: {error}");
        }
        self.deaf = Some(stream);
        self.room.expect_arrival();
        Ok(())
    }

    /// For a `span` one client says something and the next one waits until all have heard it.
    pub fn one_at_a_time(&mut self, span: Duration) -> Result<Spoken> {
        let mut times = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let (start, before) = (Instant::now(), self.room.said());
        while start.elapsed() < span {
            let sent = Instant::now();
            let speaker = usize::try_from(self.room.said())? % self.clients.len();
            self.say(speaker, 1)?;
            self.run_until(Self::all_heard)?;
            times.saturating_record(micros(sent));
        }
        Ok(self.spoken(start, before, times))
    }

    /// For a `span` many clients say something again as soon as they have heard what they said, and the slowest
    /// is not too far behind. Then waits until all have heard all of it.
    pub fn flood(&mut self, span: Duration) -> Result<Spoken> {
        let mut times = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let (start, before) = (Instant::now(), self.room.said());
        let mut sent = None;
        while start.elapsed() < span || times.is_empty() {
            let slowest = self.slowest();
            // The first client takes the time of a message.
            if self.room.since_the_first_spoke().is_some_and(|told| slowest >= told) {
                if let Some(sent) = sent.replace(Instant::now()) {
                    times.saturating_record(micros(sent));
                }
                self.say(0, 1)?;
            }
            let under_way = under_way(slowest - before, self.clients.len());
            for speaker in 1..self.clients.len().min(FLOODERS) {
                let client = &self.clients[speaker];
                let has_heard = client.unsent.is_empty() && client.ear.heard >= client.until;
                if has_heard && self.room.said() < slowest + under_way {
                    self.say(speaker, LINES)?;
                }
            }
            self.run()?;
        }
        self.run_until(Self::all_heard)?;
        Ok(self.spoken(start, before, times))
    }

    fn spoken(&self, start: Instant, before: u64, times: Histogram<u64>) -> Spoken {
        let delivered = (self.room.said() - before) * self.clients.len() as u64;
        Spoken { delivered, elapsed: start.elapsed(), times }
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
        self.clients.iter().all(|client| client.ear.heard == self.room.said())
    }

    /// How many messages the one who has heard the least has heard.
    fn slowest(&self) -> u64 {
        self.clients.iter().map(|client| client.ear.heard).min().unwrap_or_default()
    }

    fn say(&mut self, speaker: usize, messages: usize) -> Result<()> {
        let client = &mut self.clients[speaker];
        for _ in 0..messages {
            self.room.say(speaker, &mut client.unsent);
        }
        client.until = self.room.said();
        client.write()
    }

    fn run_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<()> {
        while !done(self) {
            self.run()?;
        }
        Ok(())
    }

    fn run(&mut self) -> Result<()> {
        if self.poll_for(self.patience)? {
            return Ok(());
        }
        let (said, slowest) = (self.room.said(), self.slowest());
        let slow = self.clients.iter().filter(|client| client.ear.heard < said).count();
        Err(Stalled(format!(
            "expected {said} messages for each client\n     got nothing more for {:?}, when {slow} of {} clients had \
             fewer, the least {slowest}",
            self.patience,
            self.clients.len()
        ))
        .into())
    }

    /// Waits for what comes, reads it, and writes what can be written; false if nothing comes.
    fn poll_for(&mut self, patience: Duration) -> Result<bool> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(true),
            polled => polled?,
        }
        let mut hearing = Hearing { room: &mut self.room, beginning: &self.beginning };
        for event in &self.events {
            let client = &mut self.clients[event.token().0];
            if event.is_writable() {
                client.write()?;
            }
            if event.is_readable() {
                let read = client.read(&mut self.chunk, &mut hearing);
                read.with_context(|| format!("client {}", event.token().0))?;
            }
        }
        self.room.forget(self.clients.iter().map(|client| &client.ear));
        Ok(!self.events.is_empty())
    }
}

/// What all clients hear with.
struct Hearing<'a> {
    room: &'a mut Room,
    beginning: &'a [u8],
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

    fn read(&mut self, chunk: &mut [u8], hearing: &mut Hearing<'_>) -> Result<()> {
        loop {
            match self.stream.read(chunk) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(n) => {
                    self.hear(&chunk[..n], hearing)?;
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

    fn hear(&mut self, bytes: &[u8], hearing: &mut Hearing<'_>) -> Result<()> {
        let Some(before) = &mut self.before else {
            return hearing.room.hear(&mut self.ear, bytes);
        };
        before.bytes.extend_from_slice(bytes);
        if before.name.is_none() {
            before.name = name(&before.bytes).map(<[u8]>::to_owned);
        }
        if before.name.is_none() {
            return Ok(());
        }
        if hearing.beginning.is_empty() {
            before.bytes.clear();
            return Ok(());
        }
        // Those who arrived after it are not compared: who comes first hears of more of them.
        if let Some(at) = memmem::find(&before.bytes, hearing.beginning) {
            let bytes = self.before.take().map(|before| before.bytes).unwrap_or_default();
            return hearing.room.hear(&mut self.ear, &bytes[at..]);
        }
        Ok(())
    }
}

/// How many messages may be under way when all of so many clients have heard so many.
fn under_way(heard: u64, clients: usize) -> u64 {
    (2 * heard).max(FEW / (clients as u64).max(1)).min(UNDER_WAY)
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
