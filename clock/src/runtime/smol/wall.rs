//! `clock wall` on smol (exercise 8.1).
//!
//! Run with: `cargo run -p clock -- --runtime smol wall NewYork=127.0.0.1:8010 Tokyo=127.0.0.1:8020`
//!
//! ```text
//! follow (one a clock) ─► news (channel, bounded) ─► wall (one), which shows itself every second
//! ```
//!
//! One task owns the wall, so nothing is locked. Dropping it drops the followers' tasks, which cancels them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use common::backoff;
use common::runtime::smol::print;
use smol::channel::{Sender, bounded};
use smol::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use smol::stream::StreamExt;
use smol::{Executor, Timer, Unblock, future};

use super::{dial, timeout};
use crate::wall::{DIAL, LINE, NEWS, Named, News, REDIAL, SILENCE, Screen, Wall, to_mid_second};
use crate::zone::here;

/// Follows all clocks and shows them every second, for ever.
pub(crate) async fn wall(executor: &Arc<Executor<'static>>, mut wall: Wall) -> Result<()> {
    // ANCHOR: ex8.1-wall
    let (news, inbox) = bounded(NEWS);
    let mut followers = Vec::new();
    for (index, clock) in wall.clocks() {
        followers.push(executor.spawn(follow(index, clock, news.clone())));
    }
    let screen = Screen::on_terminal(&wall);
    let first = Instant::now() + to_mid_second(SystemTime::now());
    let mut second = Timer::interval_at(first, Duration::from_secs(1));
    loop {
        let tick = async {
            second.next().await;
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
    let mut stdout = Unblock::new(std::io::stdout());
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
        Timer::after(pauses.next().unwrap_or_default()).await;
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
        let read = timeout(SILENCE, async { Ok(server.read_until(b'\n', &mut line).await) }).await;
        let n = read.with_context(|| format!("silent for {SILENCE:?}"))?.context("lost the connection")?;
        if n == 0 {
            bail!("it closed the connection");
        }
        *lines += 1;
        news.send((index, News::Line(line))).await?;
    }
    // ANCHOR_END: ex8.1-listen
}
