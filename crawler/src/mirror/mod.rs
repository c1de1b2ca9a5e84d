//! A copy of sites in a folder: what was fetched, the names of its files, and links that lead from one to the other.
//!
//! All of it blocks, and belongs on threads that may.

mod name;
mod rewrite;
mod store;

pub(crate) use self::store::{Head, Store};

/// A hash that no server can aim at, in hexadecimal.
fn hash(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
