//! `du`: sections 8.8 and 8.9 of the chapter, on three runtimes.
//!
//! Run with: `cargo run --release -p du -- -v /usr`

mod cli;
mod escape;
mod json;
mod key;
mod roots;
mod runtime;
mod top;
mod totals;
mod units;
mod view;
mod walk;

fn main() -> std::process::ExitCode {
    common::exit::main(|| runtime::run(common::flags::parse()))
}
