//! Many clients of a clock on one thread, which check each line that they get.

use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::SockRef;

/// How long clients wait for their first line.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the system tells at a time about connections that have something to read.
const AT_A_TIME: usize = 1024;

/// How far the clocks of two cores may be apart, in microseconds.
const APART: u64 = 10_000;

const DAY: u32 = 24 * 60 * 60;

/// `HH:MM:SS\n`.
const LINE: usize = 9;

/// Clients of one server.
pub struct Crowd {
    address: SocketAddr,
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    heard: Heard,
}

struct Client {
    stream: TcpStream,
    /// A line that has come in parts.
    line: [u8; LINE],
    len: usize,
    /// When it began to connect. No line names a second that was over by then, or one that is still to come.
    since: Duration,
    /// The second of the day of the last line.
    last: Option<u32>,
}

/// What all of them have heard.
struct Heard {
    /// How late lines came after the second that they name, in microseconds.
    late: Histogram<u64>,
    /// Clients with a line.
    served: usize,
    /// Seconds that were skipped, repeated or told in another order.
    wrong: u64,
}

impl Crowd {
    /// No clients yet, of the server at `address`.
    ///
    /// # Errors
    /// When the system gives no descriptor.
    pub fn new(address: SocketAddr) -> Result<Self> {
        let late = Histogram::new_with_bounds(1, u64::from(DAY) * 1_000_000, 3)?;
        Ok(Self {
            address,
            poll: Poll::new()?,
            events: Events::with_capacity(AT_A_TIME),
            clients: Vec::new(),
            heard: Heard { late, served: 0, wrong: 0 },
        })
    }

    /// Connects `n` more clients at once, and returns how long it takes until each has its first line.
    pub fn join(&mut self, n: usize) -> Result<Duration> {
        let start = Instant::now();
        for _ in 0..n {
            let since = since_midnight(SystemTime::now());
            let mut stream = TcpStream::connect(self.address).context("cannot connect")?;
            // Closed without a trace: thousands of ports that wait for late segments would be missed by the
            // next round.
            SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
            self.poll.registry().register(&mut stream, Token(self.clients.len()), Interest::READABLE)?;
            self.clients.push(Client { stream, line: [0; LINE], len: 0, since, last: None });
        }
        while self.heard.served < self.clients.len() {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let (served, all) = (self.heard.served, self.clients.len());
            ensure!(!left.is_zero(), "{served} of {all} clients have a line after {PATIENCE:?}");
            self.read(left)?;
        }
        Ok(start.elapsed())
    }

    /// Reads what comes until `end`.
    pub fn listen(&mut self, end: SystemTime) -> Result<()> {
        while let Ok(left) = end.duration_since(SystemTime::now()) {
            self.read(left)?;
        }
        Ok(())
    }

    /// How late the lines came that each client got after its first one.
    pub fn lateness(&self) -> &Histogram<u64> {
        &self.heard.late
    }

    /// Begins the lateness anew.
    pub fn forget_lateness(&mut self) {
        self.heard.late.reset();
    }

    /// How many seconds were not told exactly once and in order so far. Waits for clients that have not heard of
    /// this second yet, since a busy machine may be late with it; one that never does counts.
    pub fn wrong(&mut self) -> Result<u64> {
        let now = u32::try_from(since_midnight(SystemTime::now()).as_secs()).unwrap_or(0);
        let behind = |client: &&Client| client.last.is_some_and(|last| (last + DAY - now) % DAY > DAY / 2);
        let start = Instant::now();
        while self.clients.iter().any(|client| behind(&client)) && start.elapsed() < PATIENCE {
            self.read(PATIENCE.saturating_sub(start.elapsed()))?;
        }
        Ok(self.heard.wrong + self.clients.iter().filter(behind).count() as u64)
    }

    /// Waits for lines, and reads those that are there.
    fn read(&mut self, timeout: Duration) -> Result<()> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        // What is ready now had come by now: the time that its turn takes here is none of the server's.
        let now = since_midnight(SystemTime::now());
        for event in &self.events {
            self.clients[event.token().0].read(now, &mut self.heard)?;
        }
        Ok(())
    }
}

impl Client {
    fn read(&mut self, now: Duration, heard: &mut Heard) -> Result<()> {
        let mut chunk = [0; 256];
        loop {
            let n = match self.stream.read(&mut chunk) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("a client has lost its connection"),
            };
            for &byte in &chunk[..n] {
                self.byte(byte, now, heard)?;
            }
            // Less than was asked for: there is no more, and readiness is told anew.
            if n < chunk.len() {
                return Ok(());
            }
        }
    }

    fn byte(&mut self, byte: u8, now: Duration, heard: &mut Heard) -> Result<()> {
        self.line[self.len] = byte;
        self.len += 1;
        if self.len < LINE {
            return Ok(());
        }
        self.len = 0;
        let wrong =
            || format!("expected a line HH:MM:SS\n     got {:?}", String::from_utf8_lossy(&self.line));
        let second = parse(&self.line).with_context(wrong)?;
        let late =
            late(self.since, now, second).with_context(|| format!("{}\n     at {}", wrong(), clock(now)))?;
        match self.last.replace(second) {
            // The line at once, which comes at any time within its second.
            None => heard.served += 1,
            Some(last) => {
                heard.late.saturating_record(late);
                heard.wrong += u64::from(second != (last + 1) % DAY);
            }
        }
        Ok(())
    }
}

