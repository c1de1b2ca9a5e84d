//! `chat serve` on async-std.
//!
//! Run with: `cargo run -p chat -- --runtime async-std serve`
//!
//! ```text
//! accept loop ─► connection loop (one a client) ─► room loop (one) ─► writer loop (one a client)
//! ```
//!
//! The arrows are channels and form no circle, so the end walks along them: the accept loop is dropped, the
//! connections stop reading and drop their senders, the room sees its channel closed and drops its mailboxes,
//! each writer (`writer.rs`) writes what is left and ends.

use std::convert::Infallible;
use std::iter;
use std::net::{Shutdown, SocketAddr};
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use async_std::channel::{self, Receiver, Sender};
use async_std::future::timeout;
use async_std::io::{self, ReadExt, WriteExt};
use async_std::net::{TcpListener, TcpStream};
use async_std::task::{self, JoinHandle};
use common::{backoff, net::turned_away, runtime::async_std::lapse};
use futures_lite::future;
use tracing::{info, warn};

use super::writer::Mailbox;
use crate::cli::Serve;
use crate::intake::{Intake, Next};
use crate::room::{EVENTS, Ending, Event, Farewell, Id, LINGER, Room};

/// Lets the clients of `listener` chat until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    options: &Serve,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let listener = TcpListener::from(listener);
    let (room, events) = channel::bounded(EVENTS);
    task::spawn(room_loop(Room::new(options.max_name.get()), events));
    // Each connection holds a sender: they are counted by it, and all gone when the channel is closed.
    let (present, gone) = channel::bounded(1);
    // Nothing is ever sent: the connections stop when it is closed.
    let (stop, stopped) = channel::bounded(1);
    let shutdown = async {
        shutdown.await;
        info!(clients = present.sender_count() - 1, "shutting down");
    };
    future::or(accept_loop(&listener, options, &room, &stopped, &present), shutdown).await;
    // No longer listening: who comes now is refused, not left to wait.
    drop(listener);
    drop(stop);
    drop(room);
    drop(present);
    if timeout(options.server.grace, gone.recv()).await.is_err() {
        warn!(clients = gone.sender_count(), "still busy after {:?}", options.server.grace);
    }
    Ok(())
}

/// Takes clients in, for ever.
async fn accept_loop(
    listener: &TcpListener,
    options: &Serve,
    room: &Sender<Event<Mailbox>>,
    stopped: &Receiver<Infallible>,
    present: &Sender<Infallible>,
) {
    // ANCHOR: 8.10-accept-loop
    let most = options.server.max_clients.get();
    let mut pauses = backoff::accept();
    let mut ids: Id = 0;
    loop {
        let (mut client, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                let pause = pauses.next().unwrap_or_default();
                warn!(%error, "cannot accept a client; next try in {pause:?}");
                task::sleep(pause).await;
                continue;
            }
        };
        pauses = backoff::accept();
        if present.sender_count() > most {
            info!(%peer, "turned away");
            // Into an empty buffer: does not wait. It may be gone already.
            client.write_all(turned_away(most).as_bytes()).await.ok();
            // Dropped alone, it would be reset if it has sent something, and the line lost.
            client.shutdown(Shutdown::Write).ok();
            continue;
        }
        ids += 1;
        let mut connection = Connection::new(ids, client, peer, options, room.clone(), stopped.clone());
        let present = present.clone();
        // Dropping the handle detaches the task.
        task::spawn(async move {
            connection.run().await;
            // The room must not wait for the writer, which waits for the room.
            drop(connection.room);
            finish(connection.client, connection.writer, connection.grace).await;
            // The server waits until the last of these is dropped.
            drop(present);
        });
    }
    // ANCHOR_END: 8.10-accept-loop
}

/// One client and what it needs. A value that its task owns once: an `async fn` would keep what it is given
/// a second time.
struct Connection {
    id: Id,
    peer: SocketAddr,
    client: TcpStream,
    intake: Intake,
    max_line: usize,
    /// How long the client may be silent.
    patience: Duration,
    /// How long it may take to read its last messages.
    grace: Duration,
    room: Sender<Event<Mailbox>>,
    stopped: Receiver<Infallible>,
    writer: JoinHandle<()>,
    /// The room's end of the writer, until the room has it.
    mailbox: Option<Mailbox>,
}

