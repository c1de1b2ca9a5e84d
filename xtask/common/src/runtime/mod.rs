//! How each runtime is started with N worker threads and told to stop: one module a runtime, with the same
//! functions.
//!
//! - `start(threads, main)` runs `main` on the calling thread and what it spawns on `threads` workers.
//! - `interrupted()` registers for Ctrl-C and SIGTERM at once and completes at the first of them.
//! - `lapse(time)` is a timer against which input that came in time wins.

#[cfg(feature = "async-std")]
pub mod async_std;
#[cfg(feature = "smol")]
pub mod smol;
#[cfg(feature = "tokio")]
pub mod tokio;

/// Writes a program's `Runtime` enum, the runtimes compiled into it, best known first; and `Choice`, the flag
/// that takes one.
///
/// It is a macro since the features are those of the crate that calls it: an enum in this crate would have
/// variants that a program built with fewer features does not match.
#[macro_export]
macro_rules! runtimes {
    () => {
        /// The runtimes compiled in; the first is the default.
        #[derive(Clone, Copy, Debug, clap::ValueEnum)]
        pub(crate) enum Runtime {
            /// Work stealing; timers, signals and sockets built in
            #[cfg(feature = "tokio")]
            Tokio,
            /// One global executor; discontinued, see RUSTSEC-2025-0052
            #[cfg(feature = "async-std")]
            AsyncStd,
            /// Small crates, and an executor of one's own
            #[cfg(feature = "smol")]
            Smol,
        }

        impl Default for Runtime {
            fn default() -> Self {
                <Self as clap::ValueEnum>::value_variants()[0]
            }
        }

        /// `--runtime`, to be flattened into the command line.
        #[derive(Clone, Copy, Debug, clap::Args)]
        pub(crate) struct Choice {
            /// The runtime that everything runs on
            #[arg(
                long,
                env = "CH8_RUNTIME",
                global = true,
                value_enum,
                default_value_t,
                hide_env_values = true,
                overrides_with = "runtime"
            )]
            pub(crate) runtime: Runtime,
        }
    };
}
