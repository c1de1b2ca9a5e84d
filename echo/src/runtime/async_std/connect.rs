//! `echo connect` on async-std: the book's netcat3.
//!
//! Run with: `cargo run -p echo -- --runtime async-std connect 127.0.0.1:8000`
//!
//! ```text
//! stdin ─► send ─► server ─► receive ─► stdout
//! ```
//!
//! The two directions are two futures. The end of stdin ends the sending alone; the end of the server ends
//! both, also while a read of stdin is under way.

use std::future::pending;
use std::net::Shutdown;

use anyhow::{Context, Result};
use async_std::io::{self, ReadExt, WriteExt, stdin, stdout};
use async_std::net::TcpStream;
use common::runtime::async_std::print;
use common::text::Outlet;
use futures_lite::future;

use super::dial;
use crate::cli::Connect;

/// Sends stdin to the server and shows what it answers, until the server ends.
pub(crate) async fn connect(options: &Connect) -> Result<()> {
    // ANCHOR: 8.3-connect
    let address = &options.address;
    let server = dial(address, options.timeout).await?;
    server.set_nodelay(true)?;
    let sending = async {
        send(&server).await.context("cannot read stdin")?;
        pending().await
    };
    // In order: when the server has ended, it does not matter that it takes nothing more.
    future::or(receive(&server, address), sending).await
    // ANCHOR_END: 8.3-connect
}

/// Copies stdin to the server; at its end closes only the write half. That the server takes no more is no
/// error here: what it means is seen by who receives.
async fn send(mut requests: &TcpStream) -> io::Result<()> {
    let (mut stdin, mut buffer) = (stdin(), vec![0; 8192]);
    loop {
        let n = stdin.read(&mut buffer).await?;
        if n == 0 {
            // ANCHOR: ex8.3-half-close
            // `close` would only flush.
            requests.shutdown(Shutdown::Write).ok();
            return Ok(());
            // ANCHOR_END: ex8.3-half-close
        }
        if requests.write_all(&buffer[..n]).await.is_err() {
            return Ok(());
        }
    }
}

/// Copies what the server at `address` sends to stdout, as it comes, until the server ends.
async fn receive(mut replies: &TcpStream, address: &str) -> Result<()> {
    // ANCHOR: 8.3-receive
    let (mut stdout, mut outlet) = (stdout(), Outlet::stdout());
    let mut buffer = vec![0; 8192];
    loop {
        let n = replies.read(&mut buffer).await;
        let n = n.with_context(|| format!("lost the connection to {address}"))?;
        if n == 0 {
            return Ok(());
        }
        print(&mut stdout, &outlet.pass(&buffer[..n])).await?;
    }
    // ANCHOR_END: 8.3-receive
}
