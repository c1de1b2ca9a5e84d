//! `chat join` on a terminal, on tokio.
//!
//! Run with: `cargo run -p chat -- --runtime tokio join 127.0.0.1:8000`
//!
//! ```text
//! keyboard ─────────────────────────► session (one: owns what is known, and the screen)
//! connection (one at a time): hear ──►    │
//! connection: talk ◄──────────────────────┘
//! ```
//!
//! The session waits for whatever comes first, takes in all that has come with it, and draws once. It never
//! waits for a channel that it sends to: a line that does not fit stays in the input line. Reads are in tasks
//! of their own: the session's select would drop a read that has taken bytes already.

use std::convert::Infallible;
use std::future::pending;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use common::exit::Interrupted;
use tokio::io::{AsyncReadExt, AsyncWriteExt, stdin};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::dial;
use crate::cli::Join;
use crate::screen::{Action, KEYS, LINES, NEWS, News, PIECE, State, Terminal};

/// Talks in the room until the user has enough. The terminal is taken once somebody answers at the address.
pub(crate) async fn session(options: &Join) -> Result<()> {
    let mut state = State::new(options);
    let mut link = Some(Link::new(options));
    match news(&mut link).await {
        News::Ended(error) => return Err(error),
        first => state.news(first, Instant::now()),
    }
    let mut terminal = Terminal::take()?;
    let mut resized = signal(SignalKind::window_change())?;
    let (typed, mut keys) = channel(KEYS);
    let _keyboard = AbortOnDropHandle::new(tokio::spawn(keyboard(typed)));
    loop {
        while let Some(action) = state.action() {
            match action {
                Action::Dial => link = Some(Link::new(options)),
                Action::Send(line) => {
                    if let Err(line) = send(link.as_ref(), line) {
                        state.not_sent(&line);
                    }
                }
                Action::Finish => _ = link.as_mut().map(|link| link.lines = None),
                Action::HangUp => link = None,
                Action::Redraw => terminal.forget()?,
                Action::Quit => return Ok(()),
                Action::Interrupt => return Err(Interrupted.into()),
            }
        }
        terminal.draw(&mut state)?;
        tokio::select! {
            typed = keys.recv() => state.typed(&typed.unwrap_or_default(), Instant::now()),
            news = news(&mut link) => state.news(news, Instant::now()),
            // Drawing asks how large the terminal is.
            _ = resized.recv() => {}
            () = wait(state.wake()) => {}
        }
        // As much as can wait, and no more: who never stops must still let us draw.
        for _ in 0..KEYS {
            let Ok(typed) = keys.try_recv() else { break };
            state.typed(&typed, Instant::now());
        }
        for _ in 0..NEWS {
            let Some(Ok(news)) = link.as_mut().map(|link| link.news.try_recv()) else { break };
            state.news(ended(news, &mut link), Instant::now());
        }
        state.tick(Instant::now());
    }
}

/// Tells what is typed, a read at a time, until the terminal is gone.
async fn keyboard(typed: Sender<Vec<u8>>) {
    let mut stdin = stdin();
    let mut bytes = [0; 1024];
    while let Ok(n @ 1..) = stdin.read(&mut bytes).await {
        if typed.send(bytes[..n].to_vec()).await.is_err() {
            return;
        }
    }
}

/// A connection, as the session has it. Dropping it aborts its task.
struct Link {
    news: Receiver<News>,
    /// What the user says; none once nothing more will be said.
    lines: Option<Sender<String>>,
    _task: AbortOnDropHandle<()>,
}

impl Link {
    /// A connection that is being made.
    fn new(options: &Join) -> Self {
        let (tell, news) = channel(NEWS);
        let (lines, said) = channel(LINES);
        let (address, limit) = (options.address.clone(), options.timeout);
        let task = tokio::spawn(connection(address, limit, tell, said));
        Self { news, lines: Some(lines), _task: AbortOnDropHandle::new(task) }
    }
}

/// What is new of the connection, if there is one.
async fn news(link: &mut Option<Link>) -> News {
    let Some(connection) = link else { return pending().await };
    let news = connection.news.recv().await;
    ended(news.unwrap_or_else(|| News::Ended(anyhow!("the connection is gone"))), link)
}

/// Lets go of a connection of which nothing more will come.
fn ended(news: News, link: &mut Option<Link>) -> News {
    if let News::Ended(_) = news {
        *link = None;
    }
    news
}

/// Hands `line` to the connection, or back when there is none or it has not sent enough of those before.
fn send(link: Option<&Link>, line: String) -> Result<(), String> {
    match link.and_then(|link| link.lines.as_ref()) {
        Some(lines) => lines.try_send(line).map_err(|error| error.into_inner()),
        None => Err(line),
    }
}

/// Completes at that time, if there is one.
async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until.into()).await,
        None => pending().await,
    }
}

/// Makes a connection, and tells what is heard over it and how it ends.
async fn connection(address: String, limit: Duration, news: Sender<News>, lines: Receiver<String>) {
    let Err(error) = converse(&address, limit, &news, lines).await;
    // The session may have ended.
    news.send(News::Ended(error)).await.ok();
}

/// Hears and talks at the same time, until the server ends.
async fn converse(
    address: &str,
    limit: Duration,
    news: &Sender<News>,
    lines: Receiver<String>,
) -> Result<Infallible> {
    let (input, output) = dial(address, limit).await?.into_split();
    tokio::select! {
        end = hear(input, address, limit, news) => end,
        never = talk(output, lines) => match never {},
    }
}

/// Tells what the server says. It has to say something first: who does not is no server of a room.
async fn hear(
    mut input: OwnedReadHalf,
    address: &str,
    limit: Duration,
    news: &Sender<News>,
) -> Result<Infallible> {
    let mut bytes = vec![0; PIECE];
    let first = timeout(limit, input.read(&mut bytes)).await;
    let mut read = first.with_context(|| format!("{address} says nothing for {limit:?}"))?;
    loop {
        match read.with_context(|| format!("lost the connection to {address}"))? {
            0 => bail!("{address} closed the connection"),
            n => news.send(News::Heard(bytes[..n].to_vec())).await?,
        }
        read = input.read(&mut bytes).await;
    }
}

/// Says what the user does, and then that there is nothing more.
async fn talk(mut output: OwnedWriteHalf, mut lines: Receiver<String>) -> Infallible {
    while let Some(line) = lines.recv().await {
        if output.write_all(line.as_bytes()).await.is_err() {
            // What the server said before is still to be heard, and then its end.
            return pending().await;
        }
    }
    output.shutdown().await.ok();
    pending().await
}
