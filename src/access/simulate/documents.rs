//! Policy documents where a line or a file holds several.

use crate::access::account::decoded;
use crate::access::json::{Flaw, Node, Places, Value};
use crate::access::policy::{Kind, Policy};

/// Levels of an organisation, the root first, each a list of documents.
///
/// # Errors
/// When it is no list of lists.
pub fn levels(
    node: &Node<'_>,
    title: &str,
    kind: Kind,
    places: &mut Places<'_>,
) -> Result<Vec<Vec<Policy>>, Flaw> {
    let level =
        |(at, level): (usize, &Node<'_>)| policies(level, &format!("level {} {title}", at + 1), kind, places);
    listed(node, title)?.iter().enumerate().map(level).collect()
}

/// A list of documents.
///
/// # Errors
/// When it is no list.
pub fn policies(
    node: &Node<'_>,
    title: &str,
    kind: Kind,
    places: &mut Places<'_>,
) -> Result<Vec<Policy>, Flaw> {
    let named = |(at, node): (usize, &Node<'_>)| policy(node, &format!("{title} {}", at + 1), kind, places);
    Ok(listed(node, title)?.iter().enumerate().map(named).collect())
}

/// A document as it is, as a text, or with a name: `{"name": ..., "document": ...}`.
pub fn policy(node: &Node<'_>, title: &str, kind: Kind, places: &mut Places<'_>) -> Policy {
    // Whoever writes a Statement beside it means the policy itself, which knows no `document`.
    let around = node.get("Statement").is_none() && node.members("the policy").is_ok();
    let document = node.get("document").or_else(|| node.get("PolicyDocument")).filter(|_| around);
    let name = node.get("name").or_else(|| node.get("PolicyName")).and_then(Node::text);
    match document {
        Some(document) => policy(document, name.unwrap_or(title), kind, places),
        None => match node.text().map(decoded) {
            Some(text) => Policy::read(title, &text, kind),
            None => Policy::from_node(title, node, kind, places),
        },
    }
}

fn listed<'n, 'a>(node: &'n Node<'a>, what: &str) -> Result<&'n [Node<'a>], Flaw> {
    match &node.value {
        Value::List(nodes) => Ok(nodes),
        other => Err(Flaw::new(
            node.at,
            format!("a list is expected for each {what}, and this is {}", other.kind()),
        )),
    }
}
