//! What came of a command, and the exit code that says so.

use std::process::ExitCode;

use anyhow::Result;
use common::exit;

/// The exit code that tells a fault of the grader from one of what it was given.
const INFRA: u8 = 3;

/// What came of a command that did its work to the end, and has said so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What it looked for is in order.
    Good,
    /// It is not: exit code 1.
    Bad,
    /// A fault of the command's own, so that what it tells is not all: exit code 3.
    Infra,
}

impl Outcome {
    /// This outcome, once it is `told`: a reader of stdout that has left does not turn bad into good.
    ///
    /// # Errors
    /// When it is good and could not be told.
    pub fn once(self, told: Result<()>) -> Result<Self> {
        match self {
            Self::Bad | Self::Infra => Ok(self),
            Self::Good => told.map(|()| self),
        }
    }

    /// Runs `command`, and turns what comes of it into an exit code as [`exit::main`] does.
    pub fn main(command: impl FnOnce() -> Result<Self>) -> ExitCode {
        let mut outcome = Self::Good;
        let code = exit::main(|| {
            outcome = command()?;
            Ok(())
        });
        match outcome {
            Self::Good => code,
            Self::Bad => ExitCode::FAILURE,
            Self::Infra => ExitCode::from(INFRA),
        }
    }
}
