//! `pipeline`: sections 8.4 and 8.5 of the chapter, on three runtimes.
//!
//! Run with: `cargo run -p pipeline -- squares`

mod cake;
mod cli;
mod file;
mod mandelbrot;
mod runtime;
mod squares;
mod sweep;
mod thumbs;

fn main() -> std::process::ExitCode {
    common::exit::main(|| runtime::run(common::flags::parse()))
}
