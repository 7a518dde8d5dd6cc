//! The names of operators, and what each compares.

use std::cmp::Ordering;

use super::Quantity;

/// What a test compares. Negated operators name the same relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    ArnLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    IpAddress,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Comparison {
    /// Whether the value of the request stands so to that of the policy.
    #[must_use]
    pub const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equals => ordering.is_eq(),
            Self::LessThan => ordering.is_lt(),
            Self::LessThanEquals => ordering.is_le(),
            Self::GreaterThan => ordering.is_gt(),
            Self::GreaterThanEquals => ordering.is_ge(),
        }
    }
}

/// An operator as it is written, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub quantity: Quantity,
    pub relation: Relation,
    pub negated: bool,
    pub if_exists: bool,
}

impl Operator {
    /// Nothing where AWS knows no such operator.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (quantity, name) = match text.split_once(':') {
            None => (Quantity::One, text),
            Some((set, name)) if set.eq_ignore_ascii_case("ForAllValues") => (Quantity::All, name),
            Some((set, name)) if set.eq_ignore_ascii_case("ForAnyValue") => (Quantity::Any, name),
            Some(_) => return None,
        };
        let lower = name.to_ascii_lowercase();
        let (base, if_exists) = lower.strip_suffix("ifexists").map_or((&*lower, false), |base| (base, true));
        let (relation, negated) = relation(base)?;
        let fits = !(relation == Relation::Null && (if_exists || quantity != Quantity::One));
        fits.then_some(Self { quantity, relation, negated, if_exists })
    }
}

fn relation(name: &str) -> Option<(Relation, bool)> {
    use Comparison as C;
    use Relation as R;
    Some(match name {
        "stringequals" => (R::StringEquals, false),
        "stringnotequals" => (R::StringEquals, true),
        "stringequalsignorecase" => (R::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (R::StringEqualsIgnoreCase, true),
        "stringlike" => (R::StringLike, false),
        "stringnotlike" => (R::StringLike, true),
        "arnequals" | "arnlike" => (R::ArnLike, false),
        "arnnotequals" | "arnnotlike" => (R::ArnLike, true),
        "numericequals" => (R::Numeric(C::Equals), false),
        "numericnotequals" => (R::Numeric(C::Equals), true),
        "numericlessthan" => (R::Numeric(C::LessThan), false),
        "numericlessthanequals" => (R::Numeric(C::LessThanEquals), false),
        "numericgreaterthan" => (R::Numeric(C::GreaterThan), false),
        "numericgreaterthanequals" => (R::Numeric(C::GreaterThanEquals), false),
        "dateequals" => (R::Date(C::Equals), false),
        "datenotequals" => (R::Date(C::Equals), true),
        "datelessthan" => (R::Date(C::LessThan), false),
        "datelessthanequals" => (R::Date(C::LessThanEquals), false),
        "dategreaterthan" => (R::Date(C::GreaterThan), false),
        "dategreaterthanequals" => (R::Date(C::GreaterThanEquals), false),
        "bool" => (R::Bool, false),
        "binaryequals" => (R::Binary, false),
        "ipaddress" => (R::IpAddress, false),
        "notipaddress" => (R::IpAddress, true),
        "null" => (R::Null, false),
        _ => return None,
    })
}
