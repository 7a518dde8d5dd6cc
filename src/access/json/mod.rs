//! JSON (RFC 8259) with the place of every value, and with members that stand twice kept
//! as they stand: a policy that says a thing twice is refused, and not half read.

mod places;
mod reader;

use std::borrow::Cow;

pub use places::Places;
pub use reader::{Reader, parse};

/// Deeper nesting is refused; policies need seven levels.
pub const DEEPEST: usize = 96;

/// A value and the byte at which it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    pub at: usize,
    pub value: Value<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// A name, the byte at which it begins, and what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    pub at: usize,
    pub name: Cow<'a, str>,
    pub node: Node<'a>,
}

/// What is wrong with a text, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub at: usize,
    pub message: String,
}

impl Flaw {
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

impl<'a> Node<'a> {
    /// The first member of that name.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        let Value::Object(members) = &self.value else { return None };
        members.iter().find(|member| member.name == name).map(|member| &member.node)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; nothing where it is none.
    pub fn list(&self) -> &[Node<'a>] {
        match &self.value {
            Value::List(nodes) => nodes,
            _ => &[],
        }
    }

    /// The elements of a list that may be left out: absent and null are empty, and whatever
    /// else is no list is refused, so that nothing is overlooked.
    ///
    /// # Errors
    /// When something stands there that is no list.
    pub fn list_at(&self, name: &str) -> Result<&[Node<'a>], Flaw> {
        match self.get(name).map(|node| (node.at, &node.value)) {
            None | Some((_, Value::Null)) => Ok(&[]),
            Some((_, Value::List(nodes))) => Ok(nodes),
            Some((at, other)) => {
                Err(Flaw::new(at, format!("`{name}` has to be a list, and is {}", other.kind())))
            }
        }
    }

    /// The members of an object, each of which may stand once.
    ///
    /// # Errors
    /// When it is no object, or says something twice.
    pub fn members(&self, what: &str) -> Result<&[Member<'a>], Flaw> {
        let Value::Object(members) = &self.value else {
            return Err(Flaw::new(
                self.at,
                format!("{what} has to be an object, and is {}", self.value.kind()),
            ));
        };
        let mut names: Vec<(&str, usize)> = members.iter().map(|member| (&*member.name, member.at)).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| matches!(pair, [(one, _), (other, _)] if one == other)) {
            Some([_, (name, at)]) => Err(Flaw::new(*at, format!("`{name}` stands twice in {what}"))),
            _ => Ok(members),
        }
    }
}

impl Value<'_> {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

#[cfg(test)]
mod tests;
