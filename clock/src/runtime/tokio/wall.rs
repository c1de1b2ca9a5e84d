//! `clock wall` on tokio (exercise 8.1).
//!
//! Run with: `cargo run -p clock -- --runtime tokio wall NewYork=127.0.0.1:8010 Tokyo=127.0.0.1:8020`
//!
//! ```text
//! follow (one a clock) ─► news (mpsc, bounded) ─► wall (one), which shows itself every second
//! ```
//!
//! One task owns the wall, so nothing is locked. Dropping it drops the `JoinSet`, which aborts the others.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use common::backoff;
use common::runtime::tokio::print;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, stdout};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::dial;
use crate::wall::{DIAL, LINE, NEWS, Named, News, REDIAL, SILENCE, Screen, Wall, to_mid_second};
use crate::zone::here;

/// Follows all clocks and shows them every second, for ever.
pub(crate) async fn wall(mut wall: Wall) -> Result<()> {
    // ANCHOR: ex8.1-wall
    let (news, mut inbox) = mpsc::channel(NEWS);
    let mut followers = JoinSet::new();
    for (index, clock) in wall.clocks() {
        followers.spawn(follow(index, clock, news.clone()));
    }
    let screen = Screen::on_terminal(&wall);
    let first = Instant::now() + to_mid_second(SystemTime::now());
    let mut second = interval_at(first, Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            Some((index, news)) = inbox.recv() => wall.hear(index, news, here()),
            _ = second.tick() => show(&wall, screen.as_ref()).await?,
        }
    }
    // ANCHOR_END: ex8.1-wall
}

/// Shows the wall once: in place on a terminal, else as a line.
async fn show(wall: &Wall, screen: Option<&Screen>) -> Result<()> {
    if let Some(screen) = screen {
        screen.draw(wall);
        return Ok(());
    }
    let mut stdout = stdout();
    print(&mut stdout, wall.line().as_bytes()).await
}

/// Dials one clock and tells what it says; again, after a growing pause, whenever that ends.
async fn follow(index: usize, clock: Named, news: mpsc::Sender<(usize, News)>) {
    // ANCHOR: ex8.1-follow
    let mut pauses = backoff::pauses(REDIAL.0, REDIAL.1);
    loop {
        let mut lines = 0;
        let Err(error) = listen(index, &clock, &news, &mut lines).await;
        if lines > 0 {
            pauses = backoff::pauses(REDIAL.0, REDIAL.1);
        }
        if news.send((index, News::Offline(format!("{error:#}")))).await.is_err() {
            return;
        }
        sleep(pauses.next().unwrap_or_default()).await;
    }
    // ANCHOR_END: ex8.1-follow
}

/// Tells what one connection says, counting its `lines`, until it ends in one way or another.
async fn listen(
    index: usize,
    clock: &Named,
    news: &mpsc::Sender<(usize, News)>,
    lines: &mut u64,
) -> Result<Infallible> {
    // ANCHOR: ex8.1-listen
    let mut server = BufReader::new(dial(&clock.address, DIAL).await?).take(LINE);
    loop {
        let mut line = Vec::new();
        server.set_limit(LINE);
        let read = timeout(SILENCE, server.read_until(b'\n', &mut line)).await;
        let n = read.with_context(|| format!("silent for {SILENCE:?}"))?.context("lost the connection")?;
        if n == 0 {
            bail!("it closed the connection");
        }
        *lines += 1;
        news.send((index, News::Line(line))).await?;
    }
    // ANCHOR_END: ex8.1-listen
}
