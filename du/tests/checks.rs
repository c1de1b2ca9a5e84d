//! The black-box checks of `du`.
fn main() {}
