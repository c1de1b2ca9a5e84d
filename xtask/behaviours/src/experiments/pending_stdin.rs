//! A task reads stdin, on which nothing comes, and `main` returns.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::experiment::experiment;
use crate::watch::{Program, say};

experiment! {
    title: "main ends while a task reads stdin, on which nothing comes",
    why: "Stdin is read by a blocking call on each runtime. tokio waits for it when the runtime is dropped, so that the \
          program hangs until somebody presses Enter: end with shutdown_background or shutdown_timeout, or read \
          stdin in a thread of your own. On the others the process just ends.",
    watch: watch,
    tokio: "the program hangs until stdin ends",
    async_std: "the program ends",
    smol: "the program ends",
}

const OVER: &str = "main is over";

/// By when a program that does not hang has ended after that.
const HANGS: Duration = Duration::from_secs(1);

/// How long an end may take otherwise.
const LIMIT: Duration = Duration::from_secs(20);

/// So long the read may take to begin.
const BEGIN: Duration = Duration::from_millis(300);

fn watch(program: &Program) -> Result<String> {
    let mut watched = program.start(&[])?;
    ensure!(watched.line()?.as_deref() == Some(OVER), "`main` did not come to its end");
    if watched.end(HANGS)?.is_some() {
        return Ok("the program ends".to_owned());
    }
    watched.close_stdin();
    let end = watched.end(LIMIT)?;
    Ok((if end.is_some() { "the program hangs until stdin ends" } else { "the program hangs" }).to_owned())
}

#[cfg(feature = "tokio")]
mod tokio {
    use anyhow::Result;
    use tokio::io::{AsyncReadExt, stdin};
    use tokio::runtime::Runtime;
    use tokio::spawn;
    use tokio::time::sleep;

    use super::{BEGIN, OVER, say};

    pub(super) fn program() -> Result<()> {
        let runtime = Runtime::new()?;
        runtime.block_on(async {
            spawn(async { stdin().read_u8().await });
            sleep(BEGIN).await;
            say(OVER)
        })
    }
}

#[cfg(feature = "async-std")]
mod async_std {
    use anyhow::Result;
    use async_std::io::{ReadExt, stdin};
    use async_std::task::{block_on, sleep, spawn};

    use super::{BEGIN, OVER, say};

    pub(super) fn program() -> Result<()> {
        block_on(async {
            spawn(async { stdin().read(&mut [0]).await });
            sleep(BEGIN).await;
            say(OVER)
        })
    }
}

#[cfg(feature = "smol")]
mod smol {
    use std::io::stdin;

    use anyhow::Result;
    use smol::io::AsyncReadExt;
    use smol::{Timer, Unblock, block_on, spawn};

    use super::{BEGIN, OVER, say};

    pub(super) fn program() -> Result<()> {
        block_on(async {
            spawn(async { Unblock::new(stdin()).read(&mut [0]).await }).detach();
            Timer::after(BEGIN).await;
            say(OVER)
        })
    }
}
