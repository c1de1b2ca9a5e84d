//! Both branches of a select are ready: which one is taken, over 10,000 tries.

use crate::experiment::experiment;

experiment! {
    title: "a select whose branches are both ready, 10,000 times",
    why: "select! begins with a random branch, so that a busy one starves nobody, unless it is told to be biased. \
          race of smol is random too, the one of async-std is not: it is smol's or, left first. Where the \
          order matters (a shutdown before new work) use biased or or.",
    tokio: "select!: about half of them each; biased: always the first",
    async_std: "race: always the first",
    smol: "race: about half of them each; or: always the first",
}

const TRIES: usize = 10_000;

/// What `n` of the tries say, in which the first branch was taken. Half of them means within ten standard deviations.
fn told(n: usize) -> String {
    match n {
        0 => "always the second".to_owned(),
        4_500..=5_500 => "about half of them each".to_owned(),
        TRIES => "always the first".to_owned(),
        n => format!("the first {n} times"),
    }
}

#[cfg(feature = "tokio")]
mod tokio {
    use std::future::ready;

    use anyhow::Result;
    use tokio::select;

    use super::{TRIES, told};

    pub(super) fn run() -> Result<String> {
        common::runtime::tokio::start(1, async {
            let (mut random, mut biased) = (0, 0);
            for _ in 0..TRIES {
                random += select! {
                    first = ready(1) => first,
                    second = ready(0) => second,
                };
                biased += select! {
                    biased;
                    first = ready(1) => first,
                    second = ready(0) => second,
                };
            }
            Ok(format!("select!: {}; biased: {}", told(random), told(biased)))
        })?
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use std::future::ready;

    use anyhow::Result;
    use async_std::prelude::FutureExt;

    use super::{TRIES, told};

    pub(super) fn run() -> Result<String> {
        common::runtime::async_std::start(1, async {
            let mut race = 0;
            for _ in 0..TRIES {
                race += ready(1).race(ready(0)).await;
            }
            Ok(format!("race: {}", told(race)))
        })?
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::future::ready;

    use anyhow::Result;
    use smol::future;

    use super::{TRIES, told};

    pub(super) fn run() -> Result<String> {
        common::runtime::smol::start(1, async |_| {
            let (mut race, mut or) = (0, 0);
            for _ in 0..TRIES {
                race += future::race(ready(1), ready(0)).await;
                or += future::or(ready(1), ready(0)).await;
            }
            Ok(format!("race: {}; or: {}", told(race), told(or)))
        })?
    }
}
