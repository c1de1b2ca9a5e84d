//! `crawler`: section 8.6 of the chapter and the exercises around it, on three runtimes.
//!
//! Run with: `cargo run -p crawler -- site`, and beside it `cargo run -p crawler -- crawl http://127.0.0.1:8000`

mod address;
mod cli;
mod crawl;
mod extract;
mod frontier;
mod http;
mod race;
mod report;
mod runtime;
mod site;
mod visit;

fn main() -> std::process::ExitCode {
    common::exit::main(|| runtime::run(common::flags::parse()))
}
