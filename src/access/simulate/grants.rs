//! Grants as ListGrants tells them.

use crate::access::evaluate::Grant;
use crate::access::json::{Flaw, Member, Node, Value};

/// A list of grants, or a whole answer of ListGrants.
///
/// # Errors
/// When a grant has no grantee or no operations, or something of the wrong kind.
pub fn grants(node: &Node<'_>) -> Result<Vec<Grant>, Flaw> {
    let list = node.get("Grants").unwrap_or(node);
    match &list.value {
        Value::List(nodes) => nodes.iter().map(grant).collect(),
        other => Err(Flaw::new(list.at, format!("grants have to be a list, and are {}", other.kind()))),
    }
}

/// # Errors
/// See [`grants`].
pub fn grant(node: &Node<'_>) -> Result<Grant, Flaw> {
    node.members("a grant")?;
    let fields = ["GrantId", "Name", "KeyId", "GranteePrincipal", "GranteeServicePrincipal"];
    let fields = fields.into_iter().chain(["RetiringPrincipal", "RetiringServicePrincipal"]);
    for (name, node) in fields.filter_map(|name| Some((name, node.get(name)?))) {
        if node.text().is_none() && node.value != Value::Null {
            return Err(Flaw::new(node.at, format!("`{name}` of a grant has to be a text")));
        }
    }
    let text = |name: &str| node.get(name).and_then(Node::text).map(str::to_owned);
    if node.get("Operations").is_none() {
        return Err(Flaw::new(node.at, "a grant has no `Operations`"));
    }
    let operation = |node: &Node<'_>| {
        node.text()
            .map(str::to_owned)
            .ok_or_else(|| Flaw::new(node.at, "an operation of a grant has to be a text"))
    };
    let mut grant = Grant {
        id: text("GrantId").unwrap_or_default(),
        name: text("Name"),
        key: text("KeyId"),
        grantee: text("GranteePrincipal")
            .or_else(|| text("GranteeServicePrincipal"))
            .ok_or_else(|| Flaw::new(node.at, "a grant has no `GranteePrincipal`"))?,
        retiring: text("RetiringPrincipal").or_else(|| text("RetiringServicePrincipal")),
        operations: node.list_at("Operations")?.iter().map(operation).collect::<Result<_, _>>()?,
        ..Grant::default()
    };
    if let Some(constraints) = node.get("Constraints").filter(|node| node.value != Value::Null) {
        for Member { name, node, .. } in constraints.members("the constraints of a grant")? {
            match &**name {
                _ if node.value == Value::Null => {}
                "EncryptionContextEquals" => grant.equals = Some(pairs(node)?),
                "EncryptionContextSubset" => grant.subset = Some(pairs(node)?),
                other => grant.beyond.push(other.to_owned()),
            }
        }
    }
    Ok(grant)
}

fn pairs(node: &Node<'_>) -> Result<Vec<(String, String)>, Flaw> {
    let pair = |member: &Member<'_>| {
        let value = member
            .node
            .text()
            .ok_or_else(|| Flaw::new(member.node.at, "an encryption context holds texts"))?;
        Ok((member.name.to_string(), value.to_owned()))
    };
    node.members("an encryption context")?.iter().map(pair).collect()
}
