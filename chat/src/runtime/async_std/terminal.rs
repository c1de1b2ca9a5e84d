//! `chat join` on a terminal, on async-std.
//!
//! Run with: `cargo run -p chat -- --runtime async-std join 127.0.0.1:8000`
//!
//! ```text
//! keyboard ─────────────────────────► session (one: owns what is known, and the screen)
//! connection (one at a time): hear ──►    │
//! connection: talk ◄──────────────────────┘
//! ```
//!
//! The session waits for whatever comes first, takes in all that has come with it, and draws once. It never
//! waits for a channel that it sends to: a line that does not fit stays in the input line. Reads are in tasks
//! of their own: `or` would drop a read that has taken bytes already.

use std::convert::Infallible;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use async_signal::{Signal, Signals};
use async_std::channel::{Receiver, Sender, bounded};
use async_std::future::timeout;
use async_std::io::{ReadExt, WriteExt, stdin};
use async_std::net::TcpStream;
use async_std::task::{self, JoinHandle};
use common::exit::Interrupted;
use futures_lite::{StreamExt, future};

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
    let mut resized = Signals::new([Signal::Winch])?;
    let (typed, keys) = bounded(KEYS);
    // Ends with the process: nothing wakes a thread that reads a terminal.
    task::spawn(keyboard(typed));
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
                Action::HangUp => {
                    if let Some(link) = link.take() {
                        link.task.cancel().await;
                    }
                }
                Action::Redraw => terminal.forget()?,
                Action::Quit => return Ok(()),
                Action::Interrupt => return Err(Interrupted.into()),
            }
        }
        terminal.draw(&mut state)?;
        let typed = async { Wake::Typed(keys.recv().await.unwrap_or_default()) };
        let news = async { Wake::News(news(&mut link).await) };
        let resize = async {
            resized.next().await;
            Wake::Nothing
        };
        let time = async {
            wait(state.wake()).await;
            Wake::Nothing
        };
        match future::or(future::or(typed, news), future::or(resize, time)).await {
            Wake::Typed(typed) => state.typed(&typed, Instant::now()),
            Wake::News(news) => state.news(news, Instant::now()),
            // Drawing asks how large the terminal is.
            Wake::Nothing => {}
        }
        // As much as can wait, and no more: who never stops must still let us draw.
        for _ in 0..KEYS {
            let Ok(typed) = keys.try_recv() else { break };
            state.typed(&typed, Instant::now());
        }
        for _ in 0..NEWS {
            let Some(Ok(news)) = link.as_ref().map(|link| link.news.try_recv()) else { break };
            state.news(ended(news, &mut link), Instant::now());
        }
        state.tick(Instant::now());
    }
}

/// What came of that for which the session waits.
enum Wake {
    Typed(Vec<u8>),
    News(News),
    Nothing,
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

/// A connection, as the session has it. Dropping it leaves its task running: it has to be cancelled.
struct Link {
    news: Receiver<News>,
    /// What the user says; none once nothing more will be said.
    lines: Option<Sender<String>>,
    task: JoinHandle<()>,
}

impl Link {
    /// A connection that is being made.
    fn new(options: &Join) -> Self {
        let (tell, news) = bounded(NEWS);
        let (lines, said) = bounded(LINES);
        let (address, limit) = (options.address.clone(), options.timeout);
        let task = task::spawn(connection(address, limit, tell, said));
        Self { news, lines: Some(lines), task }
    }
}

/// What is new of the connection, if there is one.
async fn news(link: &mut Option<Link>) -> News {
    let Some(connection) = link else { return future::pending().await };
    let news = connection.news.recv().await;
    ended(news.unwrap_or_else(|_| News::Ended(anyhow!("the connection is gone"))), link)
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
        Some(until) => task::sleep(until.saturating_duration_since(Instant::now())).await,
        None => future::pending().await,
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
    let server = dial(address, limit).await?;
    let talk = async { match talk(server.clone(), lines).await {} };
    future::or(hear(server.clone(), address, limit, news), talk).await
}

/// Tells what the server says. It has to say something first: who does not is no server of a room.
async fn hear(
    mut input: TcpStream,
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
async fn talk(mut output: TcpStream, lines: Receiver<String>) -> Infallible {
    while let Ok(line) = lines.recv().await {
        if output.write_all(line.as_bytes()).await.is_err() {
            // What the server said before is still to be heard, and then its end.
            return future::pending().await;
        }
    }
    output.shutdown(Shutdown::Write).ok();
    future::pending().await
}
