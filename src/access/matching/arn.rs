//! Amazon Resource Names: six parts, of which the last may hold colons.

/// The parts of an ARN, as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Nothing where the text is no ARN.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (scheme, partition) = (parts.next()?, parts.next()?);
        let (service, region) = (parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        let fits = scheme == "arn" && !partition.is_empty() && !service.is_empty() && !resource.is_empty();
        fits.then_some(Self { partition, service, region, account, resource })
    }
}

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
