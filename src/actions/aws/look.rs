//! One aspect of what a write is about to change, in a request or two.

use super::order::Order;
use super::stop::Stop;
use super::{iam, kms, s3};
use crate::run::Aspect;

/// What AWS says of it, in words.
///
/// # Errors
/// When AWS does not say.
pub(crate) async fn look(of: Aspect, order: &Order<'_>) -> Result<String, Stop> {
    match of {
        Aspect::State => kms::seen_state(order).await,
        Aspect::Aliases => kms::seen_aliases(order).await,
        Aspect::Grants => kms::seen_grants(order).await,
        Aspect::LastUse if order.request.action == "iam.update_access_key" => iam::seen_key_use(order).await,
        Aspect::LastUse if order.request.action.starts_with("iam.") => iam::seen_role_use(order).await,
        Aspect::LastUse => kms::seen_use(order).await,
        Aspect::Policies => iam::seen_policies(order).await,
        Aspect::Encryption => s3::seen_encryption(order).await,
    }
}

/// `1 alias`, `1,000 or more aliases`: of a first page that need not be the last.
pub(super) fn counted(number: usize, one: &str, many: &str, more: bool) -> String {
    match (number, more) {
        (_, true) => format!("{number} or more {many}"),
        (0, false) => format!("no {many}"),
        (1, false) => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

/// An instant and what for; a use that AWS does not know of is told as that.
pub(super) fn used(at: &str, what: &str) -> String {
    match (at, what) {
        ("", _) => "never, as far as AWS keeps count".to_owned(),
        (at, "") => at.to_owned(),
        (at, what) => format!("{at} for {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_on_a_first_page_is_never_told_as_all() {
        assert_eq!(counted(0, "grant", "grants", false), "no grants");
        assert_eq!(counted(1, "grant", "grants", false), "1 grant");
        assert_eq!(counted(1, "grant", "grants", true), "1 or more grants");
        assert_eq!(counted(100, "grant", "grants", false), "100 grants");
    }
}
