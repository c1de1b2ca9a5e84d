//! What a countdown says.

pub(crate) const BEGIN: &str = "Commencing countdown.";
pub(crate) const LAUNCH: &str = "Lift off!";
pub(crate) const ABORT: &str = "Launch aborted!";
