//! What IAM policies say in the place of Amazon Resource Names.

pub use crate::text::arn::Arn;

/// Whether a Resource element may say this: `*`, or an ARN of which the last parts may be
/// left to a `*` (IAM JSON policy elements: Resource).
#[must_use]
pub fn is_resource_pattern(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["*"] => true,
        ["arn", .., last] => parts.len() == 6 || last.ends_with('*'),
        _ => text.starts_with("arn*") || text.starts_with('*'),
    }
}

/// Whether a text is an account's id: twelve digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
