//! The policies that have a say.

use super::Grant;
use crate::access::policy::Policy;

/// Policies of a layer: there, or not there, or not known.
#[derive(Clone, Debug, Default)]
pub enum Held<T> {
    Given(T),
    /// There is no such layer; that is not an empty one.
    #[default]
    Absent,
    /// There may be one. The text says what is missing.
    Unknown(String),
}

/// Everything beside the request. A boundary is one policy or none; the levels of an
/// organisation run from the root down to the account.
#[derive(Clone, Debug, Default)]
pub struct Layers<'a> {
    pub identity: Held<Vec<&'a Policy>>,
    pub resource: Held<&'a Policy>,
    pub boundary: Held<&'a Policy>,
    pub sessions: Held<Vec<&'a Policy>>,
    pub scps: Held<Vec<Vec<&'a Policy>>>,
    pub rcps: Held<Vec<Vec<&'a Policy>>>,
    pub grants: Held<&'a [Grant]>,
}
