//! `echo serve` on tokio.
//!
//! Run with: `cargo run -p echo -- --runtime tokio serve`
//!
//! ```text
//! accept loop ─► connection (one a client): with a delay shouting.rs, without one plain.rs
//! ```
//!
//! The end walks the same way: the sender that says that the server is running is dropped, each connection
//! sees its channel closed, reads no more, answers what it has read, and ends.

use std::net::SocketAddr;

use anyhow::Result;
use common::{backoff, net::turned_away};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::{plain, shouting};
use crate::cli::Serve;
use crate::limits::{LINGER, Limits};

/// Closed when the server shuts down; nothing is ever sent.
pub(super) type Running = watch::Receiver<()>;

/// Echoes to the clients of `listener` until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    options: &Serve,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let (run, running) = watch::channel(());
    let clients = TaskTracker::new();
    tokio::select! {
        () = accept_loop(&listener, options, &running, &clients) => {}
        () = shutdown => info!(clients = clients.len(), "shutting down"),
    }
    // No longer listening: who comes now is refused, not left to wait.
    drop(listener);
    drop(run);
    clients.close();
    if timeout(options.server.grace, clients.wait()).await.is_err() {
        warn!(clients = clients.len(), "still busy after {:?}", options.server.grace);
    }
    Ok(())
}

/// Takes clients in, for ever.
async fn accept_loop(listener: &TcpListener, options: &Serve, running: &Running, clients: &TaskTracker) {
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
        let mut connection = Connection { client, peer, limits, running: running.clone() };
        clients.spawn(async move { connection.run().await });
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
}

impl Connection {
    /// Serves the client until it leaves or is let go.
    async fn run(&mut self) {
        info!(peer = %self.peer, "arrived");
        let Self { client, peer, limits, running } = self;
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
async fn linger(client: &mut TcpStream) {
    let mut unread = [0; 4096];
    let all = async { while client.read(&mut unread).await.is_ok_and(|n| n > 0) {} };
    timeout(LINGER, all).await.ok();
}
