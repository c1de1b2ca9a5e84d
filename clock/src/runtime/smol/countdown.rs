//! `clock countdown` on smol (8.7).
//!
//! Run with: `cargo run -p clock -- --runtime smol countdown`
//!
//! The lesson is the `or`: whichever of the abort and the tick comes first; of two that are ready, the left one.

use std::io::{Stdout, stdin, stdout};
use std::pin::pin;

use anyhow::Result;
use common::exit::Interrupted;
use common::runtime::smol::print;
use smol::io::AsyncReadExt;
use smol::stream::StreamExt;
use smol::{Timer, Unblock, future};

use crate::cli::Countdown;
use crate::countdown::{ABORT, BEGIN, LAUNCH};

/// Counts down, unless a byte on stdin or an interrupt comes first.
pub(crate) async fn countdown(options: &Countdown, interrupted: impl Future<Output = ()>) -> Result<()> {
    // ANCHOR: 8.7-countdown
    let mut stdout = Unblock::new(stdout());
    say(&mut stdout, BEGIN).await?;
    let mut aborted = pin!(aborted(interrupted));
    let mut ticks = Timer::interval(options.every);
    for n in (1..=options.from).rev() {
        say(&mut stdout, &n.to_string()).await?;
        let abort = async {
            aborted.as_mut().await;
            true
        };
        let tick = async {
            ticks.next().await;
            false
        };
        if future::or(abort, tick).await {
            say(&mut stdout, ABORT).await?;
            return Err(Interrupted.into());
        }
    }
    say(&mut stdout, LAUNCH).await
    // ANCHOR_END: 8.7-countdown
}

/// Completes at the first byte on stdin or when interrupted. The end of stdin is no abort.
///
/// The read is a blocking call on a thread of its own, which outlives this future when it is dropped.
async fn aborted(interrupted: impl Future<Output = ()>) {
    // ANCHOR: 8.7-aborted
    let key = async {
        match Unblock::new(stdin()).read(&mut [0]).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => future::pending().await,
        }
    };
    future::or(key, interrupted).await;
    // ANCHOR_END: 8.7-aborted
}

async fn say(stdout: &mut Unblock<Stdout>, line: &str) -> Result<()> {
    print(stdout, format!("{line}\n").as_bytes()).await
}
