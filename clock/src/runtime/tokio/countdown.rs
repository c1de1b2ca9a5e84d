//! `clock countdown` on tokio (8.7).
//!
//! Run with: `cargo run -p clock -- --runtime tokio countdown`
//!
//! The lesson is the `select!`: whichever of the tick and the abort comes first.

use std::future::pending;
use std::pin::pin;

use anyhow::Result;
use common::exit::Interrupted;
use common::runtime::tokio::print;
use tokio::io::{AsyncReadExt, Stdout, stdin, stdout};
use tokio::time::{Instant, interval_at};

use crate::cli::Countdown;
use crate::countdown::{ABORT, BEGIN, LAUNCH};

/// Counts down, unless a byte on stdin or an interrupt comes first.
pub(crate) async fn countdown(options: &Countdown, interrupted: impl Future<Output = ()>) -> Result<()> {
    // ANCHOR: 8.7-countdown
    let mut stdout = stdout();
    say(&mut stdout, BEGIN).await?;
    let mut aborted = pin!(aborted(interrupted));
    // `interval` would tick at once.
    let mut ticks = interval_at(Instant::now() + options.every, options.every);
    for n in (1..=options.from).rev() {
        say(&mut stdout, &n.to_string()).await?;
        tokio::select! {
            // In order: an abort that came together with the tick counts.
            biased;
            () = &mut aborted => {
                say(&mut stdout, ABORT).await?;
                return Err(Interrupted.into());
            }
            _ = ticks.tick() => {}
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
        match stdin().read(&mut [0]).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => pending().await,
        }
    };
    tokio::select! {
        () = key => {}
        () = interrupted => {}
    }
    // ANCHOR_END: 8.7-aborted
}

async fn say(stdout: &mut Stdout, line: &str) -> Result<()> {
    print(stdout, format!("{line}\n").as_bytes()).await
}
