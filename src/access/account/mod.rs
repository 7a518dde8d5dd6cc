//! An account as GetAccountAuthorizationDetails tells it: users, roles, groups, managed
//! policies. Read one element at a time; of policies only the statements are kept that may
//! concern the actions in question.

mod details;
mod percent;

use std::collections::HashMap;
use std::sync::Arc;

pub use details::Page;
pub use percent::decoded;

use super::policy::Policy;
use crate::text::Position;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityKind {
    User,
    Role,
}

/// A user or a role.
#[derive(Clone, Debug)]
pub struct Entity {
    pub kind: EntityKind,
    pub name: String,
    pub arn: String,
    pub id: String,
    pub inline: Vec<Arc<Policy>>,
    /// ARNs of managed policies.
    pub attached: Vec<String>,
    pub groups: Vec<String>,
    pub boundary: Option<String>,
    pub tags: Vec<(String, String)>,
    /// Who may assume the role.
    pub trust: Option<Arc<Policy>>,
    /// When the role was last used, as IAM says it.
    pub last_used: Option<String>,
    /// In which Region that was.
    pub last_used_in: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Group {
    inline: Vec<Arc<Policy>>,
    attached: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Account {
    pub entities: Vec<Entity>,
    groups: HashMap<String, Group>,
    managed: HashMap<String, Arc<Policy>>,
}

impl Account {
    /// Inline, attached, and those of all groups. What is attached and not here counts as
    /// a policy that cannot be read, and never as none.
    #[must_use]
    pub fn identity(&self, entity: &Entity) -> Vec<Arc<Policy>> {
        let mut policies = entity.inline.clone();
        policies.extend(entity.attached.iter().map(|arn| self.managed(arn)));
        for name in &entity.groups {
            match self.groups.get(name) {
                Some(group) => {
                    policies.extend(group.inline.iter().cloned());
                    policies.extend(group.attached.iter().map(|arn| self.managed(arn)));
                }
                None => policies.push(lost(&format!("group {name}"))),
            }
        }
        policies.retain(|policy| !policy.is_silent());
        policies
    }

    #[must_use]
    pub fn boundary(&self, entity: &Entity) -> Option<Arc<Policy>> {
        entity.boundary.as_deref().map(|arn| self.managed(arn))
    }

    fn managed(&self, arn: &str) -> Arc<Policy> {
        self.managed.get(arn).cloned().unwrap_or_else(|| lost(arn))
    }
}

fn lost(name: &str) -> Arc<Policy> {
    Arc::new(Policy::broken(
        name,
        "it is attached, and not among the authorization details",
        Position { line: 1, column: 1 },
    ))
}

#[cfg(test)]
mod tests;
