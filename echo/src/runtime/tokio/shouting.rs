//! A client of `echo serve` on tokio, with a delay between the answers.
//!
//! ```text
//! connection loop ─► shout (one a line) ─► writer loop
//! ```
//!
//! The connection loop and the writer loop are two futures of the client's task, and each shout is a task. The
//! end of input ends the connection loop alone: it waits for its shouts, the last of them drops the last
//! sender, and the writer closes the write half. When the client takes nothing more, the writer fails, and the
//! connection loop is dropped with its shouts.

use std::io;
use std::pin::pin;
use std::time::Duration;

use common::lines::Lines;
use common::runtime::tokio::lapse;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::serve::Running;
use super::write_all;
use crate::limits::{End, Limits, QUEUED};
use crate::shout::{FADING, answer};

/// Answers the client's lines until it ends or is let go, and then those that are still to be answered.
pub(super) async fn echo(client: &mut TcpStream, limits: &Limits, running: &mut Running) -> io::Result<End> {
    let (input, output) = client.split();
    let (answers, queue) = mpsc::channel(QUEUED);
    let reading = connection_loop(input, limits, running, answers);
    let writing = writer_loop(output, limits, queue);
    let (end, ()) = tokio::try_join!(reading, writing)?;
    Ok(end)
}

/// Starts a shout for each line; at the end waits for those that are pending.
async fn connection_loop(
    input: ReadHalf<'_>,
    limits: &Limits,
    running: &mut Running,
    answers: Sender<Vec<u8>>,
) -> io::Result<End> {
    // Dropping the set aborts them.
    let mut shouts = JoinSet::new();
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
    mut input: ReadHalf<'_>,
    limits: &Limits,
    running: &mut Running,
    answers: &Sender<Vec<u8>>,
    shouts: &mut JoinSet<()>,
) -> io::Result<End> {
    // ANCHOR: 8.3-read-loop
    let mut lines = Lines::new(limits.max_line);
    let mut stopped = pin!(running.changed());
    loop {
        let n = tokio::select! {
            biased;
            _ = &mut stopped => return Ok(End::Shutdown),
            read = input.read(lines.space()) => read?,
            () = silence(shouts, limits.idle) => return Ok(End::Idle(limits.idle)),
        };
        lines.filled(n);
        loop {
            let line = match lines.next() {
                Ok(Some(line)) => line.to_vec(),
                Ok(None) => break,
                Err(too_long) => return Ok(too_long.into()),
            };
            tokio::select! {
                biased;
                _ = &mut stopped => return Ok(End::Shutdown),
                () = finished(shouts, limits.max_shouts - 1) => {}
            }
            shouts.spawn(shout(line, limits.delay, answers.clone()));
        }
        if n == 0 {
            return Ok(End::Input);
        }
    }
    // ANCHOR_END: 8.3-read-loop
}

/// Waits until the client has no shout pending, and from then on as long as it may be idle.
async fn silence(shouts: &mut JoinSet<()>, idle: Duration) {
    // ANCHOR: ex8.8-silence
    finished(shouts, 0).await;
    lapse(idle).await;
    // ANCHOR_END: ex8.8-silence
}

/// Waits until at most `most` shouts are pending.
async fn finished(shouts: &mut JoinSet<()>, most: usize) {
    while shouts.len() > most {
        shouts.join_next().await;
    }
}

/// Answers one line three times.
async fn shout(line: Vec<u8>, delay: Duration, answers: Sender<Vec<u8>>) {
    // ANCHOR: 8.3-shout
    for (n, loudness) in FADING.into_iter().enumerate() {
        if n > 0 {
            sleep(delay).await;
        }
        if answers.send(answer(loudness, &line)).await.is_err() {
            return;
        }
    }
    // ANCHOR_END: 8.3-shout
}

/// Writes answers as they come; closes the write half after the last one.
async fn writer_loop(
    mut output: WriteHalf<'_>,
    limits: &Limits,
    mut queue: Receiver<Vec<u8>>,
) -> io::Result<()> {
    // ANCHOR: 8.3-writer-loop
    while let Some(answer) = queue.recv().await {
        write_all(&mut output, &answer, limits.idle).await?;
    }
    output.shutdown().await
    // ANCHOR_END: 8.3-writer-loop
}
