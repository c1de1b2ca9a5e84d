//! What the server of tricks says.

use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Stream;
use crate::DEADLINE;

/// The way back to the client.
pub struct Answer<'a> {
    pub(super) stream: &'a mut Box<dyn Stream>,
    /// The socket below it, to see its end.
    pub(super) socket: &'a TcpStream,
    /// The connection goes on after it.
    pub(super) keep: bool,
    /// The client went before it had all of it.
    pub(super) left: bool,
}

impl Answer<'_> {
    /// 200 with a page.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn page(&mut self, html: &str) -> io::Result<()> {
        self.full("200 OK", &["Content-Type: text/html; charset=utf-8"], html.as_bytes())
    }

    /// A page of links to these.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn links<S: AsRef<str>>(&mut self, links: impl IntoIterator<Item = S>) -> io::Result<()> {
        let links = links.into_iter().map(|link| format!("<a href=\"{}\">link</a>\n", link.as_ref()));
        self.page(&format!("<!DOCTYPE html>\n<title>Links</title>\n{}", links.collect::<String>()))
    }

    /// An answer with this status and no body.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn status(&mut self, status: &str, headers: &[&str]) -> io::Result<()> {
        self.full(status, headers, b"")
    }

    /// An answer in order, with its length.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn full(&mut self, status: &str, headers: &[&str], body: &[u8]) -> io::Result<()> {
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        self.raw([head.as_bytes(), body].concat())
    }

    /// These bytes.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn raw(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())?;
        self.stream.flush()
    }

    /// These bytes, one at a time and with a pause after each.
    ///
    /// # Errors
    /// When the client is gone.
    pub fn drip(&mut self, bytes: impl AsRef<[u8]>, pause: Duration) -> io::Result<()> {
        for byte in bytes.as_ref() {
            self.raw([*byte])?;
            self.pause(pause)?;
        }
        Ok(())
    }

    /// Waits.
    ///
    /// # Errors
    /// When the client goes meanwhile.
    pub fn pause(&mut self, time: Duration) -> io::Result<()> {
        self.socket.set_read_timeout(Some(time))?;
        let came = self.socket.peek(&mut [0]);
        self.socket.set_read_timeout(None)?;
        match came {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                Ok(())
            }
            // Nobody asks again before he is answered: what comes is the end, in TLS as a message.
            _ => {
                self.left = true;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    /// Says nothing more until the client goes.
    ///
    /// # Errors
    /// Always: the client is gone, or has not gone in time.
    pub fn never(&mut self) -> io::Result<()> {
        self.pause(DEADLINE * 2)?;
        Err(io::ErrorKind::TimedOut.into())
    }

    /// Ends the connection after this answer, without having said so.
    pub fn close(&mut self) {
        self.keep = false;
    }
}
