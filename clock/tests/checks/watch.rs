//! 8.2: `clock watch`.

use anyhow::{Result, ensure};
use kit::{Program, ReservedPort, Signal};

/// Prints what the server sends, as it comes, and ends with 0 when the server does.
pub(crate) fn shows_the_clock_until_it_ends(server: &Program, client: &Program) -> Result<()> {
    let mut server = server.serve(["--every", "100ms"])?;
    let mut watch = client.start(["watch", &server.address().to_string()])?;
    for _ in 0..3 {
        let line = watch.line()?;
        ensure!(line.len() == 8 && line.matches(':').count() == 2, "expected HH:MM:SS\n     got {line:?}");
    }
    server.signal(Signal::TERM)?;
    server.expect_exit(0)?;
    watch.rest()?;
    watch.expect_exit(0)
}

/// Nobody there: an error that names the address, and 1.
pub(crate) fn names_who_refused(clock: &Program) -> Result<()> {
    let nobody = ReservedPort::new()?;
    let address = nobody.address()?.to_string();
    let mut watch = clock.start(["watch", &address])?;
    watch.expect_exit(1)?;
    watch.expect_stderr(&address)?;
    watch.expect_stderr("refused")
}

/// A server that takes the connection and says nothing: an error after `--timeout` that names it.
pub(crate) fn gives_up_on_silence(clock: &Program) -> Result<()> {
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = silent.local_addr()?.to_string();
    let mut watch = clock.start(["watch", &address, "--timeout", "200ms"])?;
    watch.expect_exit(1)?;
    watch.expect_stderr(&address)?;
    watch.expect_stderr("silent")
}

/// `clock watch | head -1`: no error, and 0.
pub(crate) fn ends_quietly_without_a_reader(clock: &Program) -> Result<()> {
    let server = clock.serve(["--every", "50ms"])?;
    let mut watch = clock.start(["watch", &server.address().to_string()])?;
    watch.line()?;
    watch.close_stdout();
    watch.expect_exit(0)?;
    ensure!(watch.stderr().is_empty(), "expected no complaint\n     got {}", watch.stderr());
    Ok(())
}
