//! netcat, the client that everybody has.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;

use anyhow::{Context, Result};

use crate::{DEADLINE, Implementation, Program};

impl Program {
    /// What `nc -N` at `address` shows when `input` is its stdin: it sends all of it, closes the write half, and
    /// shows what comes until the end. It is the `nc` of this machine if that knows the flag, and else a socket
    /// that does the same.
    ///
    /// # Errors
    /// When the end does not come in time, or is a reset.
    pub fn netcat(&self, address: SocketAddr, input: &[u8]) -> Result<String> {
        if closes_its_write_half() { self.real(address, input) } else { by_hand(address, input) }
    }

    fn real(&self, address: SocketAddr, input: &[u8]) -> Result<String> {
        let nc = self.beside(Implementation::new("nc", ["nc", "-n", "-N"]));
        let mut run = nc.start([address.ip().to_string(), address.port().to_string()])?;
        let mut stdin = run.take_stdin().context("stdin is closed")?;
        let input = input.to_vec();
        // It may be that the server reads no more before its answers are read.
        let sending = thread::spawn(move || stdin.write_all(&input));
        let shown = run.rest()?;
        run.expect_exit(0)?;
        // That it was not asked for all is no error: it ends when the server does.
        sending.join().ok();
        Ok(shown)
    }
}

/// Whether there is an `nc` whose `-N` is this one: others lack it, or mean something else by it.
fn closes_its_write_half() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        let help = Command::new("nc").arg("-h").output();
        let told = help.map(|told| [told.stdout, told.stderr].concat()).unwrap_or_default();
        let mut lines = told.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        lines.any(|line| line.starts_with(b"-N") && String::from_utf8_lossy(line).contains("Shutdown"))
    })
}

fn by_hand(address: SocketAddr, input: &[u8]) -> Result<String> {
    let mut socket = TcpStream::connect_timeout(&address, DEADLINE)?;
    socket.set_read_timeout(Some(DEADLINE))?;
    socket.set_write_timeout(Some(DEADLINE))?;
    let (mut requests, input) = (socket.try_clone()?, input.to_vec());
    let sending = thread::spawn(move || {
        requests.write_all(&input).and_then(|()| requests.shutdown(Shutdown::Write)).ok();
    });
    let mut shown = Vec::new();
    socket.read_to_end(&mut shown).context("expected the end")?;
    sending.join().ok();
    Ok(String::from_utf8_lossy(&shown).into_owned())
}
