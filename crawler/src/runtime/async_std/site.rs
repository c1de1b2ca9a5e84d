//! `crawler site` on async-std.
//!
//! Run with: `cargo run -p crawler -- --runtime async-std site`
//!
//! ```text
//! accept loop ─► connection (one a client) ─► answer (one at a time in it)
//! ```
//!
//! The end walks the same way: the sender that says that the server is running is dropped, each connection sees its
//! channel closed, sends the answer that it is at, and ends.

use std::convert::Infallible;
use std::net::{Shutdown, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_std::channel::{self, Receiver, Sender};
use async_std::future::timeout;
use async_std::io::WriteExt;
use async_std::net::{TcpListener, TcpStream};
use async_std::task;
use common::backoff;
use futures_lite::future;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use smol_hyper::rt::{FuturesIo, SmolTimer};
use tracing::{info, warn};

use crate::cli;
use crate::site::{Body, PATIENCE, Patient, Pause, Site, turned_away};

/// Closed when the server shuts down; nothing is ever sent.
type Running = Receiver<Infallible>;

/// Shows the site to the clients of `listener` until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    options: &cli::Site,
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
    options: &cli::Site,
    running: &Running,
    present: &Sender<Infallible>,
) {
    let site = Arc::new(Site::new(options));
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
            // Dropped alone, it would be reset if it has sent something, and the answer lost.
            client.shutdown(Shutdown::Write).ok();
            continue;
        }
        let (site, running) = (Arc::clone(&site), running.clone());
        let connection = Connection { client, peer, site, running, _present: present.clone() };
        // Dropping the handle detaches the task.
        task::spawn(connection.run());
    }
}

/// One client and what it needs.
struct Connection {
    client: TcpStream,
    peer: SocketAddr,
    site: Arc<Site>,
    running: Running,
    /// Its mark of being there: the server waits until the last is dropped.
    _present: Sender<Infallible>,
}

impl Connection {
    /// Answers the client, request by request, until it leaves or is let go.
    async fn run(self) {
        let Self { client, peer, site, running, _present } = self;
        info!(%peer, "arrived");
        let service = service_fn(|request| answer(&site, peer, request));
        let mut http = http1::Builder::new();
        http.timer(SmolTimer::new()).header_read_timeout(PATIENCE);
        let mut connection =
            pin!(http.serve_connection(Patient::new(FuturesIo::new(client), pause), service));
        let shutdown = async {
            running.recv().await.ok();
            None
        };
        let end = match future::or(async { Some(connection.as_mut().await) }, shutdown).await {
            Some(end) => end,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        match end {
            Ok(()) => info!(%peer, "let go"),
            Err(error) => info!(%peer, %error, "gone"),
        }
    }
}

/// Answers one request, when it is time.
async fn answer<B>(site: &Site, peer: SocketAddr, request: Request<B>) -> Result<Response<Body>, Infallible> {
    info!(%peer, method = %request.method(), url = %request.uri(), "asked");
    let answer = site.answer(&request);
    let late = site.latency.saturating_add(answer.after);
    if !late.is_zero() {
        task::sleep(late).await;
    }
    Ok(answer.into_response(pause))
}

/// A timer for what is the same on each runtime.
fn pause(time: Duration) -> Pause {
    Box::pin(task::sleep(time))
}
