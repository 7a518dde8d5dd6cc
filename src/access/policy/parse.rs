//! From JSON to a policy. What AWS would refuse as a whole is refused as a whole; what
//! makes a single part meaningless makes only that part doubtful.

use std::sync::Arc;

use super::element::{Choice, Pattern};
use super::{Effect, Kind, Named, Policy, Principals, Statement};
use crate::access::condition::{Clause, Variables};
use crate::access::json::{self, Flaw, Member, Node, Places, Value};

/// Bytes of the longest document that is read; AWS allows far less.
pub const LARGEST: usize = 2 * 1024 * 1024;

impl Policy {
    /// Reads a document of its own. What cannot be read becomes a broken policy.
    #[must_use]
    pub fn read(name: &str, text: &str, kind: Kind) -> Self {
        Self::read_about(name, text, kind, About::Everything)
    }

    /// Reads a document of its own, and keeps of its statements only those that may be about
    /// something. The others are looked at as closely: what AWS would refuse is refused.
    #[must_use]
    pub fn read_about(name: &str, text: &str, kind: Kind, about: About<'_>) -> Self {
        let mut places = Places::new(text);
        if text.len() > LARGEST {
            return Self::broken(name, &format!("longer than {LARGEST} bytes"), places.position(0));
        }
        match json::parse(text) {
            Ok(node) => Self::from_node_about(name, &node, kind, &mut places, about),
            Err(flaw) => Self::broken(name, &flaw.message, places.position(flaw.at)),
        }
    }

    /// Reads a document that stands within a larger text.
    #[must_use]
    pub fn from_node(name: &str, node: &Node<'_>, kind: Kind, places: &mut Places<'_>) -> Self {
        Self::from_node_about(name, node, kind, places, About::Everything)
    }

    /// See [`Policy::read_about`].
    #[must_use]
    pub fn from_node_about(
        name: &str,
        node: &Node<'_>,
        kind: Kind,
        places: &mut Places<'_>,
        about: About<'_>,
    ) -> Self {
        match document(node, kind, places, about) {
            Ok(statements) => Self { name: name.into(), statements, broken: None },
            Err(flaw) => Self::broken(name, &flaw.message, places.position(flaw.at)),
        }
    }
}

/// Which statements of a document are wanted.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    Everything,
    /// Those that may concern one of these actions.
    Actions(&'a [&'a str]),
}

impl About<'_> {
    fn care(self, statement: &Node<'_>) -> Care {
        match (self, statement.get("Action")) {
            (Self::Actions(actions), Some(element)) if is_about_none(element, actions) => Care::Form,
            _ => Care::Meaning,
        }
    }
}

/// Whether somebody will ask what a statement means, or only whether it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    Meaning,
    Form,
}

/// True where each text names an action, and begins as none of these does. That decides for
/// most statements of an account, without making patterns of them.
fn is_about_none(element: &Node<'_>, actions: &[&str]) -> bool {
    let texts = match &element.value {
        Value::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(element),
    };
    let begins = |action: &&str, plain: &str| {
        action.get(..plain.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(plain))
    };
    texts.iter().map(Node::text).all(|text| {
        let text = text.filter(|text| text.contains(':'));
        let plain = text.and_then(|text| text.split(['*', '?']).next());
        plain.is_some_and(|plain| !actions.iter().any(|action| begins(action, plain)))
    })
}

fn document(
    node: &Node<'_>,
    kind: Kind,
    places: &mut Places<'_>,
    about: About<'_>,
) -> Result<Vec<Arc<Statement>>, Flaw> {
    let members = node.members("the policy")?;
    known(members, &["Version", "Id", "Statement"], "the policy")?;
    let variables = version(node)?;
    let statement = node.get("Statement").ok_or_else(|| Flaw::new(node.at, "the policy has no Statement"))?;
    let statements = match &statement.value {
        Value::List(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(statement),
    };
    let mut kept = Vec::new();
    for (at, node) in statements.iter().enumerate() {
        let care = about.care(node);
        let statement = one(node, at + 1, kind, variables, care)?;
        if care == Care::Meaning {
            kept.push(Arc::new(Statement { position: places.position(node.at), ..statement }));
        }
    }
    Ok(kept)
}

/// Without a version a policy is of 2008, and knows no variables.
fn version(node: &Node<'_>) -> Result<Variables, Flaw> {
    let Some(version) = node.get("Version") else { return Ok(Variables::Literal) };
    match version.text() {
        Some("2012-10-17") => Ok(Variables::Read),
        Some("2008-10-17") => Ok(Variables::Literal),
        _ => Err(Flaw::new(version.at, "the Version is neither \"2012-10-17\" nor \"2008-10-17\"")),
    }
}

const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn one(
    node: &Node<'_>,
    number: usize,
    kind: Kind,
    variables: Variables,
    care: Care,
) -> Result<Statement, Flaw> {
    let what = format!("statement {number}");
    known(node.members(&what)?, ELEMENTS, &what)?;
    let sid = node.get("Sid").and_then(Node::text).filter(|sid| !sid.is_empty());
    let pattern = |make: &dyn Fn() -> Pattern| match care {
        Care::Meaning => make(),
        Care::Form => Pattern::unread(),
    };
    let actions = choice(node, "Action", &what, |text| pattern(&|| Pattern::action(text)))?;
    let resources = choice(node, "Resource", &what, |text| pattern(&|| Pattern::resource(text, variables)))?;
    if resources.is_none() && kind != Kind::Resource {
        return Err(Flaw::new(node.at, format!("{what} has neither Resource nor NotResource")));
    }
    Ok(Statement {
        label: sid.map_or_else(|| what.as_str().into(), Into::into),
        position: crate::text::Position { line: 1, column: 1 },
        effect: effect(node, &what)?,
        principals: principals(node, kind, &what)?,
        actions: actions
            .ok_or_else(|| Flaw::new(node.at, format!("{what} has neither Action nor NotAction")))?,
        resources,
        clauses: node.get("Condition").map_or(Ok(Vec::new()), |node| conditions(node, variables, care))?,
    })
}

fn effect(node: &Node<'_>, what: &str) -> Result<Effect, Flaw> {
    let effect = node.get("Effect").ok_or_else(|| Flaw::new(node.at, format!("{what} has no Effect")))?;
    match effect.text() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        _ => Err(Flaw::new(effect.at, format!("the Effect of {what} is neither \"Allow\" nor \"Deny\""))),
    }
}

