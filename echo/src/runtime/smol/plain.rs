//! A client of `echo serve --delay 0s` on smol: the plain echo.
//!
//! Without a delay nothing overlaps, so there are no shouts: all the complete lines of one read are answered by
//! one write, from buffers that are used again. One timer watches for silence. It is not wound up at each
//! read, which would cost more than the read, but looks at the time of the last one when it fires.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::pin::pin;
use std::time::Instant;

use common::lines::Lines;
use common::runtime::smol::lapse;
use smol::io::AsyncReadExt;
use smol::{Async, future};

use super::serve::Running;
use super::write_all;
use crate::limits::{End, Limits};
use crate::shout;

/// What a client is waited for.
enum Event {
    Read(io::Result<usize>),
    Stopped,
    Silent,
}

/// Answers the client's lines until it ends or is let go.
pub(super) async fn echo(client: &Async<TcpStream>, limits: &Limits, running: &Running) -> io::Result<End> {
    let end = read_loop(client, limits, running).await?;
    write_all(client, &end.farewell(), limits.idle).await?;
    // `close` would only flush.
    client.get_ref().shutdown(Shutdown::Write)?;
    Ok(end)
}

/// Answers what comes until there is a reason to read no more.
async fn read_loop(mut client: &Async<TcpStream>, limits: &Limits, running: &Running) -> io::Result<End> {
    let (mut lines, mut answers) = (Lines::new(limits.max_line), Vec::new());
    let mut stopped = pin!(running.recv());
    let mut silence = pin!(lapse(limits.idle));
    let mut last = Instant::now();
    // A client that always sends must not keep the server from ending.
    while !running.is_closed() {
        let read = async { Event::Read(client.read(lines.space()).await) };
        let stop = async {
            stopped.as_mut().await.ok();
            Event::Stopped
        };
        let silent = async {
            silence.as_mut().await;
            Event::Silent
        };
        let n = match future::or(read, future::or(stop, silent)).await {
            Event::Read(read) => read?,
            Event::Stopped => break,
            Event::Silent => {
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
        let more = lines.filled(n);
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
        if more {
            // Neither read nor write has to wait for a client that is fast enough: the others have their turn.
            future::yield_now().await;
        }
    }
    Ok(End::Shutdown)
}
