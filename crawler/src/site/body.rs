//! The bodies of the answers.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

/// A timer of the runtime.
pub(crate) type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time between two parts of a body without end.
const BETWEEN: Duration = Duration::from_millis(100);

/// What a body without end consists of.
const PART: &[u8] = b"<p>And so on, and so forth.</p>\n";

/// A body as hyper sends it.
pub(crate) enum Body {
    /// None once it was sent.
    Whole(Option<Bytes>),
    /// Never over; each part follows a pause.
    Endless { pause: fn(Duration) -> Pause, next: Pause },
}

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    pub(super) fn endless(pause: fn(Duration) -> Pause) -> Self {
        Self::Endless { pause, next: pause(Duration::ZERO) }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = match self.get_mut() {
            Self::Whole(bytes) => bytes.take(),
            Self::Endless { pause, next } => {
                ready!(next.as_mut().poll(context));
                *next = pause(BETWEEN);
                Some(Bytes::from_static(PART))
            }
        };
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Endless { .. } => SizeHint::default(),
        }
    }
}