fn choice(
    node: &Node<'_>,
    name: &str,
    what: &str,
    pattern: impl Fn(&str) -> Pattern,
) -> Result<Option<Choice>, Flaw> {
    let not = format!("Not{name}");
    let patterns = |node| Ok::<Vec<_>, Flaw>(texts(node, name)?.into_iter().map(&pattern).collect());
    match (node.get(name), node.get(&not)) {
        (Some(_), Some(other)) => Err(Flaw::new(other.at, format!("{what} has both {name} and {not}"))),
        (Some(only), None) => Ok(Some(Choice::Only(patterns(only)?))),
        (None, Some(but)) => match patterns(but)? {
            none if none.is_empty() => Err(names_nothing(but, &not, what)),
            patterns => Ok(Some(Choice::AllBut(patterns))),
        },
        (None, None) => Ok(None),
    }
}

fn principals(node: &Node<'_>, kind: Kind, what: &str) -> Result<Principals, Flaw> {
    let (named, but) = (node.get("Principal"), node.get("NotPrincipal"));
    let principals = match (named, but) {
        (Some(_), Some(other)) => {
            return Err(Flaw::new(other.at, format!("{what} has both Principal and NotPrincipal")));
        }
        (Some(named), None) => Principals::Named(everyone_named(named)?),
        (None, Some(but)) => match everyone_named(but)? {
            none if none.is_empty() => return Err(names_nothing(but, "NotPrincipal", what)),
            named => Principals::AllBut(named),
        },
        (None, None) => Principals::Unsaid,
    };
    match named.or(but) {
        Some(node) if kind == Kind::Identity => {
            Err(Flaw::new(node.at, format!("{what} names a principal, which only policies of resources do")))
        }
        // "RCP syntax": the Principal is `*`, and nothing else.
        Some(node)
            if kind == Kind::ResourceControl && principals != Principals::Named(vec![Named::Everyone]) =>
        {
            Err(Flaw::new(node.at, format!("{what} has to mean everybody, as resource control policies do")))
        }
        _ => Ok(principals),
    }
}

/// "All but nothing" would be everything, and nobody means that.
fn names_nothing(node: &Node<'_>, element: &str, what: &str) -> Flaw {
    Flaw::new(node.at, format!("the {element} of {what} names nothing"))
}

fn everyone_named(node: &Node<'_>) -> Result<Vec<Named>, Flaw> {
    if node.text() == Some("*") {
        return Ok(vec![Named::Everyone]);
    }
    let mut named = Vec::new();
    for Member { at, name, node } in node.members("the Principal")? {
        for text in texts(node, name)? {
            let unknown = || Flaw::new(*at, format!("`{name}` is no type of principals"));
            named.push(Named::of(name, text).ok_or_else(unknown)?);
        }
    }
    Ok(named)
}

fn conditions(node: &Node<'_>, variables: Variables, care: Care) -> Result<Vec<Clause>, Flaw> {
    let mut clauses = Vec::new();
    for operator in node.members("the Condition")? {
        for key in operator.node.members(&operator.name)? {
            let values = scalars(&key.node, &key.name)?;
            if care == Care::Meaning {
                clauses.push(Clause::new(&operator.name, &key.name, &values, variables));
            }
        }
    }
    Ok(clauses)
}

/// A text, or a list of texts.
fn texts<'n>(node: &'n Node<'_>, what: &str) -> Result<Vec<&'n str>, Flaw> {
    each(node, |node| match &node.value {
        Value::Text(text) => Ok(&**text),
        other => Err(Flaw::new(
            node.at,
            format!("{what} has to be a text or a list of texts, and has {}", other.kind()),
        )),
    })
}

/// Values of conditions may be booleans and numbers, too.
fn scalars<'n>(node: &'n Node<'_>, key: &str) -> Result<Vec<&'n str>, Flaw> {
    each(node, |node| match &node.value {
        Value::Text(text) => Ok(&**text),
        Value::Number(number) => Ok(*number),
        Value::Bool(true) => Ok("true"),
        Value::Bool(false) => Ok("false"),
        other => Err(Flaw::new(node.at, format!("{} is no value for {key}", other.kind()))),
    })
}

fn each<'n, 'a, T>(
    node: &'n Node<'a>,
    read: impl Fn(&'n Node<'a>) -> Result<T, Flaw>,
) -> Result<Vec<T>, Flaw> {
    match &node.value {
        Value::List(nodes) => nodes.iter().map(read).collect(),
        _ => Ok(vec![read(node)?]),
    }
}

fn known(members: &[Member<'_>], names: &[&str], what: &str) -> Result<(), Flaw> {
    match members.iter().find(|member| !names.contains(&&*member.name)) {
        Some(Member { at, name, .. }) => Err(Flaw::new(*at, format!("`{name}` is no element of {what}"))),
        None => Ok(()),
    }
}
