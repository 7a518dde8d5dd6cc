//! A text of a policy that may hold wildcards and policy variables (IAM policy elements:
//! Variables and tags).

use super::{Context, Lookup};
use crate::access::matching::Sign;

/// Whether `${...}` means anything: only with version 2012-10-17.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    Read,
    Literal,
}

/// Whether `*` and `?` mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wildcards {
    Read,
    Literal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    raw: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Sign(Sign),
    /// The key is in lower case.
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// A template with its variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    Signs(Vec<Sign>),
    /// A variable has no value and no default: nothing matches.
    Missing,
    /// A variable is not known, which only discovery can meet.
    Unknown,
}

impl Template {
    #[must_use]
    pub fn new(raw: &str, variables: Variables, wildcards: Wildcards) -> Self {
        let mut pieces = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(letter) = rest.chars().next() {
            if variables == Variables::Read
                && let Some((piece, behind)) = variable(rest)
            {
                pieces.push(piece);
                rest = behind;
                continue;
            }
            pieces.push(Piece::Sign(sign(letter, wildcards)));
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
        Self { raw: raw.to_owned(), pieces }
    }

    /// As it stands in the policy.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The signs where nothing has to be replaced.
    #[must_use]
    pub fn fixed(&self) -> Option<Vec<Sign>> {
        let sign = |piece: &Piece| match piece {
            Piece::Sign(sign) => Some(*sign),
            Piece::Variable { .. } => None,
        };
        self.pieces.iter().map(sign).collect()
    }

    /// The context keys of its variables, in lower case.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.as_str()),
            Piece::Sign(_) => None,
        })
    }

    #[must_use]
    pub fn resolve(&self, context: &Context) -> Resolved {
        let mut signs = Vec::with_capacity(self.pieces.len());
        let mut unknown = false;
        for piece in &self.pieces {
            match piece {
                Piece::Sign(sign) => signs.push(*sign),
                Piece::Variable { key, default } => match (context.lookup(key), default) {
                    // A key with several values cannot be used as a variable.
                    (Lookup::Known([value]), _) => signs.extend(value.chars().map(Sign::Plain)),
                    (Lookup::Unknown, _) => unknown = true,
                    (_, Some(default)) => signs.extend(default.chars().map(Sign::Plain)),
                    (_, None) => return Resolved::Missing,
                },
            }
        }
        if unknown { Resolved::Unknown } else { Resolved::Signs(signs) }
    }
}

const fn sign(letter: char, wildcards: Wildcards) -> Sign {
    match (letter, wildcards) {
        ('*', Wildcards::Read) => Sign::Many,
        ('?', Wildcards::Read) => Sign::One,
        (letter, _) => Sign::Plain(letter),
    }
}

/// `${key}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for the letters themselves.
fn variable(text: &str) -> Option<(Piece, &str)> {
    let inside = text.strip_prefix("${")?;
    let plain = |letter| Some((Piece::Sign(Sign::Plain(letter)), inside.get(2..)?));
    match inside.get(..2) {
        Some("*}") => return plain('*'),
        Some("?}") => return plain('?'),
        Some("$}") => return plain('$'),
        _ => {}
    }
    let key_ends = inside.find([',', '}'])?;
    let (key, behind) = inside.split_at_checked(key_ends)?;
    let named = |default| Piece::Variable { key: key.trim().to_ascii_lowercase(), default };
    if let Some(behind) = behind.strip_prefix('}') {
        return (!key.trim().is_empty()).then(|| (named(None), behind));
    }
    let quoted = behind.strip_prefix(',')?.trim_start().strip_prefix('\'')?;
    let (default, behind) = quoted.split_once('\'')?;
    Some((named(Some(default.to_owned())), behind.trim_start().strip_prefix('}')?))
}
