//! AWS CloudTrail (CloudTrail API reference and user guide).

mod late_uses;
mod lookup;
mod pace;
mod patience;
mod preserve;
mod selectors;
mod trails;

pub(super) use late_uses::LateUses;
pub(super) use lookup::LookupEvents;
pub(super) use pace::Pace;
pub(super) use patience::{is_throttled, patiently};
pub(super) use preserve::Preserve;
pub(super) use trails::DescribeTrails;
