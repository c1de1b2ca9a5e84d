//! A connection that is closed when the client takes nothing for a while.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};

use super::{PATIENCE, Pause};

/// A stream whose writes fail with `TimedOut` when none gets on for [`PATIENCE`]. (hyper has a limit of time for what it
/// reads, and none for what it writes.)
pub(crate) struct Patient<S> {
    stream: S,
    pause: fn(Duration) -> Pause,
    /// Runs while a write waits.
    left: Option<Pause>,
}

impl<S> Patient<S> {
    /// `stream` with the timer of its runtime.
    pub(crate) fn new(stream: S, pause: fn(Duration) -> Pause) -> Self {
        Self { stream, pause, left: None }
    }

    /// What became of a write.
    fn waited<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.left = None;
            return written;
        }
        let left = self.left.get_or_insert_with(|| (self.pause)(PATIENCE));
        left.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: Read + Unpin> Read for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.waited(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.waited(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.waited(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::task::Waker;

    use super::*;

    /// Takes nothing until it is told to.
    struct Full(bool);

    impl Write for Full {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            if self.0 { Poll::Pending } else { Poll::Ready(Ok(bytes.len())) }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn who_takes_nothing_is_given_up_in_time() {
        let mut context = Context::from_waker(Waker::noop());
        let mut write = |stream: &mut Patient<Full>| Pin::new(stream).poll_write(&mut context, b"page");
        let mut stream = Patient::new(Full(true), |_| Box::pin(pending()));
        assert!(write(&mut stream).is_pending());
        stream.stream.0 = false;
        assert!(matches!(write(&mut stream), Poll::Ready(Ok(4))));
        assert!(stream.left.is_none(), "the time begins anew");
        let mut late = Patient::new(Full(true), |_| Box::pin(ready(())));
        let Poll::Ready(Err(error)) = write(&mut late) else { panic!("expected an error") };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
