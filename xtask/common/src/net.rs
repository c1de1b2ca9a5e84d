//! The listening socket of every server, made before its runtime starts.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};

use anyhow::Context;
use rustix::process::{Resource, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be accepted. With the 128 of `std`, 1,000 clients at once take seconds to
/// get in, since the kernel drops what does not fit and each client tries again after a second.
const BACKLOG: i32 = 4096;

/// Listens on `address` (`HOST:PORT`, port 0 for a free one): non-blocking, as the runtimes want it; with
/// `TCP_NODELAY`, which the sockets that it accepts inherit. Raises the soft limit of open files to the
/// hard one, since each client costs one.
///
/// # Errors
/// An address that is no `HOST:PORT` or cannot be listened on, named.
pub fn listen(address: &str) -> anyhow::Result<TcpListener> {
    raise_open_files();
    let addresses = address.to_socket_addrs().with_context(|| format!("cannot listen on {address}"))?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    let advice = match last.kind() {
        io::ErrorKind::AddrInUse => "; choose another with --listen, or port 0 for a free one",
        _ => "",
    };
    Err(anyhow::anyhow!("cannot listen on {address}: {last}{advice}"))
}

/// Tells on stdout where `listener` listens. Whoever starts a server waits for this line, so it is
/// flushed, and comes when the server can also be told to stop.
///
/// # Errors
/// When stdout is gone.
pub fn announce(listener: &TcpListener) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on {address}").and_then(|()| stdout.flush()).map_err(crate::exit::stdout)
}

/// What a client gets that comes when `most` others are being served.
pub fn turned_away(most: usize) -> String {
    format!("too many clients (at most {most} at a time); try again later\n")
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Connections of a server that has just ended would keep its port for a minute.
    socket.set_reuse_address(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Raises the soft limit of open files to the hard one, and returns how many there may be; none if that has no bound.
pub fn raise_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let soft = limit.current;
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "cannot raise the limit of open files");
            return soft;
        }
    }
    limit.current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named() {
        let first = listen("127.0.0.1:0").unwrap();
        let address = first.local_addr().unwrap().to_string();
        let error = format!("{:#}", listen(&address).unwrap_err());
        assert!(error.contains(&address) && error.contains("in use"), "{error}");
        let error = format!("{:#}", listen("nonsense").unwrap_err());
        assert!(error.contains("nonsense"), "{error}");
    }
}