impl Connection {
    /// The connection with its writer, which the room does not know yet.
    fn new(
        id: Id,
        client: TcpStream,
        peer: SocketAddr,
        options: &Serve,
        room: Sender<Event<Mailbox>>,
        stopped: Receiver<Infallible>,
    ) -> Self {
        let (mailbox, writer) = Mailbox::open(client.clone(), options.queue.get());
        Self {
            id,
            peer,
            client,
            intake: Intake::new(options.max_line, options.rate, Instant::now()),
            max_line: options.max_line,
            patience: options.patience(),
            grace: options.server.grace,
            room,
            stopped,
            writer,
            mailbox: Some(mailbox),
        }
    }

    /// Brings the client into the room, and out of it when it leaves or has to.
    async fn run(&mut self) {
        // ANCHOR: 8.10-connection
        info!(peer = %self.peer, "arrived");
        let (id, address) = (self.id, self.peer);
        if let Some(mailbox) = self.mailbox.take() {
            self.tell(Event::Came { id, address, mailbox }).await;
        }
        let ending = self.listen().await;
        match ending {
            Ending::Left => self.tell(Event::Left { id, why: None }).await,
            Ending::Dismissed(why) => self.tell(Event::Left { id, why: Some(why) }).await,
            Ending::Stopped => {}
        }
        info!(peer = %self.peer, ?ending, "gone");
        // ANCHOR_END: 8.10-connection
    }

    /// Tells the room what the client says, until it leaves or has to.
    async fn listen(&mut self) -> Ending {
        let stopped = self.stopped.clone();
        let mut stopped = pin!(stopped.recv());
        // One timer a client, set anew only when it fires.
        let mut silence = pin!(lapse(self.patience));
        let mut heard = Instant::now();
        let mut ended = false;
        loop {
            match self.intake.next(Instant::now()) {
                Next::Tell(lines) => self.tell(Event::Said { id: self.id, lines }).await,
                Next::TooLong => return Ending::Dismissed(Farewell::LongLine(self.max_line)),
                Next::Wait(pause) => {
                    let pause = async {
                        task::sleep(pause).await;
                        Wake::Silence
                    };
                    let stop = async {
                        stopped.as_mut().await.ok();
                        Wake::Stop
                    };
                    if let Wake::Stop = future::or(pause, stop).await {
                        return Ending::Stopped;
                    }
                    // It is not silent, it is not listened to.
                    heard = Instant::now();
                }
                Next::Read if ended => return Ending::Left,
                Next::Read => {
                    let read = async { Wake::Input(self.client.read(self.intake.space()).await) };
                    let silent = async {
                        silence.as_mut().await;
                        Wake::Silence
                    };
                    let stop = async {
                        stopped.as_mut().await.ok();
                        Wake::Stop
                    };
                    match future::or(read, future::or(silent, stop)).await {
                        Wake::Input(read) => {
                            match read {
                                Ok(n @ 1..) => self.intake.came(n),
                                // A connection that is reset has ended too.
                                Ok(0) | Err(_) => {
                                    self.intake.ended();
                                    ended = true;
                                }
                            }
                            heard = Instant::now();
                        }
                        // ANCHOR: ex8.13-silence
                        Wake::Silence => match self.patience.saturating_sub(heard.elapsed()) {
                            Duration::ZERO => return Ending::Dismissed(Farewell::Idle(self.patience)),
                            left => silence.set(lapse(left)),
                        },
                        // ANCHOR_END: ex8.13-silence
                        Wake::Stop => return Ending::Stopped,
                    }
                }
            }
        }
    }

    async fn tell(&self, event: Event<Mailbox>) {
        // The room ends after the last connection.
        self.room.send(event).await.ok();
    }
}

/// Which of the things came that a connection waits for.
enum Wake {
    Input(io::Result<usize>),
    Silence,
    Stop,
}

/// Waits until the client has got its last messages and has ended too.
async fn finish(mut input: TcpStream, mut writer: JoinHandle<()>, grace: Duration) {
    if timeout(grace, &mut writer).await.is_err() {
        writer.cancel().await;
        return;
    }
    let mut unread = vec![0; 4096];
    let end = async { while matches!(input.read(&mut unread).await, Ok(1..)) {} };
    timeout(LINGER, end).await.ok();
}

/// Runs the room until the last connection is over. What has happened by now is said at once.
async fn room_loop(mut room: Room<Mailbox>, events: Receiver<Event<Mailbox>>) {
    // ANCHOR: 8.10-room-loop
    while let Ok(event) = events.recv().await {
        let more = iter::from_fn(|| events.try_recv().ok());
        for event in iter::once(event).chain(more).take(EVENTS) {
            room.hear(event, Mailbox::post);
        }
        room.speak(Mailbox::post);
        // In a flood there is more already: the writers have their turn.
        task::yield_now().await;
    }
    // ANCHOR_END: 8.10-room-loop
}
