//! What the commands of `cargo xtask` are built from: Cargo, the checks, the tables of exercises and runtimes, and
//! how they tell what they do.

pub mod cargo;
pub mod checks;
pub mod exercises;
pub mod interrupt;
mod outcome;
pub mod progress;
pub mod table;

pub use outcome::Outcome;
