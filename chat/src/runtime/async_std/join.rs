//! `chat join` on async-std.
//!
//! Run with: `cargo run -p chat -- --runtime async-std join 127.0.0.1:8000`
//!
//! Two loops at the same time: stdin to the server, the server to stdout. The end of stdin closes only the
//! write half; the end of the server ends both.

use std::convert::Infallible;
use std::net::Shutdown;

use anyhow::{Context, Result, bail};
use async_std::future::timeout;
use async_std::io::{ReadExt, Stdout, WriteExt, stdin, stdout};
use async_std::net::TcpStream;
use common::runtime::async_std::print;
use common::text::Outlet;
use futures_lite::future;

use super::dial;
use crate::cli::Join;
use crate::entry::Entry;

/// Enters the room, and talks until the server ends.
pub(crate) async fn join(options: &Join) -> Result<()> {
    let Join { address, timeout: limit, .. } = options;
    let mut server = dial(address, *limit).await?;
    let mut screen = Screen { stdout: stdout(), outlet: Outlet::stdout() };
    if let Some(entry) = options.entry() {
        let entered = timeout(*limit, enter(&mut server, entry)).await;
        let entered = entered.with_context(|| format!("{address} did not let us in in {limit:?}"))?;
        screen.show(&entered.with_context(|| address.clone())?).await?;
    }
    let talk = async { talk(&mut server.clone(), address).await.map(|never| match never {}) };
    future::or(hear(&mut server.clone(), &mut screen, address), talk).await
}

/// Gives the name, and returns what the server said when it took it.
async fn enter(server: &mut TcpStream, mut entry: Entry) -> Result<Vec<u8>> {
    server.write_all(entry.line.as_bytes()).await.context("lost the connection")?;
    let mut buffer = [0; 1024];
    loop {
        let n = server.read(&mut buffer).await.context("lost the connection")?;
        if n == 0 {
            bail!("it closed the connection");
        }
        if let Some(said) = entry.hear(&buffer[..n])? {
            return Ok(said);
        }
    }
}

/// Shows what is said, until the server ends.
async fn hear(server: &mut TcpStream, screen: &mut Screen, address: &str) -> Result<()> {
    // ANCHOR: 8.10-hear
    let mut buffer = [0; 1024];
    loop {
        let read = server.read(&mut buffer).await;
        let n = read.with_context(|| format!("lost the connection to {address}"))?;
        if n == 0 {
            return Ok(());
        }
        screen.show(&buffer[..n]).await?;
    }
    // ANCHOR_END: 8.10-hear
}

/// Says what comes on stdin; at its end there is nothing more to say, and still something to hear.
async fn talk(server: &mut TcpStream, address: &str) -> Result<Infallible> {
    // ANCHOR: 8.10-talk
    let mut stdin = stdin();
    let mut buffer = [0; 1024];
    loop {
        let n = stdin.read(&mut buffer).await.context("cannot read stdin")?;
        let said = match n {
            0 => server.shutdown(Shutdown::Write),
            n => server.write_all(&buffer[..n]).await,
        };
        said.with_context(|| format!("lost the connection to {address}"))?;
        if n == 0 {
            return future::pending().await;
        }
    }
    // ANCHOR_END: 8.10-talk
}

/// stdout, which shows a terminal nothing but text.
struct Screen {
    stdout: Stdout,
    outlet: Outlet,
}

impl Screen {
    async fn show(&mut self, said: &[u8]) -> Result<()> {
        print(&mut self.stdout, &self.outlet.pass(said)).await
    }
}
