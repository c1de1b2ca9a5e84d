//! A client of `echo serve` on async-std, with a delay between the answers.
//!
//! ```text
//! connection loop ─► shout (one a line) ─► writer loop
//! ```
//!
//! The connection loop and the writer loop are two futures of the client's task, and each shout is a task. The
//! end of input ends the connection loop alone: it waits for its shouts, the last of them drops the last
//! sender, and the writer closes the write half. When the client takes nothing more, the writer fails, and the
//! connection loop is dropped with its shouts.

use std::collections::VecDeque;
use std::net::Shutdown;
use std::pin::pin;
use std::time::Duration;

use async_std::channel::{self, Receiver, Sender};
use async_std::io::{self, ReadExt};
use async_std::net::TcpStream;
use async_std::task::{self, JoinHandle};
use common::lines::Lines;
use common::runtime::async_std::lapse;
use futures_lite::future;

use super::serve::Running;
use super::write_all;
use crate::limits::{End, Limits, QUEUED};
use crate::shout::{FADING, answer};

/// The pending shouts, the oldest first: the delay is the same for all, so it is also the first to be done.
/// Dropping a handle does not end its task: a shout ends when it finds that the writer is gone.
type Shouts = VecDeque<JoinHandle<()>>;

/// Answers the client's lines until it ends or is let go, and then those that are still to be answered.
pub(super) async fn echo(client: &TcpStream, limits: &Limits, running: &Running) -> io::Result<End> {
    let (answers, queue) = channel::bounded(QUEUED);
    let reading = connection_loop(client, limits, running, answers);
    let writing = writer_loop(client, limits, queue);
    let (end, ()) = future::try_zip(reading, writing).await?;
    Ok(end)
}

/// Starts a shout for each line; at the end waits for those that are pending.
async fn connection_loop(
    input: &TcpStream,
    limits: &Limits,
    running: &Running,
    answers: Sender<Vec<u8>>,
) -> io::Result<End> {
    let mut shouts = Shouts::new();
    let end = read_loop(input, limits, running, &answers, &mut shouts).await?;
    // ANCHOR: ex8.4-pending
    // It fails when the writer does, which is told there.
    answers.send(end.farewell()).await.ok();
    finished(&mut shouts, 0).await;
    // ANCHOR_END: ex8.4-pending
    Ok(end)
}

/// Starts a shout for each line until there is a reason to read no more.
async fn read_loop(
    mut input: &TcpStream,
    limits: &Limits,
    running: &Running,
    answers: &Sender<Vec<u8>>,
    shouts: &mut Shouts,
) -> io::Result<End> {
    // ANCHOR: 8.3-read-loop
    let mut lines = Lines::new(limits.max_line);
    let mut stopped = pin!(async {
        running.recv().await.ok();
        Err(End::Shutdown)
    });
    loop {
        let read = async { Ok(input.read(lines.space()).await) };
        let silent = async {
            silence(shouts, limits.idle).await;
            Err(End::Idle(limits.idle))
        };
        let n = match future::or(stopped.as_mut(), future::or(read, silent)).await {
            Ok(read) => read?,
            Err(end) => return Ok(end),
        };
        lines.filled(n);
        loop {
            let line = match lines.next() {
                Ok(Some(line)) => line.to_vec(),
                Ok(None) => break,
                Err(too_long) => return Ok(too_long.into()),
            };
            let room = async {
                finished(shouts, limits.max_shouts - 1).await;
                Ok(Ok(0))
            };
            if let Err(end) = future::or(stopped.as_mut(), room).await {
                return Ok(end);
            }
            shouts.push_back(task::spawn(shout(line, limits.delay, answers.clone())));
        }
        if n == 0 {
            return Ok(End::Input);
        }
    }
    // ANCHOR_END: 8.3-read-loop
}

/// Waits until the client has no shout pending, and from then on as long as it may be idle.
async fn silence(shouts: &mut Shouts, idle: Duration) {
    // ANCHOR: ex8.8-silence
    finished(shouts, 0).await;
    lapse(idle).await;
    // ANCHOR_END: ex8.8-silence
}

/// Waits until at most `most` shouts are pending.
async fn finished(shouts: &mut Shouts, most: usize) {
    while shouts.len() > most
        && let Some(oldest) = shouts.front_mut()
    {
        oldest.await;
        shouts.pop_front();
    }
}

/// Answers one line three times.
async fn shout(line: Vec<u8>, delay: Duration, answers: Sender<Vec<u8>>) {
    // ANCHOR: 8.3-shout
    for (n, loudness) in FADING.into_iter().enumerate() {
        if n > 0 {
            task::sleep(delay).await;
        }
        if answers.send(answer(loudness, &line)).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.3-shout
}

/// Writes answers as they come; closes the write half after the last one.
async fn writer_loop(output: &TcpStream, limits: &Limits, queue: Receiver<Vec<u8>>) -> io::Result<()> {
    // ANCHOR: 8.3-writer-loop
    while let Ok(answer) = queue.recv().await {
        write_all(output, &answer, limits.idle).await?;
    }
    // `close` would only flush.
    output.shutdown(Shutdown::Write)
    // ANCHOR_END: 8.3-writer-loop
}
