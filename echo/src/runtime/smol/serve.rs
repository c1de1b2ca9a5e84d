//! `echo serve` on smol.
//!
//! Run with: `cargo run -p echo -- --runtime smol serve`
//!
//! ```text
//! accept loop ─► connection (one a client): with a delay shouting.rs, without one plain.rs
//! ```
//!
//! The end walks the same way: the sender that says that the server is running is dropped, each connection
//! sees its channel closed, reads no more, answers what it has read, and ends.

use std::convert::Infallible;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use anyhow::Result;
use common::{backoff, net::turned_away};
use smol::channel::{self, Receiver, Sender};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::{Async, Executor, Timer, future};
use tracing::{info, warn};

use super::{plain, shouting, timeout};
use crate::cli::Serve;
use crate::limits::{LINGER, Limits};

/// Closed when the server shuts down; nothing is ever sent.
pub(super) type Running = Receiver<Infallible>;

/// Echoes to the clients of `listener` until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    executor: &Arc<Executor<'static>>,
    listener: TcpListener,
    options: &Serve,
    shutdown: impl Future<Output = ()>,
) -> Result<()> {
    let listener = Async::new(listener)?;
    let (run, running) = channel::bounded(1);
    // Each connection holds a sender: they are counted by it, and all gone when the channel is closed.
    let (present, gone) = channel::bounded(1);
    let shutdown = async {
        shutdown.await;
        info!(clients = present.sender_count() - 1, "shutting down");
    };
    future::or(accept_loop(executor, &listener, options, &running, &present), shutdown).await;
    // No longer listening: who comes now is refused, not left to wait.
    drop(listener);
    drop(run);
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
                Timer::after(pause).await;
                continue;
            }
        };
        pauses = backoff::accept();
        if present.sender_count() > most {
            info!(%peer, "turned away");
            // Into an empty buffer: does not wait. It may be gone already.
            client.write_all(turned_away(most).as_bytes()).await.ok();
            // Dropped alone, it would be reset if it has sent something, and the line lost.
            client.get_ref().shutdown(Shutdown::Write).ok();
            continue;
        }
        let (running, on) = (running.clone(), Arc::clone(executor));
        let connection = Connection { client, peer, limits, running, _present: present.clone() };
        // Dropping the task would cancel it.
        executor.spawn(async move { connection.run(&on).await }).detach();
    }
    // ANCHOR_END: 8.3-accept-loop
}

/// One client and what it needs. A value that its task owns once: an `async fn` would keep what it is given
/// a second time, for each of 10,000 clients.
struct Connection {
    client: Async<TcpStream>,
    peer: SocketAddr,
    limits: Limits,
    running: Running,
    /// Its mark of being there: the server waits until the last is dropped.
    _present: Sender<Infallible>,
}

impl Connection {
    /// Serves the client until it leaves or is let go.
    async fn run(&self, executor: &Arc<Executor<'static>>) {
        info!(peer = %self.peer, "arrived");
        let Self { client, peer, limits, running, .. } = self;
        let end = if limits.delay.is_zero() {
            plain::echo(client, limits, running).await
        } else {
            // In a box, so that the task of a client without a delay is not as large.
            Box::pin(shouting::echo(executor, client, limits, running)).await
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
async fn linger(mut client: &Async<TcpStream>) {
    let mut unread = [0; 4096];
    let all = async {
        while client.read(&mut unread).await? > 0 {}
        Ok(())
    };
    timeout(LINGER, all).await.ok();
}
