//! `clock`: sections 8.1, 8.2 and 8.7 of the chapter, on three runtimes.
//!
//! Run with: `cargo run -p clock -- serve`

mod cli;
mod countdown;
mod runtime;
mod spinner;
mod tick;
mod wall;
mod zone;

fn main() -> std::process::ExitCode {
    common::exit::main(|| runtime::run(common::flags::parse()))
}