/// The second of the day that `line` names.
fn parse(line: &[u8; LINE]) -> Option<u32> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, b'\n'] = *line else { return None };
    let number = |tens: u8, ones: u8, end: u32| {
        let digit = |byte: u8| char::from(byte).to_digit(10);
        Some(digit(tens)? * 10 + digit(ones)?).filter(|n| *n < end)
    };
    Some((number(h1, h2, 24)? * 60 + number(m1, m2, 60)?) * 60 + number(s1, s2, 60)?)
}

/// Microseconds since `second` began, around midnight too; none if it was over at `since`, or is to come after `now`.
fn late(since: Duration, now: Duration, second: u32) -> Option<u64> {
    let day = u64::from(DAY) * 1_000_000;
    let now = u64::try_from(now.as_micros()).ok()?;
    let before_now = |micros: u64| (now + day - micros) % day;
    let late = before_now(u64::from(second) * 1_000_000);
    let latest = before_now(u64::try_from(since.as_micros()).ok()?) + 1_000_000 + APART;
    if late <= latest { Some(late) } else { (day - late <= APART).then_some(0) }
}

/// The time as a line of a clock has it.
fn clock(now: Duration) -> String {
    let second = now.as_secs();
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn since_midnight(now: SystemTime) -> Duration {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::new(since.as_secs() % u64::from(DAY), since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::thread;

    use kit::refused;

    use super::*;
    use crate::tests::server;

    #[test]
    fn lines() {
        assert_eq!(parse(b"00:00:00\n"), Some(0));
        assert_eq!(parse(b"23:59:59\n"), Some(DAY - 1));
        for wrong in [b"24:00:00\n", b"00:60:00\n", b"00:00:6x\n", b"00-00:00\n", b"00:00:000"] {
            assert_eq!(parse(wrong), None);
        }
    }

    #[test]
    fn lateness_knows_midnight() {
        let late =
            |since, now, second| late(Duration::from_millis(since), Duration::from_millis(now), second);
        assert_eq!(late(5_000, 5_250, 5), Some(250_000));
        assert_eq!(late(86_399_000, 250, DAY - 1), Some(1_250_000));
        assert_eq!(late(4_000, 4_999, 5), Some(0));
        assert_eq!(late(86_399_000, 86_399_999, 0), Some(0));
        // However late it comes, it was sent to this client.
        assert_eq!(late(5_900, 65_000, 5), Some(60_000_000));
        assert_eq!(
            (late(7_000, 65_000, 5), late(1_000, 4_900, 5), late(0, 5_000, 5 + DAY / 2)),
            (None, None, None)
        );
    }

    /// A server whose clients get what `told` makes of each second, given the number of the client and of its line.
    fn clock_of(told: impl Fn(usize, u64, u64) -> Option<u64> + Send + Sync + 'static) -> Result<Crowd> {
        let address = server(move |n, mut stream| {
            let second = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let first = second();
            let mut next = first;
            loop {
                // None is skipped when this thread's turn comes late.
                while next <= second() {
                    let line = told(n, next - first, next);
                    let line = line.map(|line| clock(Duration::from_secs(line % u64::from(DAY))) + "\n");
                    if stream.write_all(line.unwrap_or_default().as_bytes()).is_err() {
                        return;
                    }
                    next += 1;
                }
                thread::park_timeout(Duration::from_millis(2));
            }
        })?;
        Crowd::new(address)
    }

    #[test]
    fn a_clock_that_is_right() -> Result<()> {
        let mut crowd = clock_of(|_, _, second| Some(second))?;
        crowd.join(20)?;
        crowd.listen(SystemTime::now() + Duration::from_millis(2_100))?;
        assert_eq!(crowd.wrong()?, 0);
        assert!(crowd.lateness().len() >= 40, "{}", crowd.lateness().len());
        Ok(())
    }

    #[test]
    fn a_clock_that_tells_another_time_is_refused() -> Result<()> {
        for wrong in [20, 3600, u64::from(DAY) - 20] {
            refused(clock_of(move |_, _, second| Some(second + wrong))?.join(3), "\n     at ");
        }
        Ok(())
    }

    #[test]
    fn a_line_that_is_left_out_is_seen() -> Result<()> {
        let mut crowd = clock_of(|n, line, second| (n != 7 || line != 1).then_some(second))?;
        crowd.join(20)?;
        crowd.listen(SystemTime::now() + Duration::from_millis(2_100))?;
        assert_eq!(crowd.wrong()?, 1);
        Ok(())
    }
}
