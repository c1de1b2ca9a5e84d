//! A loop selects between `read_exact` and something else, and the something else comes in the middle of a frame. Then
//! the same with a task that reads, and a channel.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::experiment::experiment;

experiment! {
    title: "a select loop reads with read_exact",
    why: "A branch that is not taken is dropped, and with it the half of a frame that it had read: from then on every \
          frame is wrong. The same holds for read_line and write_all, on each runtime. A task that only reads and \
          sends what is whole to a channel loses nothing, since a recv that is dropped has taken nothing.",
    tokio: "0 of 8 frames come whole; by a reader task and a channel 8",
    async_std: "0 of 8 frames come whole; by a reader task and a channel 8",
    smol: "0 of 8 frames come whole; by a reader task and a channel 8",
}

const FRAMES: u8 = 8;

type Frame = [u8; 8];

/// Something else that a loop is told. It is dropped when the loop has heard of it.
type Tick = mpsc::Sender<()>;

/// How long a loop may take to do its part.
const LIMIT: Duration = Duration::from_secs(20);

/// Writes the frames to `socket`, each in two halves with a tick between them, and waits each time until the loop has
/// taken it. `reader` is the other end of the socket.
#[expect(clippy::disallowed_methods, reason = "a plain thread that waits; no executor is here")]
fn feed(mut socket: UnixStream, reader: &OwnedFd, tick: impl Fn(Tick)) -> Result<()> {
    let start = Instant::now();
    let mut write = |half: &[u8]| {
        socket.write_all(half)?;
        while rustix::io::ioctl_fionread(reader)? > 0 {
            ensure!(start.elapsed() < LIMIT, "the loop does not read");
            thread::sleep(Duration::from_micros(200));
        }
        Ok(())
    };
    for n in 0..FRAMES {
        let frame: Frame = [n; 8];
        let (first, second) = frame.split_at(4);
        write(first)?;
        let (handled, wait) = mpsc::channel();
        tick(handled);
        // Ends when the tick is dropped.
        wait.recv_timeout(LIMIT).ok();
        write(second)?;
    }
    Ok(())
}

fn is_whole(frame: &Frame) -> bool {
    frame.iter().all(|byte| *byte == frame[0])
}

