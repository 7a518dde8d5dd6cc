//! The inputs of an action, checked against its spec as far as they are literal.

use serde_json::Value;

use super::findings::Findings;
use super::templates;
use crate::document::action::{Field, Kind, Operation, Spec};
use crate::document::expr::Templated;
use crate::document::param;
use crate::document::value::Input;
use crate::document::yaml::{Content, Key, Node, Scalar};
use crate::text::{Diagnostic, duration};

pub(super) fn operation(
    spec: &'static Spec,
    key: &Key,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Option<Operation> {
    let entries = match node.entries() {
        Some(entries) => entries,
        None if node.is_null() => &[],
        None => {
            findings.wrong_type(node, &format!("what follows `{}`", spec.name), "a map of its inputs");
            return None;
        }
    };
    let before = findings.count();
    let mut inputs = Vec::with_capacity(entries.len());
    for (name, node) in entries {
        match spec.input(&name.text) {
            Some(field) => {
                inputs.extend(field_input(spec, field, node, findings).map(|input| (field, input)));
            }
            None => findings.push(unknown(spec, name)),
        }
    }
    for field in spec.inputs.iter().filter(|field| field.required) {
        if !entries.iter().any(|(name, _)| name.text == field.name) {
            let fault = Diagnostic::error(
                "missing-input",
                key.span,
                format!("`{}` needs the input `{}`", spec.name, field.name),
            );
            findings.push(fault.help(format!("`{}`: {}", field.name, field.about)));
        }
    }
    (findings.count() == before).then_some(Operation { spec, span: key.span, inputs })
}

fn field_input(
    spec: &Spec,
    field: &'static Field,
    node: &Node,
    findings: &mut Findings<'_>,
) -> Option<Input> {
    let what = format!("the input `{}` of `{}`", field.name, spec.name);
    let input = input(node, &what, field.kind, findings)?;
    if let (Input::Literal(Value::String(text), span), false) = (&input, field.choices.is_empty())
        && !field.choices.contains(&text.as_str())
    {
        let message = format!("{what} is one of {}, not `{text}`", field.choices.join(", "));
        findings.push(Diagnostic::error("choice", *span, message).suggest(text, field.choices));
        return None;
    }
    Some(input)
}

fn unknown(spec: &Spec, name: &Key) -> Diagnostic {
    let message = format!("`{}` has no input `{}`", spec.name, name.text);
    let names: Vec<&str> = spec.inputs.iter().map(|field| field.name).collect();
    let fault = Diagnostic::error("unknown-key", name.span, message).suggest(&name.text, &names);
    match (&fault.label, names.is_empty()) {
        (Some(_), _) => fault,
        (None, true) => fault.help("it takes no inputs"),
        (None, false) => fault.help(format!("it takes {}", names.join(", "))),
    }
}

/// A value where one of a kind is expected. What is in braces is checked later, when all
/// names are known.
pub(super) fn input(node: &Node, what: &str, kind: Kind, findings: &mut Findings<'_>) -> Option<Input> {
    match &node.content {
        Content::Scalar(_) if node.is_null() && kind != Kind::Any => {
            findings.push(
                Diagnostic::error("wrong-type", node.span, format!("{what} has no value"))
                    .help("leave it out if there is none"),
            );
            None
        }
        Content::Scalar(scalar) => match templates::value(node, &scalar.text, findings)? {
            Templated::Expr(expr) => Some(Input::Expr(expr)),
            Templated::Text(text) if text.templated => Some(Input::Text(text)),
            Templated::Text(_) => {
                literal(node, scalar, what, kind, findings).map(|value| Input::Literal(value, node.span))
            }
        },
        Content::List(items) => {
            let inner = match kind {
                Kind::Any => Kind::Any,
                Kind::List(inner) => *inner,
                _ => {
                    findings.wrong_type(node, what, expected(kind));
                    return None;
                }
            };
            let entry = format!("an entry of {what}");
            let all: Vec<_> = items.iter().map(|item| input(item, &entry, inner, findings)).collect();
            Some(Input::List(all.into_iter().collect::<Option<_>>()?, node.span))
        }
        Content::Map(entries) => {
            if !matches!(kind, Kind::Any | Kind::Record(_)) {
                findings.wrong_type(node, what, expected(kind));
                return None;
            }
            let fields: Vec<_> = entries
                .iter()
                .map(|(key, value)| {
                    Some((
                        key.text.clone(),
                        input(value, &format!("`{}` in {what}", key.text), Kind::Any, findings)?,
                    ))
                })
                .collect();
            Some(Input::Record(fields.into_iter().collect::<Option<_>>()?, node.span))
        }
    }
}

fn literal(
    node: &Node,
    scalar: &Scalar,
    what: &str,
    kind: Kind,
    findings: &mut Findings<'_>,
) -> Option<Value> {
    let text = scalar.text.as_str();
    let typed = scalar.value();
    let as_written = || Value::from(text);
    let fits = match kind {
        Kind::Any => return Some(typed),
        Kind::Text | Kind::KeyName => return Some(as_written()),
        Kind::Integer => typed.is_i64() || typed.is_u64(),
        Kind::Number => typed.is_number(),
        Kind::Boolean => typed.is_boolean(),
        Kind::Duration => {
            return match duration::parse(text) {
                Ok(_) => Some(as_written()),
                Err(message) => {
                    findings.invalid("duration", node.span, message);
                    None
                }
            };
        }
        Kind::Time => param::is_time(text),
        Kind::Arn => param::is_arn(text),
        Kind::KeyId => return key_id(node, text, what, findings).then(as_written),
        Kind::Record(_) | Kind::List(_) => false,
    };
    if !fits {
        findings.wrong_type(node, what, expected(kind));
        return None;
    }
    Some(if matches!(kind, Kind::Time | Kind::Arn) { as_written() } else { typed })
}

/// KMS takes no alias where it changes a key.
fn key_id(node: &Node, text: &str, what: &str, findings: &mut Findings<'_>) -> bool {
    let alias = text.starts_with("alias/") || text.contains(":alias/");
    if alias {
        let fault = Diagnostic::error(
            "alias-for-key",
            node.span,
            format!("{what} has to be a key id or key ARN: KMS takes no alias here"),
        );
        findings.push(fault.help("pin it first with kms.describe_key and use {{ steps.PIN.arn }}"));
    }
    !alias
}

/// A kind in words, with an example where the words alone leave one guessing.
const fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Duration => "a duration, such as 15m",
        Kind::Time => "an instant, such as 2026-11-22T03:10:00Z",
        Kind::Arn => "an ARN, such as arn:aws:iam::111122223333:role/responder",
        _ => kind.words(),
    }
}
