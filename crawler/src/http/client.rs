//! Requests, with a limit of time for each of their steps and of size for what they bring.

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use rustls::ClientConfig;
use tracing::{debug, warn};
use url::{Position, Url};

use super::body::Unpacker;
use super::connection::Connection;
use super::head::{self, Head, Validators};
use super::pool::{Origin, Pool};
use super::{Failure, Misdirection, Net, Step, host_of, tls};
use crate::address;
use crate::cli;

/// Redirects in a row that are followed.
pub(crate) const MAX_REDIRECTS: u8 = 10;

/// Files that a request has open: its connection; that of the resolver before, or the file for a copy, and its folder.
const FILES: usize = 3;

/// Files that are open besides: the standard ones, and what runtimes need.
const OTHER_FILES: usize = 32;

/// Of a body that nobody wants, so much is read to keep the connection: to read more takes longer than to connect.
const DRAINED: usize = 64 << 10;

/// Makes requests, and keeps connections for those to come.
pub(crate) struct Client<N> {
    pub(crate) net: N,
    pool: Mutex<Pool<Connection>>,
    limit: usize,
    /// Made for the first connection that needs it: it is most of what a client without one would keep in memory.
    tls: OnceLock<Arc<ClientConfig>>,
    agent: HeaderValue,
    timeout: Duration,
    max_body: usize,
}

impl<N: Net> Client<N> {
    /// A client with at most `limit` connections, if no more requests than [`limit`](Self::limit) are under way at a time.
    ///
    /// # Errors
    /// A user agent that cannot be sent, or certificates that cannot be read.
    pub(crate) fn new(net: N, options: &cli::Client, limit: usize) -> Result<Self> {
        let agent = HeaderValue::from_str(&options.user_agent)
            .with_context(|| format!("--user-agent {:?}: cannot be sent in HTTP", options.user_agent))?;
        let limit = affordable(limit);
        let (tls, pool) = (OnceLock::new(), Mutex::new(Pool::new(limit)));
        if let Some(file) = &options.ca {
            // It is new, and empty.
            tls.set(tls::config(Some(file))?).ok();
        }
        Ok(Self { net, pool, limit, tls, agent, timeout: options.timeout, max_body: options.max_body })
    }

    /// Requests that may be under way at a time: fewer than were asked for where the system lets us open few files.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Asks for `url`, and returns when the head of the answer has come. Redirects are answers.
    ///
    /// A connection that was used before may be closed by the server just as the request is sent: then it is sent
    /// once more, on a new one (RFC 9112, 9.3.1).
    pub(crate) async fn get(&self, url: &Url, known: Option<&Validators>) -> Result<Answer<'_, N>, Failure> {
        let (origin, mut connection) = self.kept(url).await;
        let mut lease = match connection.take() {
            Some(connection) => Lease { client: self, origin, connection: Some(connection), is_clean: false },
            None => self.dial(url, origin).await?,
        };
        let answer = match lease.send(url, known).await {
            Err(Failure::Closed(error)) if lease.is_used() => {
                debug!(%url, %error, "sent again on a new connection");
                let origin = lease.origin.clone();
                drop(lease);
                lease = self.dial(url, origin).await?;
                lease.send(url, known).await?
            }
            answer => answer?,
        };
        let (head, body) = answer.into_parts();
        Ok(Answer { lease, head: Head::new(head), body })
    }

    /// Asks for `url` and follows redirects, at most ten in a row, to hosts that `may` be asked.
    ///
    /// # Errors
    /// See [`Failure`]; an answer that is no success is returned.
    pub(crate) async fn follow(
        &self,
        url: &Url,
        may: impl Fn(&Url) -> bool,
    ) -> Result<Answer<'_, N>, Failure> {
        let mut seen = vec![url.clone()];
        loop {
            let url = &seen[seen.len() - 1];
            let mut answer = self.get(url, None).await?;
            let Some(location) = answer.head.location() else { return Ok(answer) };
            let target = redirected(url, location).map_err(Failure::Redirect)?;
            if seen.contains(&target) {
                return Err(Failure::Redirect(Misdirection::Loop(String::from(target).into())));
            }
            if !may(&target) {
                return Err(Failure::Redirect(Misdirection::OtherHost(String::from(target).into())));
            }
            if seen.len() > usize::from(MAX_REDIRECTS) {
                return Err(Failure::Redirect(Misdirection::TooMany(MAX_REDIRECTS)));
            }
            answer.drain().await;
            drop(answer);
            seen.push(target);
        }
    }

    /// The connection to `url`'s server that was used last, if it still can be.
    async fn kept(&self, url: &Url) -> (Origin, Option<Connection>) {
        let origin: Origin = url[..Position::BeforePath].into();
        loop {
            let Some(mut connection) = self.pool().take(&origin) else { return (origin, None) };
            if connection.is_clean().await {
                return (origin, Some(connection));
            }
            self.pool().gone();
        }
    }

    async fn dial(&self, url: &Url, origin: Origin) -> Result<Lease<'_, N>, Failure> {
        let closed = self.pool().make();
        drop(closed);
        let mut lease = Lease { client: self, origin, connection: None, is_clean: false };
        let connected = async { Connection::over(self.net.dial(url, self.tls(url)?).await?).await };
        lease.connection = Some(self.within(Step::Connecting, connected).await?);
        Ok(lease)
    }

    /// How a connection to `url` is encrypted; none for one that is not.
    fn tls(&self, url: &Url) -> Result<Option<&Arc<ClientConfig>>, Failure> {
        if url.scheme() == "http" {
            return Ok(None);
        }
        if self.tls.get().is_none() {
            let failure = |error| Failure::Tls { host: host_of(url), error: io::Error::other(error) };
            let made = tls::config(None).map_err(failure)?;
            // Another connection may have made it meanwhile.
            self.tls.set(made).ok();
        }
        Ok(self.tls.get())
    }

    async fn within<T: Send>(
        &self,
        step: Step,
        work: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, Failure> {
        // Pinned here, so that the runtime's timeout moves a pointer and not a future of a KiB.
        let work = pin!(work);
        let limit = self.timeout;
        self.net.within(limit, work).await.unwrap_or(Err(Failure::Timeout { step, limit }))
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Pool<Connection>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of `wanted` requests at a time, as many as the limit of open files allows. Without that the book's first crawler ends in
/// errors: no more files can be opened, and pages are lost that could have waited.
fn affordable(wanted: usize) -> usize {
    let files = common::net::raise_open_files().and_then(|files| usize::try_from(files).ok());
    let most = files.map_or(wanted, |files| files.saturating_sub(OTHER_FILES) / FILES).max(1);
    if most < wanted {
        warn!("{most} requests at a time, not {wanted}: so few files can be open (see `ulimit -n`)");
    }
    most.min(wanted)
}

/// Where a redirect of `url` leads.
pub(crate) fn redirected(url: &Url, location: Option<&str>) -> Result<Url, Misdirection> {
    let location = location.ok_or(Misdirection::Nowhere)?;
    let target = url.join(location).ok().and_then(address::normal);
    target.ok_or_else(|| Misdirection::NoPage(location.to_owned()))
}

/// A connection in use, counted until it is dropped.
struct Lease<'a, N: Net> {
    client: &'a Client<N>,
    origin: Origin,
    /// None before it is made.
    connection: Option<Connection>,
    /// It may be used again.
    is_clean: bool,
}

impl<N: Net> Lease<'_, N> {
    async fn send(
        &mut self,
        url: &Url,
        known: Option<&Validators>,
    ) -> Result<hyper::Response<Incoming>, Failure> {
        let Some(connection) = &mut self.connection else {
            unreachable!("a lease without a connection is not used")
        };
        let request = head::request(url, &self.client.agent, known)
            .ok_or_else(|| Failure::Decode(format!("{url} cannot be asked for in HTTP")))?;
        self.client.within(Step::FirstByte, connection.send(request)).await
    }

    /// Takes note that the answer with this head was read to its end. Whether the server closes the connection after
    /// all is looked at when it is wanted again.
    fn settle(&mut self, head: &Head) {
        if let Some(connection) = &mut self.connection {
            connection.is_used = true;
            self.is_clean = head.keeps_alive();
        }
    }

    fn is_used(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.is_used)
    }
}

