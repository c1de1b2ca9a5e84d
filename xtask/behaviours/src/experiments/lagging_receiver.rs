//! Ten messages are broadcast to a receiver that takes none, over a channel with room for four.

use crate::experiment::experiment;

experiment! {
    title: "a receiver falls behind in a broadcast",
    why: "tokio's channel never waits: the oldest messages make room, and a receiver that missed some is told how many. \
          The sender of async-broadcast, which is what there is for the others, waits for the slowest receiver: one \
          that stalls stalls them all, until set_overflow(true) makes it do what tokio's does.",
    tokio: "the oldest are dropped: Lagged(6), then message 7",
    async_std: "the sender waits after 4; with set_overflow: Overflowed(6), then message 7",
    smol: "the sender waits after 4; with set_overflow: Overflowed(6), then message 7",
}

const CAPACITY: usize = 4;
const MESSAGES: usize = 10;

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::{Result, bail};
    use tokio::sync::broadcast::{self, error::RecvError};

    use super::{CAPACITY, MESSAGES};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let (sender, mut receiver) = broadcast::channel(CAPACITY);
            for message in 1..=MESSAGES {
                sender.send(message)?;
            }
            let Err(RecvError::Lagged(missed)) = receiver.recv().await else { bail!("nothing is missed") };
            let next = receiver.recv().await?;
            Ok(format!("the oldest are dropped: Lagged({missed}), then message {next}"))
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::{Result, bail};
    use async_broadcast::{RecvError, broadcast};
    use futures_lite::future::poll_once;

    use super::{CAPACITY, MESSAGES};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let (mut sender, mut receiver) = broadcast(CAPACITY);
            let mut sent = 0;
            while poll_once(sender.broadcast_direct(sent + 1)).await.is_some() {
                sent += 1;
            }
            sender.set_overflow(true);
            for message in sent + 1..=MESSAGES {
                sender.broadcast(message).await?;
            }
            let Err(RecvError::Overflowed(missed)) = receiver.recv().await else {
                bail!("nothing is missed")
            };
            let next = receiver.recv().await?;
            Ok(format!(
                "the sender waits after {sent}; with set_overflow: Overflowed({missed}), then message {next}"
            ))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::{Result, bail};
    use async_broadcast::{RecvError, broadcast};
    use smol::future::poll_once;

    use super::{CAPACITY, MESSAGES};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            let (mut sender, mut receiver) = broadcast(CAPACITY);
            let mut sent = 0;
            while poll_once(sender.broadcast_direct(sent + 1)).await.is_some() {
                sent += 1;
            }
            sender.set_overflow(true);
            for message in sent + 1..=MESSAGES {
                sender.broadcast(message).await?;
            }
            let Err(RecvError::Overflowed(missed)) = receiver.recv().await else {
                bail!("nothing is missed")
            };
            let next = receiver.recv().await?;
            Ok(format!(
                "the sender waits after {sent}; with set_overflow: Overflowed({missed}), then message {next}"
            ))
        })?
    }
}
