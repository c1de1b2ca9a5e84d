//! A client of `echo serve --delay 0s` on tokio: the plain echo.
//!
//! Without a delay nothing overlaps, so there are no shouts: all the complete lines of one read are answered by
//! one write, from buffers that are used again. One timer watches for silence. It is not wound up at each
//! read, which would cost more than the read, but looks at the time of the last one when it fires.

use std::io;
use std::pin::pin;
use std::time::Instant;

use common::lines::Lines;
use common::runtime::tokio::lapse;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::serve::Running;
use super::write_all;
use crate::limits::{End, Limits};
use crate::shout;

/// Answers the client's lines until it ends or is let go.
pub(super) async fn echo(client: &mut TcpStream, limits: &Limits, running: &mut Running) -> io::Result<End> {
    let end = read_loop(client, limits, running).await?;
    write_all(client, &end.farewell(), limits.idle).await?;
    client.shutdown().await?;
    Ok(end)
}

/// Answers what comes until there is a reason to read no more.
async fn read_loop(client: &mut TcpStream, limits: &Limits, running: &Running) -> io::Result<End> {
    let (mut lines, mut answers) = (Lines::new(limits.max_line), Vec::new());
    let mut closed = running.clone();
    let mut stopped = pin!(closed.changed());
    let mut silence = pin!(lapse(limits.idle));
    let mut last = Instant::now();
    // A client that always sends must not keep the server from ending.
    while running.has_changed().is_ok() {
        let n = tokio::select! {
            biased;
            read = client.read(lines.space()) => read?,
            _ = &mut stopped => break,
            () = &mut silence => {
                // ANCHOR: ex8.8-plain
                let left = limits.idle.saturating_sub(last.elapsed());
                if left.is_zero() {
                    return Ok(End::Idle(limits.idle));
                }
                silence.set(lapse(left));
                continue;
                // ANCHOR_END: ex8.8-plain
            }
        };
        lines.filled(n);
        let answered = shout::all_into(&mut lines, &mut answers);
        write_all(client, &answers, limits.idle).await?;
        if let Err(too_long) = answered {
            return Ok(too_long.into());
        }
        if n == 0 {
            return Ok(End::Input);
        }
        shout::reuse(&mut answers);
        last = Instant::now();
    }
    Ok(End::Shutdown)
}
