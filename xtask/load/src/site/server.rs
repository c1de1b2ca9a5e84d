//! The server of a [`Site`], which is the same for all that crawl it, costs as little as it can, and counts what it
//! is asked for.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use super::{NOT_FOUND, Site};

const LISTENER: Token = Token(usize::MAX);
const STOP: Token = Token(usize::MAX - 1);

/// The longest request.
const LONGEST: usize = 8 << 10;

/// What it was asked for.
pub struct Seen {
    /// Requests for each page.
    pub pages: Vec<u32>,
    /// Requests for what is not there, such as robots.txt.
    pub others: u32,
    /// Connections in all.
    pub connections: usize,
    /// The most connections that were open at a time.
    pub most_open: usize,
}

impl Seen {
    /// All requests.
    pub fn requests(&self) -> u64 {
        self.pages.iter().chain([&self.others]).map(|n| u64::from(*n)).sum()
    }
}

/// Serves `site` while `work` goes on, which gets the address.
pub fn serve_during<T>(site: &Site, work: impl FnOnce(SocketAddr) -> Result<T>) -> Result<(T, Seen)> {
    let mut listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = listener.local_addr()?;
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    // It has to outlive the server: an event of what is closed is not told.
    let waker = Waker::new(poll.registry(), STOP)?;
    thread::scope(|scope| {
        let server = thread::Builder::new().name("site".to_owned());
        let server = server.spawn_scoped(scope, move || Server::new(site, poll, listener).serve())?;
        let stop = Stop(&waker);
        let done = work(address);
        drop(stop);
        let seen = server.join().map_err(|_| anyhow!("the server of the site has panicked"))?;
        // A fault of the server is the reason for one of its client.
        let seen = seen.context("the server of the site")?;
        Ok((done?, seen))
    })
}

/// Stops the server when it is dropped.
struct Stop<'a>(&'a Waker);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.wake().ok();
    }
}

struct Server<'a> {
    site: &'a Site,
    poll: Poll,
    listener: TcpListener,
    /// By their tokens; none where it is closed.
    clients: Vec<Option<Client>>,
    open: usize,
    seen: Seen,
    /// Where is read to.
    input: Vec<u8>,
}

struct Client {
    stream: TcpStream,
    /// The beginning of a request that has come in parts.
    part: Vec<u8>,
}

impl<'a> Server<'a> {
    fn new(site: &'a Site, poll: Poll, listener: TcpListener) -> Self {
        let seen = Seen { pages: vec![0; site.pages.len()], others: 0, connections: 0, most_open: 0 };
        Self { site, poll, listener, clients: Vec::new(), open: 0, seen, input: vec![0; LONGEST] }
    }

    fn serve(mut self) -> Result<Seen> {
        stay()?;
        let mut events = Events::with_capacity(256);
        loop {
            match self.poll.poll(&mut events, None) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &events {
                match event.token() {
                    STOP => return Ok(self.seen),
                    LISTENER => self.accept()?,
                    Token(n) => self.read(n)?,
                }
            }
        }
    }

    fn accept(&mut self) -> Result<()> {
        loop {
            let mut stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error).context("cannot accept"),
            };
            stream.set_nodelay(true)?;
            let token = Token(self.clients.len());
            self.poll.registry().register(&mut stream, token, Interest::READABLE)?;
            self.clients.push(Some(Client { stream, part: Vec::new() }));
            self.open += 1;
            self.seen.connections += 1;
            self.seen.most_open = self.seen.most_open.max(self.open);
        }
    }

    /// Reads what has come on connection `n`, and answers.
    fn read(&mut self, n: usize) -> Result<()> {
        while let Some(client) = &mut self.clients[n] {
            match client.stream.read(&mut self.input) {
                Ok(read) if read > 0 => {
                    client.take(&self.input[..read], self.site, &mut self.seen)?;
                    // Less than was asked for: there is no more, and readiness is told anew.
                    if read < self.input.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Its end, or a reset.
                _ => {
                    self.clients[n] = None;
                    self.open -= 1;
                }
            }
        }
        Ok(())
    }
}

/// Keeps this thread on one core, the first that it may use: where it runs then makes no difference between those
/// that crawl.
fn stay() -> Result<()> {
    let all = sched_getaffinity(None)?;
    let mut one = CpuSet::new();
    one.set((0..CpuSet::MAX_CPU).find(|cpu| all.is_set(*cpu)).context("there is no core")?);
    sched_setaffinity(None, &one).context("cannot stay on a core")
}

impl Client {
    /// Takes the bytes of a request, and answers it when they are all there. None of those that crawl sends the next
    /// one before it has the answer.
    fn take(&mut self, bytes: &[u8], site: &Site, seen: &mut Seen) -> Result<()> {
        if self.part.is_empty() && bytes.ends_with(b"\r\n\r\n") {
            return self.answer(bytes, site, seen);
        }
        self.part.extend_from_slice(bytes);
        ensure!(self.part.len() <= LONGEST, "a request of more than {LONGEST} bytes");
        if self.part.ends_with(b"\r\n\r\n") {
            let request = std::mem::take(&mut self.part);
            self.answer(&request, site, seen)?;
        }
        Ok(())
    }

    fn answer(&mut self, request: &[u8], site: &Site, seen: &mut Seen) -> Result<()> {
        let path = path(request)
            .with_context(|| format!("not a request for a page: {:?}", String::from_utf8_lossy(request)))?;
        let answer = match site.find(path) {
            Some(page) => {
                seen.pages[page] += 1;
                &site.pages[page].answer
            }
            None => {
                seen.others += 1;
                NOT_FOUND
            }
        };
        match self.stream.write_all(answer) {
            // One answer at a time: the buffers of a connection have room for it.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                Err(error).context("a client does not take an answer")
            }
            // It is gone: that is read next.
            _ => Ok(()),
        }
    }
}

/// What a request asks for.
fn path(request: &[u8]) -> Option<&[u8]> {
    let path = request.strip_prefix(b"GET ")?;
    Some(&path[..path.iter().position(|byte| *byte == b' ')?])
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    fn connect(address: SocketAddr) -> Result<TcpStream> {
        Ok(TcpStream::connect_timeout(&address, Duration::from_secs(10))?)
    }

    #[test]
    fn what_is_asked_for_is_counted() -> Result<()> {
        let site = Site::new(10);
        let (page, seen) = serve_during(&site, |address| {
            let mut first = connect(address)?;
            let mut second = connect(address)?;
            let mut answer = vec![0; site.pages[7].answer.len()];
            for _ in 0..2 {
                for part in site.pages[7].request.chunks(10) {
                    first.write_all(part)?;
                }
                first.read_exact(&mut answer)?;
            }
            let mut missing = vec![0; NOT_FOUND.len()];
            second.write_all(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")?;
            second.read_exact(&mut missing)?;
            assert_eq!(missing, NOT_FOUND);
            Ok(answer)
        })?;
        assert_eq!(page, site.pages[7].answer);
        assert_eq!(seen.pages, [0, 0, 0, 0, 0, 0, 0, 2, 0, 0]);
        assert_eq!((seen.others, seen.connections, seen.most_open, seen.requests()), (1, 2, 2, 3));
        Ok(())
    }
}
