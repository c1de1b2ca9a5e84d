//! `crawler site` on tokio.
//!
//! Run with: `cargo run -p crawler -- --runtime tokio site`
//!
//! ```text
//! accept loop ─► connection (one a client) ─► answer (one at a time in it)
//! ```
//!
//! The end walks the same way: the sender that says that the server is running is dropped, each connection sees its
//! channel closed, sends the answer that it is at, and ends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use common::backoff;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::cli;
use crate::site::{Body, PATIENCE, Patient, Pause, Site, turned_away};

/// Closed when the server shuts down; nothing is ever sent.
type Running = watch::Receiver<()>;

/// Shows the site to the clients of `listener` until `shutdown`, and then waits for them, at most for the grace.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    options: &cli::Site,
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
async fn accept_loop(listener: &TcpListener, options: &cli::Site, running: &Running, clients: &TaskTracker) {
    let site = Arc::new(Site::new(options));
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
            // Dropped alone, it would be reset if it has sent something, and the answer lost.
            client.shutdown().await.ok();
            continue;
        }
        let connection = Connection { client, peer, site: Arc::clone(&site), running: running.clone() };
        clients.spawn(connection.run());
    }
}

/// One client and what it needs.
struct Connection {
    client: TcpStream,
    peer: SocketAddr,
    site: Arc<Site>,
    running: Running,
}

impl Connection {
    /// Answers the client, request by request, until it leaves or is let go.
    async fn run(self) {
        let Self { client, peer, site, mut running } = self;
        info!(%peer, "arrived");
        let service = service_fn(|request| answer(&site, peer, request));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        let mut connection = pin!(http.serve_connection(Patient::new(TokioIo::new(client), pause), service));
        let end = tokio::select! {
            end = connection.as_mut() => end,
            _ = running.changed() => {
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
        sleep(late).await;
    }
    Ok(answer.into_response(pause))
}

/// A timer for what is the same on each runtime.
fn pause(time: Duration) -> Pause {
    Box::pin(sleep(time))
}
