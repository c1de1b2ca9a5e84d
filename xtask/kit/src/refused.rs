//! What a check of a check says: that something wrong is seen.

use anyhow::Result;

/// Holds when `result` is an error that tells `told`.
///
/// # Panics
/// When it is none, or tells something else.
pub fn refused<T>(result: Result<T>, told: &str) {
    match result {
        Ok(_) => panic!("it is not refused; expected {told:?}"),
        Err(error) => assert!(format!("{error:#}").contains(told), "expected {told:?}\n     got {error:#}"),
    }
}
