//! `echo`: section 8.3 of the chapter, on three runtimes.
//!
//! Run with: `cargo run -p echo -- serve`

mod cli;
mod limits;
mod runtime;
mod shout;

fn main() -> std::process::ExitCode {
    common::exit::main(|| runtime::run(common::flags::parse()))
}
