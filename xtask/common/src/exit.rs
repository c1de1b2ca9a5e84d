//! From a program's result to its exit code: 0 done, 1 failed, 2 usage, 130 interrupted.

use std::io::{self, Write};
use std::process::ExitCode;

/// The user ended it: exit code 130 (128 + SIGINT, as shells have it), and no message.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Whoever read stdout has what it wanted (`| head`): the program ends quietly, with 0.
///
/// A type of its own, since a broken pipe on a *socket* is an error that has to be told.
#[derive(Debug, thiserror::Error)]
#[error("stdout was closed")]
pub struct StdoutClosed;

/// What a failed write to stdout means: for `.map_err(exit::stdout)`.
pub fn stdout(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => StdoutClosed.into(),
        _ => anyhow::Error::new(error).context("cannot write to stdout"),
    }
}

/// Runs the program and turns what it returns into its exit code. An error is told on stderr with all of
/// its causes; a `clap::Error` as clap tells it, with its code (2).
pub fn main(program: impl FnOnce() -> anyhow::Result<()>) -> ExitCode {
    let Err(error) = program() else { return ExitCode::SUCCESS };
    if error.is::<Interrupted>() {
        return ExitCode::from(130);
    }
    if error.is::<StdoutClosed>() {
        return ExitCode::SUCCESS;
    }
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        // Nobody is left to be told when stderr is gone; the code still says it.
        usage.print().ok();
        return ExitCode::from(2);
    }
    writeln!(io::stderr(), "error: {error:#}").ok();
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ExitCode` has no `PartialEq`; its debug form tells the codes apart.
    fn code(result: anyhow::Result<()>) -> String {
        format!("{:?}", main(|| result))
    }

    #[test]
    fn each_end_has_its_code() {
        let expect = |code: u8| format!("{:?}", ExitCode::from(code));
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(code(Ok(())), expect(0));
        assert_eq!(code(Err(Interrupted.into())), expect(130));
        assert_eq!(code(Err(stdout(broken()))), expect(0));
        assert_eq!(code(Err(broken().into())), expect(1), "a socket's broken pipe is no quiet end");
        assert_eq!(code(Err(stdout(io::ErrorKind::StorageFull.into()))), expect(1));
        let usage = clap::Error::raw(clap::error::ErrorKind::ValueValidation, "no such thing\n");
        assert_eq!(code(Err(usage.into())), expect(2));
    }
}