impl<N: Net> Drop for Lease<'_, N> {
    fn drop(&mut self) {
        match self.connection.take().filter(|_| self.is_clean) {
            Some(connection) => self.client.pool().give_back(std::mem::take(&mut self.origin), connection),
            None => self.client.pool().gone(),
        }
    }
}

/// An answer whose body is still to come. Dropped before it was read to its end, it closes the connection.
pub(crate) struct Answer<'a, N: Net> {
    lease: Lease<'a, N>,
    pub(crate) head: Head,
    body: Incoming,
}

impl<N: Net> Answer<'_, N> {
    /// Reads the body to its end, unpacks it, and passes it to `sink` as it comes.
    ///
    /// # Errors
    /// When it does not come whole and in time, is too large unpacked, or `sink` fails. `sink` has had all that came
    /// before; of a body that is too large, just as much as is allowed.
    pub(crate) async fn read(
        &mut self,
        sink: impl FnMut(&[u8]) -> Result<(), Failure> + Send,
    ) -> Result<(), Failure> {
        let Self { lease, head, body } = self;
        let client = lease.client;
        let Some(connection) = &mut lease.connection else { return Ok(()) };
        let mut unpacker = Unpacker::new(head.content_encoding(), client.max_body, sink)?;
        let whole = async {
            while let Some(part) = connection.part(body).await? {
                unpacker.push(&part)?;
            }
            unpacker.finish()
        };
        client.within(Step::Body, whole).await?;
        lease.settle(head);
        Ok(())
    }

    /// Reads a body that nobody wants, if it is small, so that its connection can be used again.
    pub(crate) async fn drain(&mut self) {
        let Self { lease, head, body } = self;
        let client = lease.client;
        let Some(connection) = &mut lease.connection else { return };
        if head.length().is_some_and(|length| length > DRAINED as u64) {
            return;
        }
        let whole = async {
            let mut left = DRAINED;
            while let Some(part) = connection.part(body).await? {
                left = left.checked_sub(part.len()).ok_or(Failure::TooLarge(DRAINED))?;
            }
            Ok(())
        };
        // Why it does not come whole is nothing to anybody.
        if client.within(Step::Body, whole).await.is_ok() {
            lease.settle(head);
        }
    }
}
