//! `chat serve` on tokio.
//!
//! Run with: `cargo run -p chat -- --runtime tokio serve`
//!
//! ```text
//! accept loop ─► connection loop (one a client) ─► room loop (one) ─► writer loop (one a client)
//! ```
//!
//! The arrows are channels and form no circle, so the end walks along them: the accept loop is dropped, the
//! connections stop reading and drop their senders, the room sees its channel closed and drops its mailboxes,
//! each writer (`writer.rs`) writes what is left and ends.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use common::{backoff, net::turned_away, runtime::tokio::lapse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{self, JoinHandle};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
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
    let listener = TcpListener::from_std(listener)?;
    let (room, events) = mpsc::channel(EVENTS);
    tokio::spawn(room_loop(Room::new(options.max_name.get()), events));
    let clients = TaskTracker::new();
    let stop = CancellationToken::new();
    let shutdown = async {
        shutdown.await;
        info!(clients = clients.len(), "shutting down");
    };
    tokio::select! {
        () = accept_loop(&listener, options, &room, &stop, &clients) => {}
        () = shutdown => {}
    }
    // No longer listening: who comes now is refused, not left to wait.
    drop(listener);
    stop.cancel();
    drop(room);
    clients.close();
    if timeout(options.server.grace, clients.wait()).await.is_err() {
        warn!(clients = clients.len(), "still busy after {:?}", options.server.grace);
    }
    Ok(())
}

/// Takes clients in, for ever.
async fn accept_loop(
    listener: &TcpListener,
    options: &Serve,
    room: &Sender<Event<Mailbox>>,
    stop: &CancellationToken,
    clients: &TaskTracker,
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
                sleep(pause).await;
                continue;
            }
        };
        pauses = backoff::accept();
        if clients.len() >= most {
            info!(%peer, "turned away");
            // Into an empty buffer: does not wait. It may be gone already.
            client.write_all(turned_away(most).as_bytes()).await.ok();
            // Dropped alone, it would be reset if it has sent something, and the line lost.
            client.shutdown().await.ok();
            continue;
        }
        ids += 1;
        let mut connection = Connection::new(ids, client, peer, options, room.clone(), stop.clone());
        clients.spawn(async move {
            connection.run().await;
            // The room must not wait for the writer, which waits for the room.
            drop(connection.room);
            finish(connection.input, connection.writer, connection.grace).await;
        });
    }
    // ANCHOR_END: 8.10-accept-loop
}

/// One client and what it needs. A value that its task owns once: an `async fn` would keep what it is given
/// a second time.
struct Connection {
    id: Id,
    peer: SocketAddr,
    input: OwnedReadHalf,
    intake: Intake,
    max_line: usize,
    /// How long the client may be silent.
    patience: Duration,
    /// How long it may take to read its last messages.
    grace: Duration,
    room: Sender<Event<Mailbox>>,
    stop: CancellationToken,
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
        stop: CancellationToken,
    ) -> Self {
        let (input, output) = client.into_split();
        let (mailbox, writer) = Mailbox::open(output, options.queue.get());
        Self {
            id,
            peer,
            input,
            intake: Intake::new(options.max_line, options.rate, Instant::now()),
            max_line: options.max_line,
            patience: options.patience(),
            grace: options.server.grace,
            room,
            stop,
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
        let stop = self.stop.clone();
        let mut stopped = pin!(stop.cancelled());
        // One timer a client, set anew only when it fires.
        let mut silence = pin!(lapse(self.patience));
        let mut heard = Instant::now();
        let mut ended = false;
        loop {
            match self.intake.next(Instant::now()) {
                Next::Tell(lines) => self.tell(Event::Said { id: self.id, lines }).await,
                Next::TooLong => return Ending::Dismissed(Farewell::LongLine(self.max_line)),
                Next::Wait(pause) => {
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = &mut stopped => return Ending::Stopped,
                    }
                    // It is not silent, it is not listened to.
                    heard = Instant::now();
                }
                Next::Read if ended => return Ending::Left,
                Next::Read => tokio::select! {
                    // In order: who has said something is not silent, also when both are seen late.
                    biased;
                    read = self.input.read(self.intake.space()) => {
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
                    () = &mut silence => match self.patience.saturating_sub(heard.elapsed()) {
                        Duration::ZERO => return Ending::Dismissed(Farewell::Idle(self.patience)),
                        left => silence.set(lapse(left)),
                    },
                    // ANCHOR_END: ex8.13-silence
                    () = &mut stopped => return Ending::Stopped,
                },
            }
        }
    }

    async fn tell(&self, event: Event<Mailbox>) {
        // The room ends after the last connection.
        self.room.send(event).await.ok();
    }
}

/// Waits until the client has got its last messages and has ended too.
async fn finish(mut input: OwnedReadHalf, mut writer: JoinHandle<()>, grace: Duration) {
    if timeout(grace, &mut writer).await.is_err() {
        writer.abort();
        return;
    }
    let mut unread = vec![0; 4096];
    let end = async { while matches!(input.read(&mut unread).await, Ok(1..)) {} };
    timeout(LINGER, end).await.ok();
}

/// Runs the room until the last connection is over. What has happened by now is said at once.
async fn room_loop(mut room: Room<Mailbox>, mut events: Receiver<Event<Mailbox>>) {
    // ANCHOR: 8.10-room-loop
    let mut happened = Vec::new();
    while events.recv_many(&mut happened, EVENTS).await > 0 {
        for event in happened.drain(..) {
            room.hear(event, Mailbox::post);
        }
        room.speak(Mailbox::post);
        // In a flood there is more already: the writers have their turn.
        task::yield_now().await;
    }
    // ANCHOR_END: 8.10-room-loop
}
