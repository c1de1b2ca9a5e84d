//! The floor: a client that is told all pages of a site and fetches them over connections that it keeps, without
//! looking at what comes.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::Site;

/// How long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it takes to fetch every page of `site` from `address` over so many connections, on one thread.
pub fn fetch(site: &Site, address: SocketAddr, connections: usize) -> Result<Duration> {
    let start = Instant::now();
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(connections);
    let mut work = Work { site, pages: 0..site.pages.len(), under_way: 0, input: vec![0; 16 << 10] };
    let mut clients = Vec::new();
    for n in 0..connections {
        let stream = std::net::TcpStream::connect_timeout(&address, PATIENCE).context("cannot connect")?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let mut client = Client { stream: TcpStream::from_std(stream), left: 0 };
        poll.registry().register(&mut client.stream, Token(n), Interest::READABLE)?;
        client.ask(&mut work)?;
        clients.push(client);
    }
    while work.under_way > 0 {
        match poll.poll(&mut events, Some(PATIENCE)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        ensure!(!events.is_empty(), "{} requests have no answer after {PATIENCE:?}", work.under_way);
        for event in &events {
            clients[event.token().0].read(&mut work)?;
        }
    }
    Ok(start.elapsed())
}

/// What all clients share.
struct Work<'a> {
    site: &'a Site,
    /// Pages that nobody has asked for yet.
    pages: Range<usize>,
    /// Requests without their whole answer.
    under_way: usize,
    /// Where is read to.
    input: Vec<u8>,
}

struct Client {
    stream: TcpStream,
    /// Bytes of the answer that have not come yet. Its length is known: not even the header is read.
    left: usize,
}

impl Client {
    /// Asks for the next page, if there is one.
    fn ask(&mut self, work: &mut Work) -> Result<()> {
        let Some(n) = work.pages.next() else { return Ok(()) };
        let page = &work.site.pages[n];
        self.left = page.answer.len();
        work.under_way += 1;
        self.stream.write_all(&page.request).context("the server does not take a request")
    }

    fn read(&mut self, work: &mut Work) -> Result<()> {
        loop {
            let n = match self.stream.read(&mut work.input) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("the connection is lost"),
            };
            self.left = self.left.checked_sub(n).context("an answer is longer than its page")?;
            if self.left == 0 {
                work.under_way -= 1;
                self.ask(work)?;
            }
            // Less than was asked for: there is no more, and readiness is told anew.
            if n < work.input.len() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::serve_during;
    use super::*;

    #[test]
    fn each_page_once() -> Result<()> {
        let site = Site::new(100);
        let (_, seen) = serve_during(&site, |address| fetch(&site, address, 7))?;
        assert_eq!(seen.pages, [1; 100]);
        assert_eq!((seen.others, seen.connections), (0, 7));
        Ok(())
    }
}