fn told(selecting: usize, reading: usize) -> String {
    format!("{selecting} of {FRAMES} frames come whole; by a reader task and a channel {reading}")
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::os::unix::net;

    use anyhow::Result;
    use tokio::io::AsyncReadExt;
    use tokio::net::UnixStream;
    use tokio::select;
    use tokio::spawn;
    use tokio::sync::mpsc::{self, Receiver};
    use tokio::task::{JoinHandle, spawn_blocking};

    use super::{Frame, Tick, feed, is_whole};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let (socket, ticks, fed) = begin()?;
            let selecting = selecting(socket, ticks).await;
            fed.await??;
            let (socket, ticks, fed) = begin()?;
            let reading = reading(socket, ticks).await;
            fed.await??;
            Ok(super::told(selecting, reading))
        })?
    }

    /// Loses what a `read_exact` had read when a tick comes.
    async fn selecting(mut socket: UnixStream, mut ticks: Receiver<Tick>) -> usize {
        let (mut whole, mut frame) = (0, Frame::default());
        loop {
            select! {
                read = socket.read_exact(&mut frame) => match read {
                    Ok(_) => whole += usize::from(is_whole(&frame)),
                    Err(_) => return whole,
                },
                Some(tick) = ticks.recv() => drop(tick),
            }
        }
    }

    /// A reader task ─► a channel ─► the loop.
    async fn reading(mut socket: UnixStream, mut ticks: Receiver<Tick>) -> usize {
        let (send, mut frames) = mpsc::channel(1);
        spawn(async move {
            let mut frame = Frame::default();
            while socket.read_exact(&mut frame).await.is_ok() && send.send(frame).await.is_ok() {}
        });
        let mut whole = 0;
        loop {
            select! {
                frame = frames.recv() => match frame {
                    Some(frame) => whole += usize::from(is_whole(&frame)),
                    None => return whole,
                },
                Some(tick) = ticks.recv() => drop(tick),
            }
        }
    }

    /// A socket and ticks, and who feeds them.
    fn begin() -> Result<(UnixStream, Receiver<Tick>, JoinHandle<Result<()>>)> {
        let (ours, theirs) = net::UnixStream::pair()?;
        let reader = theirs.try_clone()?.into();
        theirs.set_nonblocking(true)?;
        let (send, ticks) = mpsc::channel(1);
        let fed = spawn_blocking(move || feed(ours, &reader, |tick| _ = send.try_send(tick)));
        Ok((UnixStream::from_std(theirs)?, ticks, fed))
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::os::unix::net;

    use anyhow::Result;
    use async_std::channel::{self, Receiver};
    use async_std::io::ReadExt;
    use async_std::os::unix::net::UnixStream;
    use async_std::task::{JoinHandle, spawn, spawn_blocking};
    use futures_lite::future;

    use super::{Frame, Tick, feed, is_whole};

    /// What the loop hears of.
    enum Event<T> {
        Frame(T),
        Tick(Tick),
    }

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let (socket, ticks, fed) = begin()?;
            let selecting = selecting(socket, ticks).await;
            fed.await?;
            let (socket, ticks, fed) = begin()?;
            let reading = reading(socket, ticks).await;
            fed.await?;
            Ok(super::told(selecting, reading))
        })?
    }

    /// Loses what a `read_exact` had read when a tick comes.
    async fn selecting(mut socket: UnixStream, ticks: Receiver<Tick>) -> usize {
        let (mut whole, mut frame) = (0, Frame::default());
        loop {
            let read = async { Event::Frame(socket.read_exact(&mut frame).await) };
            match future::or(read, tick(&ticks)).await {
                Event::Frame(Ok(())) => whole += usize::from(is_whole(&frame)),
                Event::Frame(Err(_)) => return whole,
                Event::Tick(tick) => drop(tick),
            }
        }
    }

    /// A reader task ─► a channel ─► the loop.
    async fn reading(mut socket: UnixStream, ticks: Receiver<Tick>) -> usize {
        let (send, frames) = channel::bounded(1);
        let reader = spawn(async move {
            let mut frame = Frame::default();
            while socket.read_exact(&mut frame).await.is_ok() && send.send(frame).await.is_ok() {}
        });
        let mut whole = 0;
        loop {
            let frame = async { Event::Frame(frames.recv().await) };
            match future::or(frame, tick(&ticks)).await {
                Event::Frame(Ok(frame)) => whole += usize::from(is_whole(&frame)),
                Event::Frame(Err(_)) => break,
                Event::Tick(tick) => drop(tick),
            }
        }
        reader.await;
        whole
    }

    /// The next tick; never any when there are no more.
    async fn tick<T>(ticks: &Receiver<Tick>) -> Event<T> {
        match ticks.recv().await {
            Ok(tick) => Event::Tick(tick),
            Err(_) => future::pending().await,
        }
    }

    /// A socket and ticks, and who feeds them.
    fn begin() -> Result<(UnixStream, Receiver<Tick>, JoinHandle<Result<()>>)> {
        let (ours, theirs) = net::UnixStream::pair()?;
        let reader = theirs.try_clone()?.into();
        let (send, ticks) = channel::bounded(1);
        let fed = spawn_blocking(move || feed(ours, &reader, |tick| _ = send.try_send(tick)));
        Ok((UnixStream::from(theirs), ticks, fed))
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::os::unix::net;
    use std::sync::Arc;

    use anyhow::Result;
    use smol::channel::{self, Receiver};
    use smol::io::AsyncReadExt;
    use smol::net::unix::UnixStream;
    use smol::{Executor, Task, future, unblock};

    use super::{Frame, Tick, feed, is_whole};

    /// What the loop hears of.
    enum Event<T> {
        Frame(T),
        Tick(Tick),
    }

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |executor| {
            let (socket, ticks, fed) = begin()?;
            let selecting = selecting(socket, ticks).await;
            fed.await?;
            let (socket, ticks, fed) = begin()?;
            let reading = reading(executor, socket, ticks).await;
            fed.await?;
            Ok(super::told(selecting, reading))
        })?
    }

    /// Loses what a `read_exact` had read when a tick comes.
    async fn selecting(mut socket: UnixStream, ticks: Receiver<Tick>) -> usize {
        let (mut whole, mut frame) = (0, Frame::default());
        loop {
            let read = async { Event::Frame(socket.read_exact(&mut frame).await) };
            match future::or(read, tick(&ticks)).await {
                Event::Frame(Ok(())) => whole += usize::from(is_whole(&frame)),
                Event::Frame(Err(_)) => return whole,
                Event::Tick(tick) => drop(tick),
            }
        }
    }

    /// A reader task ─► a channel ─► the loop.
    async fn reading(
        executor: &Arc<Executor<'static>>,
        mut socket: UnixStream,
        ticks: Receiver<Tick>,
    ) -> usize {
        let (send, frames) = channel::bounded(1);
        let reader = executor.spawn(async move {
            let mut frame = Frame::default();
            while socket.read_exact(&mut frame).await.is_ok() && send.send(frame).await.is_ok() {}
        });
        let mut whole = 0;
        loop {
            let frame = async { Event::Frame(frames.recv().await) };
            match future::or(frame, tick(&ticks)).await {
                Event::Frame(Ok(frame)) => whole += usize::from(is_whole(&frame)),
                Event::Frame(Err(_)) => break,
                Event::Tick(tick) => drop(tick),
            }
        }
        reader.await;
        whole
    }

    /// The next tick; never any when there are no more.
    async fn tick<T>(ticks: &Receiver<Tick>) -> Event<T> {
        match ticks.recv().await {
            Ok(tick) => Event::Tick(tick),
            Err(_) => future::pending().await,
        }
    }

    /// A socket and ticks, and who feeds them.
    fn begin() -> Result<(UnixStream, Receiver<Tick>, Task<Result<()>>)> {
        let (ours, theirs) = net::UnixStream::pair()?;
        let reader = theirs.try_clone()?.into();
        let (send, ticks) = channel::bounded(1);
        let fed = unblock(move || feed(ours, &reader, |tick| _ = send.try_send(tick)));
        Ok((UnixStream::try_from(theirs)?, ticks, fed))
    }
}
