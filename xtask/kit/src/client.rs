//! A TCP client of the program under test.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::ops::{Deref, DerefMut};

use anyhow::{Context, Result};
use socket2::{Domain, Protocol, Socket, Type};

use crate::{DEADLINE, Reader};

/// A connection to a server. Reads as a [`Reader`] does.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    reader: Reader,
}

impl Client {
    /// Connects to `address`.
    ///
    /// # Errors
    /// When it is refused, or not taken in time.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, DEADLINE)
            .with_context(|| format!("expected to connect to {address}"))?;
        Self::over(stream)
    }

    /// Connects with a receive buffer of about `bytes`, so that a reader that stops is soon seen by the server. With
    /// few (1 is the smallest that the system gives), the rest comes slowly when it reads again.
    ///
    /// # Errors
    /// When it is refused, or not taken in time.
    pub fn connect_narrow(address: SocketAddr, bytes: usize) -> Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // Before connecting: the window is agreed on then.
        socket.set_recv_buffer_size(bytes)?;
        socket
            .connect_timeout(&address.into(), DEADLINE)
            .with_context(|| format!("expected to connect to {address}"))?;
        Self::over(socket.into())
    }

    /// Sends `text` and a newline.
    ///
    /// # Errors
    /// When the server does not take it in time.
    pub fn send(&mut self, text: &str) -> Result<()> {
        self.send_bytes(format!("{text}\n").as_bytes())
    }

    /// Sends `bytes` as they are.
    ///
    /// # Errors
    /// When the server does not take them in time.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).context("expected the server to read")
    }

    /// Ends what is sent; what the server still sends can be read.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn close_write(&mut self) -> Result<()> {
        self.stream.shutdown(Shutdown::Write).context("expected to close the write half")
    }

    /// This end's address.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn local_addr(&self) -> Result<SocketAddr> {
        Ok(self.stream.local_addr()?)
    }

    fn over(stream: TcpStream) -> Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(DEADLINE))?;
        let reader = Reader::new(stream.try_clone()?);
        Ok(Self { stream, reader })
    }
}

impl Deref for Client {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Client {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}
