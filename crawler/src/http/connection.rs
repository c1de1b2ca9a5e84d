//! One connection to a server, and the requests on it, one after another.
//!
//! hyper divides a connection in two: a future that reads and writes, and a handle to send requests. It is usual to
//! spawn the future. Here whoever waits for an answer polls it, in the same task: no answer goes through another
//! task, there is none to cancel, and a request that is dropped closes its connection at once (exercises 8.10, 8.11).

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};

use super::Failure;

/// The bytes of a head, and its fields: a server that never ends its head is not followed for ever.
const MAX_HEAD: usize = 64 << 10;
const MAX_FIELDS: usize = 256;

/// What a runtime dials: a plain or an encrypted stream.
pub(crate) type Stream = Pin<Box<dyn ReadWrite>>;

pub(crate) trait ReadWrite: hyper::rt::Read + hyper::rt::Write + Send {}
impl<T: hyper::rt::Read + hyper::rt::Write + Send> ReadWrite for T {}

/// The future that reads and writes.
type Io = Pin<Box<http1::Connection<Stream, Empty<Bytes>>>>;

pub(super) struct Connection {
    requests: SendRequest<Empty<Bytes>>,
    /// None when it has ended.
    io: Option<Io>,
    /// It has brought an answer before: when it is closed now, the server may just have been tired of waiting.
    pub(super) is_used: bool,
}

impl Connection {
    pub(super) async fn over(stream: Stream) -> Result<Self, Failure> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MAX_HEAD).max_headers(MAX_FIELDS);
        let (requests, io) = builder.handshake(stream).await.map_err(Failure::of)?;
        Ok(Self { requests, io: Some(Box::pin(io)), is_used: false })
    }

    /// Sends `request` and waits for the head of the answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        let answer = self.requests.send_request(request);
        drive(&mut self.io, answer).await.map_err(Failure::of)
    }

    /// The next part of `body`; none at its end.
    pub(super) async fn part(&mut self, body: &mut Incoming) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = drive(&mut self.io, body.frame()).await {
            // The other kind is trailers.
            if let Ok(data) = frame.map_err(Failure::of)?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Whether another request can be sent: the last answer was read to its end, and the server has closed nothing
    /// and sent nothing since.
    pub(super) async fn is_clean(&mut self) -> bool {
        let Self { requests, io, .. } = self;
        let mut ready = pin!(requests.ready());
        poll_fn(|context| {
            advance(io, context);
            // It does not become ready later: what is missing is the rest of an answer that nobody reads.
            Poll::Ready(io.is_some() && matches!(ready.as_mut().poll(context), Poll::Ready(Ok(()))))
        })
        .await
    }
}

/// Waits for `wanted`, and lets the connection read and write meanwhile.
///
/// Only the connection can complete what is wanted, and it is polled here: so `wanted` need not wake anybody, and the
/// task is not polled once more after each answer for nothing.
async fn drive<T>(io: &mut Option<Io>, wanted: impl Future<Output = T>) -> T {
    let mut wanted = pin!(wanted);
    poll_fn(|context| {
        let mut quiet = Context::from_waker(Waker::noop());
        // What is wanted gives the connection something to do, and gets it from there.
        if let Poll::Ready(got) = wanted.as_mut().poll(&mut quiet) {
            return Poll::Ready(got);
        }
        advance(io, context);
        wanted.as_mut().poll(&mut quiet)
    })
    .await
}

/// Lets the connection read and write. At its end it is dropped: a request that it has not begun with is told so by
/// that alone.
fn advance(io: &mut Option<Io>, context: &mut Context<'_>) {
    // An error is told to the one who waits as well.
    if io.as_mut().is_some_and(|io| io.as_mut().poll(context).is_ready()) {
        *io = None;
    }
}
