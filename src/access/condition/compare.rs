//! One value of a policy against one of a request.

use core::net::IpAddr;

use super::base64;
use super::date::moment;
use super::relation::Relation;
use crate::access::matching::{Arn, Glob, Reach, Sign};

/// Whether the value of the request stands to that of the policy as the relation says.
/// A value of the request that cannot be read stands in no relation.
pub fn stands(relation: Relation, wanted: &[Sign], had: &str) -> bool {
    match relation {
        Relation::StringEquals => plain(wanted) == had,
        Relation::StringEqualsIgnoreCase => plain(wanted).to_lowercase() == had.to_lowercase(),
        Relation::StringLike => Glob::new(wanted, Reach::Everything).matches(had),
        Relation::ArnLike => arn_like(wanted, had),
        Relation::Numeric(comparison) => {
            let pair = number(&plain(wanted)).zip(number(had));
            pair.and_then(|(wanted, had)| had.partial_cmp(&wanted))
                .is_some_and(|order| comparison.holds(order))
        }
        Relation::Date(comparison) => {
            let pair = moment(&plain(wanted)).zip(moment(had));
            pair.is_some_and(|(wanted, had)| comparison.holds(had.cmp(&wanted)))
        }
        Relation::Bool => plain(wanted).eq_ignore_ascii_case(had),
        Relation::Binary => {
            let (wanted, had) = (plain(wanted), had);
            base64::digits(&wanted).is_some() && base64::digits(&wanted) == base64::digits(had)
        }
        Relation::IpAddress => {
            let pair = network(&plain(wanted)).zip(had.parse().ok());
            pair.is_some_and(|((network, prefix), address)| within(network, prefix, address))
        }
        Relation::Null => false,
    }
}

/// Why a value cannot be one of a policy; AWS would refuse it.
pub fn flaw(relation: Relation, value: &str) -> Option<String> {
    let (fits, kind) = match relation {
        Relation::Numeric(_) => (number(value).is_some(), "number"),
        Relation::Date(_) => (moment(value).is_some(), "date"),
        Relation::Bool => (is_bool(value) || value.contains("${"), "boolean"),
        Relation::Null => (is_bool(value), "boolean"),
        Relation::Binary => (base64::digits(value).is_some(), "Base64 text"),
        Relation::IpAddress => (network(value).is_some(), "IP address or range"),
        Relation::ArnLike => (is_arn_pattern(value), "ARN"),
        _ => return None,
    };
    (!fits).then(|| format!("`{value}` is no {kind}"))
}

fn is_arn_pattern(value: &str) -> bool {
    value == "*" || value.contains("${") || value.splitn(6, ':').count() == 6
}

fn is_bool(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}

fn plain(signs: &[Sign]) -> String {
    let letter = |sign: &Sign| match sign {
        Sign::Plain(letter) => *letter,
        Sign::One => '?',
        Sign::Many => '*',
    };
    signs.iter().map(letter).collect()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Each of the six parts is compared by itself; the last may hold colons.
fn arn_like(wanted: &[Sign], had: &str) -> bool {
    if wanted == [Sign::Many] {
        return Arn::parse(had).is_some();
    }
    let parts: Vec<&[Sign]> = wanted.splitn(6, |sign| *sign == Sign::Plain(':')).collect();
    let values: Vec<&str> = had.splitn(6, ':').collect();
    parts.len() == 6
        && values.len() == 6
        && parts.iter().zip(values).all(|(part, value)| Glob::new(part, Reach::Everything).matches(value))
}

/// A network and the length of its prefix; without one, the address alone.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(one, two)| (one, Some(two)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(longest), |prefix| prefix.parse().ok())?;
    (prefix <= longest).then_some((address, prefix))
}

fn within(network: IpAddr, prefix: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(one), IpAddr::V4(two)) => {
            (one.to_bits() ^ two.to_bits()).checked_shr(32 - prefix).unwrap_or(0) == 0
        }
        (IpAddr::V6(one), IpAddr::V6(two)) => {
            (one.to_bits() ^ two.to_bits()).checked_shr(128 - prefix).unwrap_or(0) == 0
        }
        _ => false,
    }
}
