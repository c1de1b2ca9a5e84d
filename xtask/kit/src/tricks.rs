//! A web server of tricks: what a check makes it say, byte for byte, and what it saw of its visitors.
//!
//! A thread a connection, without a runtime and without an HTTP library: it must be able to do what those refuse.

mod answer;

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

pub use self::answer::Answer;
use crate::DEADLINE;
use crate::suite::is_given_up;

/// Who waits looks that often whether it still should.
const GLANCE: Duration = Duration::from_millis(50);

/// The most that is read of a request's head.
const LONGEST_HEAD: u64 = 64 << 10;

/// What a connection is read from and written to: the socket, or TLS over it.
pub trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// Makes a [`Stream`] of an accepted socket.
type Wrap = dyn Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync;

/// Answers a request. What it returns is whether the connection is kept; an error ends it.
type Routes = dyn Fn(&Request, &mut Answer) -> io::Result<()> + Send + Sync;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Tricks {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `HEAD`.
    pub method: String,
    /// The path with its query, as it was written.
    pub path: String,
    /// The request line and the headers.
    pub head: String,
    /// Its connection, counted from 0.
    pub connection: usize,
    /// Which request of its connection it is, counted from 0.
    pub nth: usize,
    /// When it had come.
    pub at: Instant,
}

impl Request {
    /// The value of a header; none if it is not there.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What the server saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The requests, in the order in which they came.
    pub requests: Vec<Request>,
    /// The paths of requests whose client left before it had the answer.
    pub left: Vec<String>,
    /// Connections that are open now.
    pub open: usize,
    /// The most that were open at a time.
    pub most_open: usize,
    /// Connections that there were in all.
    pub connections: usize,
    /// Requests that are being answered now.
    pub busy: usize,
    /// The most that were being answered at a time.
    pub most_busy: usize,
}

impl Seen {
    /// How often `path` was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.requests.iter().filter(|request| request.path == path).count()
    }

    /// The paths asked for, in the order in which the requests came, without robots.txt.
    pub fn paths(&self) -> Vec<&str> {
        self.requests.iter().map(|request| request.path.as_str()).filter(|p| *p != "/robots.txt").collect()
    }

    /// When `path` was asked for, each time.
    pub fn times(&self, path: &str) -> Vec<Instant> {
        self.requests.iter().filter(|request| request.path == path).map(|request| request.at).collect()
    }
}

impl Tricks {
    /// Listens on a free port of 127.0.0.1 and answers by `routes`. Connections are kept unless an answer ends them.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(
        routes: impl Fn(&Request, &mut Answer) -> io::Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::wrapped("127.0.0.1:0", |socket| Ok(Box::new(socket)), routes)
    }

    /// The same at `address`, with what `wrap` makes of each socket: TLS.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub fn wrapped(
        address: &str,
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        routes: impl Fn(&Request, &mut Answer) -> io::Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        let (wrap, routes): (Arc<Wrap>, Arc<Routes>) = (Arc::new(wrap), Arc::new(routes));
        let shared = Arc::new(Shared::default());
        let server = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(socket) = socket else { continue };
                let Some(id) = shared.admit(&socket) else { return };
                let (shared, wrap, routes) = (Arc::clone(&shared), Arc::clone(&wrap), Arc::clone(&routes));
                thread::spawn(move || {
                    // How it ended is seen by the client.
                    converse(&shared, socket, id, &*wrap, &*routes).ok();
                    shared.dismiss(id);
                });
            }
        });
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `path` as a URL of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it saw so far.
    pub fn seen(&self) -> Seen {
        self.shared.lock().seen.clone()
    }

    /// Waits until what it saw is as it should be, and returns it.
    ///
    /// # Errors
    /// When it is not in time, with `what` and what it saw.
    pub fn wait_for(&self, what: &str, mut holds: impl FnMut(&Seen) -> bool) -> Result<Seen> {
        let deadline = Instant::now() + DEADLINE;
        let mut state = self.shared.lock();
        while !holds(&state.seen) && !is_given_up() && Instant::now() < deadline {
            let waited = self.shared.changed.wait_timeout(state, GLANCE);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let seen = state.seen.clone();
        drop(state);
        ensure!(
            holds(&seen),
            "expected {what}\n     got {:?} asked for, {:?} left, {} of {} connections open",
            seen.paths(),
            seen.left,
            seen.open,
            seen.connections
        );
        Ok(seen)
    }
}

