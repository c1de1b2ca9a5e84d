//! `clock serve` on smol.
//!
//! Run with: `cargo run -p clock -- --runtime smol serve`
//!
//! ```text
//! accept loop ─► connection (one a client) ◄─ broadcast ◄─ tick loop (one)
//! ```
//!
//! A client costs a task that waits for the next tick, and no timer: one timer ticks for all. The end walks
//! the same way: the tick loop's sender is dropped, each connection sees its channel closed and ends.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::Result;
use async_broadcast::{InactiveReceiver, Receiver, RecvError, Sender, broadcast};
use common::{backoff, net::turned_away};
use smol::channel;
use smol::io::AsyncWriteExt;
use smol::{Async, Executor, Timer, future};
use tracing::{info, warn};

use super::timeout;
use crate::cli::Serve;
use crate::tick::{Clock, KEPT, Tick, Ticker};

/// Tells the clients of `listener` the time of `clock` until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    executor: &Arc<Executor<'static>>,
    clock: Clock,
    listener: TcpListener,
    options: &Serve,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let listener = Async::new(listener)?;
    let clock = Arc::new(clock);
    let (mut sender, receiver) = broadcast(KEPT);
    // Who is slow misses ticks, and nobody waits for him.
    sender.set_overflow(true);
    let ticks = receiver.deactivate();
    let ticker = executor.spawn(tick_loop(Arc::clone(&clock), sender));
    // Each connection holds a sender: they are counted by it, and all gone when the channel is closed.
    let (present, gone) = channel::bounded(1);
    let shutdown = async {
        shutdown.await;
        info!(clients = present.sender_count() - 1, "shutting down");
    };
    future::or(accept_loop(executor, &listener, options, &clock, &ticks, &present), shutdown).await;
    // No longer listening: who comes now is refused, not left to wait.
    drop(listener);
    ticker.cancel().await;
    drop(present);
    let all_gone = async { Ok(gone.recv().await.is_err()) };
    if timeout(options.server.grace, all_gone).await.is_err() {
        warn!(clients = gone.sender_count(), "still busy after {:?}", options.server.grace);
    }
    Ok(())
}

/// Takes clients in, for ever.
async fn accept_loop(
    executor: &Arc<Executor<'static>>,
    listener: &Async<TcpListener>,
    options: &Serve,
    clock: &Arc<Clock>,
    ticks: &InactiveReceiver<Tick>,
    present: &channel::Sender<Infallible>,
) {
    // ANCHOR: 8.2-accept-loop
    let most = options.server.max_clients.get();
    let mut pauses = backoff::accept();
    loop {
        let (mut client, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                let pause = pauses.next().unwrap_or_default();
                warn!(%error, "cannot accept a client; next try in {pause:?}");
                Timer::after(pause).await;
                continue;
            }
        };
        pauses = backoff::accept();
        if present.sender_count() > most {
            info!(%peer, "turned away");
            // Into an empty buffer: does not wait. It may be gone already.
            client.write_all(turned_away(most).as_bytes()).await.ok();
            continue;
        }
        let (clock, ticks) = (Arc::clone(clock), ticks.activate_cloned());
        let mut connection = Connection { client, peer, clock, ticks, _present: present.clone() };
        if options.sequential {
            connection.run().await;
        } else {
            // Dropping the task would cancel it.
            executor.spawn(async move { connection.run().await }).detach();
        }
    }
    // ANCHOR_END: 8.2-accept-loop
}

/// One client and what it needs. A value that its task owns once: an `async fn` would keep what it is given
/// a second time, for each of 10,000 clients.
struct Connection {
    client: Async<TcpStream>,
    peer: SocketAddr,
    clock: Arc<Clock>,
    ticks: Receiver<Tick>,
    /// Its mark of being there: the server waits until the last is dropped.
    _present: channel::Sender<Infallible>,
}

impl Connection {
    /// Serves the client until it leaves, falls too far behind, or the ticks end.
    async fn run(&mut self) {
        info!(peer = %self.peer, "arrived");
        match self.tell().await {
            Ok(()) => info!(peer = %self.peer, "let go"),
            Err(error) => info!(peer = %self.peer, %error, "gone"),
        }
    }

    /// Tells the time at once and then at each tick.
    async fn tell(&mut self) -> io::Result<()> {
        // ANCHOR: 8.2-connection
        let greeting = self.clock.at(SystemTime::now());
        self.client.write_all(&greeting.line).await?;
        loop {
            match self.ticks.recv_direct().await {
                Ok(tick) if tick.is_after(&greeting) => {
                    // Registers a timer only if the client's buffer is full and the write has to wait.
                    timeout(self.clock.patience(), self.client.write_all(&tick.line)).await?;
                }
                Ok(_) => {}
                Err(RecvError::Overflowed(missed)) => {
                    return Err(io::Error::other(format!("{missed} lines behind")));
                }
                Err(RecvError::Closed) => return Ok(()),
            }
        }
        // ANCHOR_END: 8.2-connection
    }
}

/// Wakes at each tick and tells all connections, late ones included, until it is dropped.
async fn tick_loop(clock: Arc<Clock>, ticks: Sender<Tick>) {
    // ANCHOR: 8.2-tick-loop
    let mut ticker = Ticker::new(clock, SystemTime::now());
    loop {
        Timer::after(ticker.wait(SystemTime::now())).await;
        for tick in ticker.due(SystemTime::now()) {
            // Nobody there: nobody misses it.
            ticks.try_broadcast(tick).ok();
        }
    }
    // ANCHOR_END: 8.2-tick-loop
}
