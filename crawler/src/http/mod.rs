//! An HTTP/1.1 client (RFC 9110, RFC 9112) for many requests to few servers.
//!
//! What a runtime does for it is behind one small trait, [`Net`]: to look up a name, to connect, to encrypt, and to
//! put a limit of time on it all. The rest is here once: the connections that are kept ([`pool`]), a request and its
//! answer ([`connection`]), unpacking ([`body`]), redirects ([`client`]).

mod body;
mod client;
mod connection;
mod failure;
mod head;
mod pool;
pub(crate) mod tls;

pub(crate) use client::{Answer, Client, MAX_REDIRECTS, redirected};
pub(crate) use connection::Stream;
pub(crate) use failure::{Failure, Misdirection, Step, host_of};
pub(crate) use head::Validators;

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use url::Url;

/// What the client needs of a runtime.
pub(crate) trait Net: Send + Sync + 'static {
    /// Connects to the server of `url`: finds its addresses, tries one after another, and encrypts the connection by
    /// `tls`, if that is given. Dropping the future gives up. Never blocks the executor.
    fn dial(
        &self,
        url: &Url,
        tls: Option<&Arc<ClientConfig>>,
    ) -> impl Future<Output = Result<Stream, Failure>> + Send;

    /// What `work` gives, or none when that takes longer than `limit`.
    fn within<T: Send>(
        &self,
        limit: Duration,
        work: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Option<T>> + Send;

    /// Calls `work`, which blocks, on a thread where it may.
    fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> + Send;
}

/// How long to wait for an address while there are `others` to try: one that does not answer, as IPv6 where there is a
/// hole in it, is not to cost the whole time for connecting.
pub(crate) fn patience(others: usize) -> Duration {
    Duration::from_secs(if others > 0 { 2 } else { 365 * 24 * 60 * 60 })
}
