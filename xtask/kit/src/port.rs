//! A port at which nobody listens, until the check wants it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use socket2::{Domain, Socket, Type};

/// A local port that is bound, so that nobody else gets it, but not listened on: who connects is refused. A
/// server under test can still listen there, if it sets `SO_REUSEADDR` as servers do.
#[derive(Debug)]
pub struct ReservedPort {
    socket: Socket,
}

impl ReservedPort {
    /// Reserves a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is none.
    pub fn new() -> Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        Ok(Self { socket })
    }

    /// Its address.
    ///
    /// # Errors
    /// When the system does not tell it.
    pub fn address(&self) -> Result<SocketAddr> {
        self.socket.local_addr()?.as_socket().context("no IP address")
    }
}

/// A local port that is listened on, and whose queue is full: who connects is neither let in nor refused.
#[derive(Debug)]
pub struct FullPort {
    listener: Socket,
    _queue: Vec<Socket>,
}

impl FullPort {
    /// Fills a port of 127.0.0.1.
    ///
    /// # Errors
    /// When there is none.
    pub fn new() -> Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        listener.listen(0)?;
        let (address, mut queue) = (listener.local_addr()?, Vec::new());
        loop {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            if socket.connect_timeout(&address, Duration::from_millis(200)).is_err() {
                return Ok(Self { listener, _queue: queue });
            }
            queue.push(socket);
        }
    }

    /// Its address.
    ///
    /// # Errors
    /// When the system does not tell it.
    pub fn address(&self) -> Result<SocketAddr> {
        self.listener.local_addr()?.as_socket().context("no IP address")
    }
}
