//! A client ends its output in different ways and goes on to read: does its peer see the end of its input?

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::experiment::experiment;

experiment! {
    title: "a half close: what makes the peer see the end of its input",
    why: "tokio's shutdown() is smol's close(), while close() on async-std only flushes, and its socket has a \
          shutdown(Write) as std's has. tokio's owned write half shuts down when it is dropped; a clone of a socket \
          that is dropped on the others does nothing as long as another lives. Who forgets it leaves both waiting.",
    tokio: "shutdown(): yes; dropping the write half: yes",
    async_std: "close(): no; shutdown(Write): yes; dropping a clone: no",
    smol: "close(): yes; dropping a clone: no",
}

/// How long the peer waits for something.
const LIMIT: Duration = Duration::from_secs(10);

/// What the client writes after its half close, if it still can.
const AFTER: &[u8] = b"after";

/// One that takes a connection, and tells whether the end is the first thing that comes on it. Its answer ends the
/// connection.
struct Peer {
    address: SocketAddr,
    saw: JoinHandle<Result<bool>>,
}

impl Peer {
    fn listen() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let saw = thread::spawn(move || {
            let (mut socket, _) = listener.accept()?;
            socket.set_read_timeout(Some(LIMIT))?;
            let ended = socket.read(&mut [0; 16])? == 0;
            socket.write_all(b"answer")?;
            Ok(ended)
        });
        Ok(Self { address, saw })
    }

    fn saw_the_end(self) -> Result<bool> {
        self.saw.join().map_err(|_| anyhow!("the peer panicked"))?
    }
}

fn told(ways: &[(&str, bool)]) -> String {
    let way = |(way, ended): &(&str, bool)| format!("{way}: {}", if *ended { "yes" } else { "no" });
    ways.iter().map(way).collect::<Vec<_>>().join("; ")
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::{AFTER, Peer};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            Ok(super::told(&[
                ("shutdown()", shutdown().await?),
                ("dropping the write half", dropped_half().await?),
            ]))
        })?
    }

    async fn shutdown() -> Result<bool> {
        let peer = Peer::listen()?;
        let mut socket = TcpStream::connect(peer.address).await?;
        socket.shutdown().await?;
        socket.write_all(AFTER).await.ok();
        socket.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }

    async fn dropped_half() -> Result<bool> {
        let peer = Peer::listen()?;
        let (mut reader, writer) = TcpStream::connect(peer.address).await?.into_split();
        drop(writer);
        reader.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::net::Shutdown;

    use anyhow::Result;
    use async_std::io::{ReadExt, WriteExt};
    use async_std::net::TcpStream;
    use futures_lite::AsyncWriteExt;

    use super::{AFTER, Peer};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            Ok(super::told(&[
                ("close()", close().await?),
                ("shutdown(Write)", shutdown().await?),
                ("dropping a clone", dropped_clone().await?),
            ]))
        })?
    }

    async fn close() -> Result<bool> {
        let peer = Peer::listen()?;
        let mut socket = TcpStream::connect(peer.address).await?;
        socket.close().await?;
        WriteExt::write_all(&mut socket, AFTER).await.ok();
        socket.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }

    async fn shutdown() -> Result<bool> {
        let peer = Peer::listen()?;
        let mut socket = TcpStream::connect(peer.address).await?;
        socket.shutdown(Shutdown::Write)?;
        WriteExt::write_all(&mut socket, AFTER).await.ok();
        socket.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }

    async fn dropped_clone() -> Result<bool> {
        let peer = Peer::listen()?;
        let mut socket = TcpStream::connect(peer.address).await?;
        let writer = socket.clone();
        drop(writer);
        WriteExt::write_all(&mut socket, AFTER).await.ok();
        socket.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::io::{AsyncReadExt, AsyncWriteExt};
    use smol::net::TcpStream;

    use super::{AFTER, Peer};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            Ok(super::told(&[("close()", close().await?), ("dropping a clone", dropped_clone().await?)]))
        })?
    }

    async fn close() -> Result<bool> {
        let peer = Peer::listen()?;
        let mut socket = TcpStream::connect(peer.address).await?;
        socket.close().await?;
        socket.write_all(AFTER).await.ok();
        socket.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }

    async fn dropped_clone() -> Result<bool> {
        let peer = Peer::listen()?;
        let mut socket = TcpStream::connect(peer.address).await?;
        let writer = socket.clone();
        drop(writer);
        socket.write_all(AFTER).await.ok();
        socket.read_to_end(&mut Vec::new()).await?;
        peer.saw_the_end()
    }
}
