//! `echo serve` on async-std.
//!
//! Run with: `cargo run -p echo -- --runtime async-std serve`
//!
//! ```text
//! accept loop ─► connection (one a client): with a delay shouting.rs, without one plain.rs
//! ```
//!
//! The end walks the same way: the sender that says that the server is running is dropped, each connection
//! sees its channel closed, reads no more, answers what it has read, and ends.

use std::convert::Infallible;
use std::net::{Shutdown, SocketAddr};

use anyhow::Result;
use async_std::channel::{self, Receiver, Sender};
use async_std::future::timeout;
use async_std::io::{ReadExt, WriteExt};
use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use common::{backoff, net::turned_away};
use futures_lite::future;
use tracing::{info, warn};

use super::{plain, shouting};
use crate::cli::Serve;
use crate::limits::{LINGER, Limits};

/// Closed when the server shuts down; nothing is ever sent.
pub(super) type Running = Receiver<Infallible>;

/// Echoes to the clients of `listener` until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    options: &Serve,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let listener = TcpListener::from(listener);
    let (run, running) = channel::bounded(1);
    // Each connection holds a sender: they are counted by it, and all gone when the channel is closed.
    let (present, gone) = channel::bounded(1);
    let shutdown = async {
        shutdown.await;
        info!(clients = present.sender_count() - 1, "shutting down");
    };
    future::or(accept_loop(&listener, options, &running, &present), shutdown).await;
    // No longer listening: who comes now is refused, not left to wait.
    drop(listener);
    drop(run);
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
    running: &Running,
    present: &Sender<Infallible>,
) {
    // ANCHOR: 8.3-accept-loop
    let limits = Limits::new(options);
    let most = options.server.max_clients.get();
    let mut pauses = backoff::accept();
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
        let running = running.clone();
        let connection = Connection { client, peer, limits, running, _present: present.clone() };
        // Dropping the handle detaches the task.
        task::spawn(async move { connection.run().await });
    }
    // ANCHOR_END: 8.3-accept-loop
}

/// One client and what it needs. A value that its task owns once: an `async fn` would keep what it is given
/// a second time, for each of 10,000 clients.
struct Connection {
    client: TcpStream,
    peer: SocketAddr,
    limits: Limits,
    running: Running,
    /// Its mark of being there: the server waits until the last is dropped.
    _present: Sender<Infallible>,
}

impl Connection {
    /// Serves the client until it leaves or is let go.
    async fn run(&self) {
        info!(peer = %self.peer, "arrived");
        let Self { client, peer, limits, running, .. } = self;
        let end = if limits.delay.is_zero() {
            plain::echo(client, limits, running).await
        } else {
            // In a box, so that the task of a client without a delay is not as large.
            Box::pin(shouting::echo(client, limits, running)).await
        };
        match end {
            Ok(end) => {
                if end.is_early() {
                    Box::pin(linger(client)).await;
                }
                info!(%peer, "let go: {end}");
            }
            Err(error) => info!(%peer, %error, "gone"),
        }
    }
}

/// Throws away what the client still sends, for a while.
async fn linger(mut client: &TcpStream) {
    let mut unread = [0; 4096];
    let all = async { while client.read(&mut unread).await.is_ok_and(|n| n > 0) {} };
    timeout(LINGER, all).await.ok();
}
