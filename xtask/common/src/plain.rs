//! Whether what is shown is to be plain text.

use std::env;

/// Whether the user wants neither colours nor what is drawn in place: `NO_COLOR` is set, and not empty.
pub fn is_wanted() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
