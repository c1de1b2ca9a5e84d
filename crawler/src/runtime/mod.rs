//! The runtimes, one module each with the same files and the same functions in the same order.
//!
//! Side by side: `diff -y crawler/src/runtime/tokio/workers.rs crawler/src/runtime/smol/workers.rs`

#[cfg(feature = "async-std")]
mod async_std;
#[cfg(feature = "smol")]
mod smol;
#[cfg(feature = "tokio")]
mod tokio;

#[cfg(not(any(feature = "tokio", feature = "async-std", feature = "smol")))]
compile_error!("no runtime: build with --features tokio, async-std or smol, or any of them together");

common::runtimes!();

/// Runs the program on the runtime that the command line names.
///
/// # Errors
/// What the program ends with.
pub(crate) fn run(cli: crate::cli::Cli) -> anyhow::Result<()> {
    common::logging::init(cli.common.verbose)?;
    let threads = usize::from(cli.common.threads);
    match cli.choice.runtime {
        #[cfg(feature = "tokio")]
        Runtime::Tokio => common::runtime::tokio::start(threads, tokio::run(cli.command))?,
        #[cfg(feature = "async-std")]
        Runtime::AsyncStd => common::runtime::async_std::start(threads, async_std::run(cli.command))?,
        #[cfg(feature = "smol")]
        Runtime::Smol => {
            common::runtime::smol::start(threads, async |executor| smol::run(executor, cli.command).await)?
        }
    }
}
