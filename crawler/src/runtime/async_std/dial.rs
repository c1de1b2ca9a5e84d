//! What the HTTP client needs of async-std: names, connections, encryption, a limit of time.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_std::future::timeout;
use async_std::io;
use async_std::net::{TcpStream, ToSocketAddrs};
use async_std::task::spawn_blocking;
use futures_rustls::TlsConnector;
use rustls::ClientConfig;
use smol_hyper::rt::FuturesIo;
use url::{Host, Url};

use crate::http::{Failure, Net, Stream, host_of, patience, tls};

/// async-std's network.
pub(super) struct Network;

impl Net for Network {
    async fn dial(&self, url: &Url, config: Option<&Arc<ClientConfig>>) -> Result<Stream, Failure> {
        let host = host_of(url);
        let tcp = match connect(resolve(url).await?).await {
            Ok(tcp) => tcp,
            Err(error) => return Err(Failure::Connect { host, error }),
        };
        let Some(config) = config else { return Ok(Box::pin(FuturesIo::new(tcp))) };
        let encrypted = match tls::server_name(url) {
            Some(name) => TlsConnector::from(Arc::clone(config)).connect(name, tcp).await,
            None => Err(ErrorKind::InvalidInput.into()),
        };
        match encrypted {
            Ok(stream) => Ok(Box::pin(FuturesIo::new(stream))),
            Err(error) => Err(Failure::Tls { host, error }),
        }
    }

    async fn within<T: Send>(&self, limit: Duration, work: impl Future<Output = T> + Send) -> Option<T> {
        timeout(limit, work).await.ok()
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        spawn_blocking(work).await
    }
}

/// The addresses of `url`'s server. The system's resolver blocks: async-std calls it on its blocking pool.
async fn resolve(url: &Url) -> Result<Vec<SocketAddr>, Failure> {
    let port = url.port_or_known_default().unwrap_or_default();
    let found = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(vec![(IpAddr::from(address), port).into()]),
        Some(Host::Ipv6(address)) => return Ok(vec![(IpAddr::from(address), port).into()]),
        Some(Host::Domain(name)) => (name, port).to_socket_addrs().await,
        None => Err(ErrorKind::InvalidInput.into()),
    };
    found.map(Iterator::collect).map_err(|error| Failure::Dns { host: host_of(url), error })
}

/// Connects to the first of `addresses` that answers.
async fn connect(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut last = ErrorKind::AddrNotAvailable.into();
    for (address, others) in addresses.iter().zip((0..addresses.len()).rev()) {
        match io::timeout(patience(others), TcpStream::connect(*address)).await {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
