//! Somebody waits for the one permit of a semaphore. It is given back, and at the same moment somebody new asks for it.

use crate::experiment::experiment;

experiment! {
    title: "a permit is given back while somebody waits, and somebody new asks for it",
    why: "tokio's semaphore is fair: a permit that is given back belongs to who has waited longest. async-lock's, which \
          is the one of smol and the nearest for async-std, which has none, only wakes the one who waits: whoever is \
          quicker has it, so that a busy loop can starve another, and nobody can count on the order.",
    tokio: "who waits gets it",
    async_std: "who is new gets it (async-lock's)",
    smol: "who is new gets it",
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::future::ready;
    use std::pin::pin;

    use anyhow::Result;
    use tokio::select;
    use tokio::sync::Semaphore;

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let semaphore = Semaphore::new(1);
            let permit = semaphore.acquire().await?;
            let mut waiting = pin!(semaphore.acquire());
            select! {
                biased;
                _ = &mut waiting => {}
                () = ready(()) => {}
            }
            drop(permit);
            let new = semaphore.try_acquire();
            Ok((if new.is_ok() { "who is new gets it" } else { "who waits gets it" }).to_owned())
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::pin::pin;

    use anyhow::Result;
    use async_lock::Semaphore;
    use futures_lite::future::poll_once;

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let semaphore = Semaphore::new(1);
            let permit = semaphore.acquire().await;
            let mut waiting = pin!(semaphore.acquire());
            poll_once(&mut waiting).await;
            drop(permit);
            let new = semaphore.try_acquire();
            let told = if new.is_some() { "who is new gets it" } else { "who waits gets it" };
            Ok(format!("{told} (async-lock's)"))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::pin::pin;

    use anyhow::Result;
    use smol::future::poll_once;
    use smol::lock::Semaphore;

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            let semaphore = Semaphore::new(1);
            let permit = semaphore.acquire().await;
            let mut waiting = pin!(semaphore.acquire());
            poll_once(&mut waiting).await;
            drop(permit);
            let new = semaphore.try_acquire();
            Ok((if new.is_some() { "who is new gets it" } else { "who waits gets it" }).to_owned())
        })?
    }
}
