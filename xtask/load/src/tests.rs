//! Servers that do less than they are asked for, for the tests of the clients.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::Result;

/// A server that treats each client as `serve` does, on threads of the test, until the test ends.
pub(crate) fn server(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let serve = std::sync::Arc::new(serve);
    thread::spawn(move || {
        for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let serve = std::sync::Arc::clone(&serve);
            stream.set_read_timeout(Some(Duration::from_secs(30))).ok();
            thread::spawn(move || serve(n, stream));
        }
    });
    Ok(address)
}
