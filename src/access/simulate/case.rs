//! One line: a request and the policies that have a say in it.

use std::sync::Arc;

use crate::access::condition::{Beyond, Context, Lookup};
use crate::access::evaluate::{Caller, Grant, Request};
use crate::access::json::{Flaw, Member, Node, Places, Value};
use crate::access::policy::{Kind, Policy};

use super::documents::{levels, policies, policy};
use super::grants::grants;

#[derive(Debug)]
pub struct Case {
    /// As it was given, a text or a number.
    pub id: serde_json::Value,
    pub request: Request,
    pub identity: Option<Vec<Policy>>,
    pub resource: Option<Policy>,
    pub boundary: Option<Policy>,
    pub sessions: Option<Vec<Policy>>,
    pub scps: Option<Vec<Vec<Policy>>>,
    pub rcps: Option<Vec<Vec<Policy>>>,
    pub grants: Option<Vec<Grant>>,
    /// The state of a key that can do nothing at present.
    pub dormant: Option<String>,
}

const FIELDS: &[&str] = &[
    "id",
    "request",
    "identity_policies",
    "resource_policy",
    "boundary",
    "session_policies",
    "scps",
    "rcps",
    "grants",
    "discover",
];

const REQUEST: &[&str] = &[
    "principal",
    "principal_id",
    "action",
    "resource",
    "resource_account",
    "context",
    "management_account",
    "service_linked",
    "key_state",
    "discover",
];

impl Case {
    /// Reads a line; positions of statements are those in the line.
    ///
    /// # Errors
    /// When the line is no request.
    pub fn read(node: &Node<'_>, line: &str) -> Result<Self, Flaw> {
        known(node, FIELDS, "a line")?;
        let asked = node.get("request").ok_or_else(|| Flaw::new(node.at, "the line has no `request`"))?;
        known(asked, REQUEST, "the request")?;
        let discover = flag(node, "discover")? || flag(asked, "discover")?;
        let places = &mut Places::new(line);
        let mut list = |name: &str, title: &str| match given(node, name) {
            Some(list) => policies(list, title, Kind::Identity, places).map(Some),
            None => Ok(None),
        };
        let (identity, sessions) =
            (list("identity_policies", "identity policy")?, list("session_policies", "session policy")?);
        Ok(Self {
            id: id(node)?,
            request: request(asked, if discover { Beyond::Unknown } else { Beyond::Absent })?,
            identity,
            sessions,
            resource: given(node, "resource_policy")
                .map(|node| policy(node, "the resource policy", Kind::Resource, places)),
            boundary: given(node, "boundary")
                .map(|node| policy(node, "the boundary", Kind::Identity, places)),
            scps: given(node, "scps").map(|node| levels(node, "SCP", Kind::Identity, places)).transpose()?,
            rcps: given(node, "rcps")
                .map(|node| levels(node, "RCP", Kind::ResourceControl, places))
                .transpose()?,
            grants: given(node, "grants").map(grants).transpose()?,
            dormant: text(asked, "key_state")?.filter(|state| *state != "Enabled").map(str::to_owned),
        })
    }
}

fn id(node: &Node<'_>) -> Result<serde_json::Value, Flaw> {
    match node.get("id").map(|node| &node.value) {
        Some(Value::Text(text)) => Ok(text.to_string().into()),
        Some(Value::Number(number)) => {
            serde_json::from_str(number).map_err(|error| Flaw::new(node.at, error.to_string()))
        }
        _ => Err(Flaw::new(node.at, "the line has no `id`, which has to be a text or a number")),
    }
}

fn request(node: &Node<'_>, beyond: Beyond) -> Result<Request, Flaw> {
    let required = |name: &str| {
        text(node, name)?.ok_or_else(|| Flaw::new(node.at, format!("the request has no `{name}`")))
    };
    let principal = required("principal")?;
    let mut caller = Caller::parse(principal).ok_or_else(|| {
        Flaw::new(
            node.at,
            format!("the principal `{principal}` is no ARN of a user, role, session or root, no account and no service"),
        )
    })?;
    let action = required("action")?;
    if !action.contains(':') || action.contains(['*', '?']) {
        return Err(Flaw::new(
            node.at,
            format!("the action `{action}` has to be a single one, such as `kms:Decrypt`"),
        ));
    }
    let context = context(node, beyond)?;
    caller.unique_id = text(node, "principal_id")?.map(str::to_owned).or_else(|| unique_id(&context));
    let mut request = Request::new(caller, action, required("resource")?);
    if let Some(account) = text(node, "resource_account")? {
        request.account = Some(account.to_owned());
    }
    request.management_account = text(node, "management_account")?.map(str::to_owned);
    request.service_linked |= flag(node, "service_linked")?;
    request.context = Arc::new(context);
    Ok(request)
}

/// `aws:userid` begins with the unique id; behind a colon comes the name of the session.
fn unique_id(context: &Context) -> Option<String> {
    match context.lookup("aws:userid") {
        Lookup::Known([id]) => id.split(':').next().map(str::to_owned),
        _ => None,
    }
}

fn context(node: &Node<'_>, beyond: Beyond) -> Result<Context, Flaw> {
    let mut context = Context::new(beyond);
    let Some(given) = given(node, "context") else { return Ok(context) };
    for Member { name, node, .. } in given.members("the context")? {
        let values = match &node.value {
            Value::List(nodes) => nodes.iter().map(|node| scalar(node, name)).collect::<Result<_, _>>()?,
            Value::Null => Vec::new(),
            _ => vec![scalar(node, name)?],
        };
        context.set(name, values);
    }
    Ok(context)
}

fn scalar(node: &Node<'_>, key: &str) -> Result<String, Flaw> {
    match &node.value {
        Value::Text(text) => Ok(text.to_string()),
        Value::Number(number) => Ok((*number).to_owned()),
        Value::Bool(value) => Ok(value.to_string()),
        other => Err(Flaw::new(node.at, format!("{} is no value of {key}", other.kind()))),
    }
}

/// `null` is as good as absent.
fn given<'n, 'a>(node: &'n Node<'a>, name: &str) -> Option<&'n Node<'a>> {
    node.get(name).filter(|node| node.value != Value::Null)
}

fn text<'n>(node: &'n Node<'_>, name: &str) -> Result<Option<&'n str>, Flaw> {
    match given(node, name) {
        None => Ok(None),
        Some(node) => {
            node.text().map(Some).ok_or_else(|| Flaw::new(node.at, format!("`{name}` has to be a text")))
        }
    }
}

fn flag(node: &Node<'_>, name: &str) -> Result<bool, Flaw> {
    match given(node, name).map(|node| (&node.value, node.at)) {
        None => Ok(false),
        Some((Value::Bool(flag), _)) => Ok(*flag),
        Some((_, at)) => Err(Flaw::new(at, format!("`{name}` has to be true or false"))),
    }
}

fn known(node: &Node<'_>, names: &[&str], what: &str) -> Result<(), Flaw> {
    for Member { at, name, .. } in node.members(what)? {
        if !names.contains(&&**name) {
            let near = crate::text::nearest(name, names).map(|near| format!("; did you mean `{near}`?"));
            return Err(Flaw::new(*at, format!("{what} has no field `{name}`{}", near.unwrap_or_default())));
        }
    }
    Ok(())
}
