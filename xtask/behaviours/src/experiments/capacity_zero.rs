//! A channel of capacity 0 is asked for, Go's default.

use std::panic::catch_unwind;

use crate::experiment::experiment;

experiment! {
    title: "a channel of capacity 0",
    why: "Go's unbuffered channel, which hands a message over when both sides are there, is missing on all of them. With \
          capacity 1 the sender is a message ahead. Who needs to know that a message has been taken sends a \
          receipt along: the sender half of a channel, which the receiver drops.",
    tokio: "it panics",
    async_std: "it panics",
    smol: "it panics",
}

fn told(create: impl FnOnce() + std::panic::UnwindSafe) -> String {
    (if catch_unwind(create).is_err() { "it panics" } else { "there is one" }).to_owned()
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::sync::mpsc;

    pub(super) fn run() -> Result<String> {
        Ok(super::told(|| drop(mpsc::channel::<()>(0))))
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::channel;

    pub(super) fn run() -> Result<String> {
        Ok(super::told(|| drop(channel::bounded::<()>(0))))
    }
}

#[cfg(feature = "smol")]
mod smol {
    use anyhow::Result;
    use smol::channel;

    pub(super) fn run() -> Result<String> {
        Ok(super::told(|| drop(channel::bounded::<()>(0))))
    }
}
