//! `clock wall` on async-std (exercise 8.1).
//!
//! Run with: `cargo run -p clock -- --runtime async-std wall NewYork=127.0.0.1:8010 Tokyo=127.0.0.1:8020`
//!
//! ```text
//! follow (one a clock) ─► news (channel, bounded) ─► wall (one), which shows itself every second
//! ```
//!
//! One task owns the wall, so nothing is locked. async-std's tasks outlive their handles: the
//! followers end when the wall's end of the channel is gone, or with the process.

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use async_std::channel::{Sender, bounded};
use async_std::future::timeout;
use async_std::io::prelude::BufReadExt;
use async_std::io::{BufReader, ReadExt, stdout};
use async_std::task;
use common::backoff;
use common::runtime::async_std::print;

use futures_lite::future;

use super::dial;
use crate::wall::{DIAL, LINE, NEWS, Named, News, REDIAL, SILENCE, Screen, Wall, to_mid_second};
use crate::zone::here;

/// Follows all clocks and shows them every second, for ever.
pub(crate) async fn wall(mut wall: Wall) -> Result<()> {
    // ANCHOR: ex8.1-wall
    let (news, inbox) = bounded(NEWS);
    for (index, clock) in wall.clocks() {
        task::spawn(follow(index, clock, news.clone()));
    }
    let screen = Screen::on_terminal(&wall);
    // async-std has an interval only behind its feature `unstable`.
    let mut second = Instant::now() + to_mid_second(SystemTime::now());
    loop {
        let tick = async {
            task::sleep(second.saturating_duration_since(Instant::now())).await;
            second += Duration::from_secs(1);
            None
        };
        match future::or(async { inbox.recv().await.ok() }, tick).await {
            Some((index, news)) => wall.hear(index, news, here()),
            None => show(&wall, screen.as_ref()).await?,
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
async fn follow(index: usize, clock: Named, news: Sender<(usize, News)>) {
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
        task::sleep(pauses.next().unwrap_or_default()).await;
    }
    // ANCHOR_END: ex8.1-follow
}

/// Tells what one connection says, counting its `lines`, until it ends in one way or another.
async fn listen(
    index: usize,
    clock: &Named,
    news: &Sender<(usize, News)>,
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
