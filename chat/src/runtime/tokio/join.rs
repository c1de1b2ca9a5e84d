//! `chat join` on tokio.
//!
//! Run with: `cargo run -p chat -- --runtime tokio join 127.0.0.1:8000`
//!
//! Two loops at the same time: stdin to the server, the server to stdout. The end of stdin closes only the
//! write half; the end of the server ends both.

use std::convert::Infallible;

use anyhow::{Context, Result, bail};
use common::runtime::tokio::print;
use common::text::Outlet;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Stdout, stdin, stdout};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use super::dial;
use crate::cli::Join;
use crate::entry::Entry;

/// Enters the room, and talks until the server ends.
pub(crate) async fn join(options: &Join) -> Result<()> {
    let Join { address, timeout: limit, .. } = options;
    let server = dial(address, *limit).await?;
    let (mut input, mut output) = server.into_split();
    let mut screen = Screen { stdout: stdout(), outlet: Outlet::stdout() };
    if let Some(entry) = options.entry() {
        let entered = timeout(*limit, enter(&mut input, &mut output, entry)).await;
        let entered = entered.with_context(|| format!("{address} did not let us in in {limit:?}"))?;
        screen.show(&entered.with_context(|| address.clone())?).await?;
    }
    tokio::select! {
        end = hear(&mut input, &mut screen, address) => end,
        Err(error) = talk(&mut output, address) => Err(error),
    }
}

/// Gives the name, and returns what the server said when it took it.
async fn enter(input: &mut OwnedReadHalf, output: &mut OwnedWriteHalf, mut entry: Entry) -> Result<Vec<u8>> {
    output.write_all(entry.line.as_bytes()).await.context("lost the connection")?;
    let mut buffer = [0; 1024];
    loop {
        let n = input.read(&mut buffer).await.context("lost the connection")?;
        if n == 0 {
            bail!("it closed the connection");
        }
        if let Some(said) = entry.hear(&buffer[..n])? {
            return Ok(said);
        }
    }
}

/// Shows what is said, until the server ends.
async fn hear(input: &mut OwnedReadHalf, screen: &mut Screen, address: &str) -> Result<()> {
    // ANCHOR: 8.10-hear
    let mut buffer = [0; 1024];
    loop {
        let read = input.read(&mut buffer).await;
        let n = read.with_context(|| format!("lost the connection to {address}"))?;
        if n == 0 {
            return Ok(());
        }
        screen.show(&buffer[..n]).await?;
    }
    // ANCHOR_END: 8.10-hear
}

/// Says what comes on stdin; at its end there is nothing more to say, and still something to hear.
async fn talk(output: &mut OwnedWriteHalf, address: &str) -> Result<Infallible> {
    // ANCHOR: 8.10-talk
    let mut stdin = stdin();
    let mut buffer = [0; 1024];
    loop {
        let n = stdin.read(&mut buffer).await.context("cannot read stdin")?;
        let said = match n {
            0 => output.shutdown().await,
            n => output.write_all(&buffer[..n]).await,
        };
        said.with_context(|| format!("lost the connection to {address}"))?;
        if n == 0 {
            return std::future::pending().await;
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
