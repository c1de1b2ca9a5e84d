//! `clock watch` on async-std: the book's netcat1.
//!
//! Run with: `cargo run -p clock -- --runtime async-std watch 127.0.0.1:8000`

use anyhow::{Context, Result};
use async_std::future::timeout;
use async_std::io::{ReadExt, stdout};
use common::runtime::async_std::print;
use common::text::Outlet;

use super::dial;
use crate::cli::Watch;

/// Copies what the server sends to stdout, as it comes, until the server ends.
pub(crate) async fn watch(options: &Watch) -> Result<()> {
    // ANCHOR: 8.2-watch
    let Watch { address, timeout: limit } = options;
    let mut server = dial(address, *limit).await?;
    let (mut stdout, mut outlet) = (stdout(), Outlet::stdout());
    let mut buffer = [0; 4096];
    loop {
        let read = timeout(*limit, server.read(&mut buffer)).await;
        let read = read.with_context(|| format!("{address} was silent for {limit:?}"))?;
        let n = read.with_context(|| format!("lost the connection to {address}"))?;
        if n == 0 {
            return Ok(());
        }
        print(&mut stdout, &outlet.pass(&buffer[..n])).await?;
    }
    // ANCHOR_END: 8.2-watch
}
