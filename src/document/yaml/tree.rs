//! The tree: nodes with their places.

use serde_json::{Map, Value};

use super::scalar;
use crate::text::Span;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// From the first byte to past the last one; of a block, without what follows it.
    pub span: Span,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A scalar as its characters are meant, quotes and escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    pub text: String,
    pub style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Quoted,
    /// `|`: line by line as written.
    Literal,
    /// `>`: lines are joined.
    Folded,
}

/// The key of a map entry; always a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub text: String,
    pub span: Span,
}

impl Node {
    /// The scalar's text; `None` for lists and maps.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// Whether nothing stands here: `key:` without a value, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.value().is_null())
    }

    #[must_use]
    pub fn entries(&self) -> Option<&[(Key, Self)]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            Content::Scalar(_) | Content::List(_) => None,
        }
    }

    /// The value of a map's key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(found, _)| found.text == key).map(|(_, value)| value)
    }

    /// What stands here, for a message: `a list`, `the number 3`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.content {
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
            Content::Scalar(scalar) => scalar.describe(),
        }
    }

    /// The tree as data, scalars typed by the core schema (YAML 1.2.2, section 10.3.2).
    /// Infinities and not-a-number, which JSON lacks, stay texts.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar(scalar) => scalar.value(),
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Map(entries) => {
                let fields: Map<_, _> =
                    entries.iter().map(|(key, value)| (key.text.clone(), value.to_value())).collect();
                Value::Object(fields)
            }
        }
    }
}

impl Scalar {
    /// The typed value: only plain scalars are ever anything but texts.
    #[must_use]
    pub fn value(&self) -> Value {
        match self.style {
            Style::Plain => scalar::resolve(&self.text),
            _ => Value::String(self.text.clone()),
        }
    }

    fn describe(&self) -> String {
        match self.value() {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => format!("the number {number}"),
            _ if self.text.chars().count() > 40 || self.text.contains('\n') => "a text".to_owned(),
            _ => format!("the text `{}`", self.text),
        }
    }
}
