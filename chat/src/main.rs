//! `chat`: section 8.10 of the chapter, on three runtimes.
//!
//! Run with: `cargo run -p chat -- serve`

mod cli;
mod entry;
mod intake;
mod names;
mod outbox;
mod rate;
mod room;
mod runtime;
mod screen;

fn main() -> std::process::ExitCode {
    common::exit::main(|| runtime::run(common::flags::parse()))
}
