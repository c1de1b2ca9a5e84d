//! What results are shown as: one file a format.

pub(crate) mod html;
pub(crate) mod units;
