//! What the HTTP client needs of smol: names, connections, encryption, a limit of time.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::TlsConnector;
use rustls::ClientConfig;
use smol::net::{TcpStream, resolve as look_up};
use smol::{Timer, future, unblock};
use smol_hyper::rt::FuturesIo;
use url::{Host, Url};

use crate::http::{Failure, Net, Stream, host_of, patience, tls};

/// smol's network.
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
        let late = async {
            Timer::after(limit).await;
            None
        };
        future::or(async { Some(work.await) }, late).await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        unblock(work).await
    }
}

/// The addresses of `url`'s server. The system's resolver blocks: smol calls it on its blocking pool.
async fn resolve(url: &Url) -> Result<Vec<SocketAddr>, Failure> {
    let port = url.port_or_known_default().unwrap_or_default();
    let found = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(vec![(IpAddr::from(address), port).into()]),
        Some(Host::Ipv6(address)) => return Ok(vec![(IpAddr::from(address), port).into()]),
        Some(Host::Domain(name)) => look_up((name, port)).await,
        None => Err(ErrorKind::InvalidInput.into()),
    };
    found.map_err(|error| Failure::Dns { host: host_of(url), error })
}

/// Connects to the first of `addresses` that answers.
async fn connect(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut last = ErrorKind::AddrNotAvailable.into();
    for (address, others) in addresses.iter().zip((0..addresses.len()).rev()) {
        let late = async {
            Timer::after(patience(others)).await;
            Err(ErrorKind::TimedOut.into())
        };
        match future::or(TcpStream::connect(*address), late).await {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                return Ok(tcp);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