impl Drop for Tricks {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.over = true;
        for socket in state.sockets.values() {
            socket.shutdown(Shutdown::Both).ok();
        }
        drop(state);
        // The thread that accepts looks whether it is over when somebody comes.
        TcpStream::connect_timeout(&self.address, DEADLINE).ok();
    }
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    seen: Seen,
    /// Those of the open connections, to end them.
    sockets: HashMap<usize, TcpStream>,
    over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.lock().seen);
        self.changed.notify_all();
    }

    /// The number of a new connection; none when all is over.
    fn admit(&self, socket: &TcpStream) -> Option<usize> {
        let mut state = self.lock();
        if state.over {
            return None;
        }
        let seen = &mut state.seen;
        let id = seen.connections;
        seen.connections += 1;
        seen.open += 1;
        seen.most_open = seen.most_open.max(seen.open);
        state.sockets.extend(socket.try_clone().map(|socket| (id, socket)));
        drop(state);
        self.changed.notify_all();
        Some(id)
    }

    /// Ends a connection.
    fn dismiss(&self, id: usize) {
        let socket = self.lock().sockets.remove(&id);
        // Before it is counted: who waits for that may look at what the client sees of it.
        socket.map(|socket| socket.shutdown(Shutdown::Both));
        self.change(|seen| seen.open -= 1);
    }
}

/// Answers the requests of one connection until either side ends it.
fn converse(
    shared: &Shared,
    socket: TcpStream,
    connection: usize,
    wrap: &Wrap,
    routes: &Routes,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    // A client that takes nothing does not keep the thread for ever.
    socket.set_write_timeout(Some(DEADLINE))?;
    let watched = socket.try_clone()?;
    let mut stream = BufReader::new(wrap(socket)?);
    for nth in 0.. {
        let Some(request) = read_request(&mut stream, connection, nth)? else { return Ok(()) };
        shared.change(|seen| {
            seen.busy += 1;
            seen.most_busy = seen.most_busy.max(seen.busy);
            seen.requests.push(request.clone());
        });
        let mut answer = Answer { stream: stream.get_mut(), socket: &watched, keep: true, left: false };
        let done = routes(&request, &mut answer);
        let (keep, left) = (answer.keep, answer.left);
        shared.change(|seen| {
            seen.busy -= 1;
            seen.left.extend((left || done.is_err()).then_some(request.path));
        });
        done?;
        if !keep {
            return Ok(());
        }
    }
    Ok(())
}

/// The next request; none when the client ends the connection.
fn read_request(
    stream: &mut BufReader<Box<dyn Stream>>,
    connection: usize,
    nth: usize,
) -> io::Result<Option<Request>> {
    let mut head = Vec::new();
    let mut limited = stream.take(LONGEST_HEAD);
    while !head.ends_with(b"\r\n\r\n") {
        if limited.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut line = head.split_ascii_whitespace().map(str::to_owned);
    let (method, path) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    Ok(Some(Request { method, path, head, connection, nth, at: Instant::now() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(address: SocketAddr, requests: &str) -> Result<String> {
        let mut client = TcpStream::connect_timeout(&address, DEADLINE)?;
        client.write_all(requests.as_bytes())?;
        let mut answers = String::new();
        client.read_to_string(&mut answers)?;
        Ok(answers)
    }

    #[test]
    fn it_answers_and_tells_what_it_saw() -> Result<()> {
        let server = Tricks::start(|request, answer| {
            answer.page(&format!("{} of {}", request.nth, request.header("host").unwrap_or_default()))?;
            if request.path == "/last" {
                answer.close();
            }
            Ok(())
        })?;
        let answers =
            read_all(server.address(), "GET / HTTP/1.1\r\nHOST: x\r\n\r\nGET /last HTTP/1.1\r\n\r\n")?;
        assert!(answers.contains("0 of x") && answers.ends_with("1 of "), "{answers}");
        let seen = server.wait_for("the end", |seen| seen.open == 0)?;
        assert_eq!(seen.paths(), ["/", "/last"]);
        assert_eq!((seen.connections, seen.most_open, seen.most_busy, seen.busy), (1, 1, 1, 0));
        Ok(())
    }

    #[test]
    fn it_sees_who_leaves_and_ends_when_it_is_dropped() -> Result<()> {
        let server = Tricks::start(|_, answer| answer.never())?;
        let mut client = TcpStream::connect_timeout(&server.address(), DEADLINE)?;
        client.write_all(b"GET /left HTTP/1.1\r\n\r\n")?;
        server.wait_for("the request", |seen| seen.busy == 1)?;
        drop(client);
        server.wait_for("the end", |seen| seen.left == ["/left"] && seen.open == 0)?;
        let mut other = TcpStream::connect_timeout(&server.address(), DEADLINE)?;
        server.wait_for("another", |seen| seen.open == 1)?;
        drop(server);
        assert_eq!(other.read(&mut [0])?, 0);
        Ok(())
    }
}
