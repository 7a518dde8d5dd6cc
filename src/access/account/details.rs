//! Pages of GetAccountAuthorizationDetails.

use std::sync::Arc;

use super::{Account, Entity, EntityKind, Group, decoded};
use crate::access::json::{Flaw, Node, Places, Reader, Value};
use crate::access::policy::{Kind, Policy};

/// What a page says of the pages behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Last,
    /// `IsTruncated`: another page has to follow.
    Further,
}

impl Account {
    /// Adds a page.
    ///
    /// # Errors
    /// When it is no JSON, or an element of it lacks what every such element has. Policies
    /// that cannot be read are kept as such.
    pub fn read(&mut self, text: &str, actions: &[&str]) -> Result<Page, Flaw> {
        let mut page = Page::Last;
        let mut reading = Reading { places: Places::new(text), actions };
        let mut reader = Reader::new(text);
        let mut seen = 0_usize;
        reader.object(|name, reader| match name {
            "UserDetailList" => {
                seen += 1;
                reader.list(|reader| reading.user(&reader.node()?).map(|user| self.entities.push(user)))
            }
            "RoleDetailList" => {
                seen += 1;
                reader.list(|reader| reading.role(&reader.node()?).map(|role| self.entities.push(role)))
            }
            "GroupDetailList" => reader.list(|reader| {
                let node = reader.node()?;
                let (name, group) = reading.group(&node)?;
                self.groups.insert(name, group);
                Ok(())
            }),
            "Policies" => reader.list(|reader| {
                let node = reader.node()?;
                let (arn, policy) = reading.managed(&node)?;
                self.managed.insert(arn, policy);
                Ok(())
            }),
            "IsTruncated" => {
                if reader.node()?.value == Value::Bool(true) {
                    page = Page::Further;
                }
                Ok(())
            }
            _ => reader.node().map(|_| ()),
        })?;
        reader.end()?;
        if seen == 0 {
            return Err(Flaw::new(0, "there is neither a UserDetailList nor a RoleDetailList in it"));
        }
        Ok(page)
    }
}

struct Reading<'a, 'w> {
    places: Places<'a>,
    actions: &'w [&'w str],
}

impl Reading<'_, '_> {
    fn user(&mut self, node: &Node<'_>) -> Result<Entity, Flaw> {
        let entity = self.entity(node, EntityKind::User, "User", "UserPolicyList")?;
        let groups = node.get("GroupList").map_or(&[][..], Node::list).iter();
        Ok(Entity { groups: groups.filter_map(Node::text).map(str::to_owned).collect(), ..entity })
    }

    fn role(&mut self, node: &Node<'_>) -> Result<Entity, Flaw> {
        self.places.mark(node.at);
        let trust = node.get("AssumeRolePolicyDocument");
        let trust = trust.map(|document| self.policy("trust policy", document, Kind::Resource));
        let entity = self.entity(node, EntityKind::Role, "Role", "RolePolicyList")?;
        let last = |field: &str| {
            let told = node.get("RoleLastUsed").and_then(|used| used.get(field)).and_then(Node::text);
            told.map(str::to_owned)
        };
        Ok(Entity { trust, last_used: last("LastUsedDate"), last_used_in: last("Region"), ..entity })
    }

    fn entity(&mut self, node: &Node<'_>, kind: EntityKind, word: &str, list: &str) -> Result<Entity, Flaw> {
        self.places.mark(node.at);
        let boundary = node.get("PermissionsBoundary").and_then(|node| node.get("PermissionsBoundaryArn"));
        Ok(Entity {
            kind,
            name: required(node, &format!("{word}Name"))?,
            arn: required(node, "Arn")?,
            id: required(node, &format!("{word}Id"))?,
            inline: self.inline(node, list)?,
            attached: attached(node)?,
            groups: Vec::new(),
            boundary: boundary.and_then(Node::text).map(str::to_owned),
            tags: tags(node),
            trust: None,
            last_used: None,
            last_used_in: None,
        })
    }

    fn group(&mut self, node: &Node<'_>) -> Result<(String, Group), Flaw> {
        self.places.mark(node.at);
        let group = Group { inline: self.inline(node, "GroupPolicyList")?, attached: attached(node)? };
        Ok((required(node, "GroupName")?, group))
    }

    /// Only the default version counts.
    fn managed(&mut self, node: &Node<'_>) -> Result<(String, Arc<Policy>), Flaw> {
        self.places.mark(node.at);
        let arn = required(node, "Arn")?;
        let versions = node.get("PolicyVersionList").map_or(&[][..], Node::list);
        let default = |version: &&Node<'_>| {
            version.get("IsDefaultVersion").is_some_and(|default| default.value == Value::Bool(true))
        };
        let document = versions.iter().find(default).and_then(|version| version.get("Document"));
        let name = node.get("PolicyName").and_then(Node::text).unwrap_or(&arn);
        let policy = match document {
            Some(document) => self.policy(name, document, Kind::Identity),
            None => Arc::new(Policy::broken(
                name,
                "its default version is not here",
                self.places.position(node.at),
            )),
        };
        Ok((arn, policy))
    }

    fn inline(&mut self, node: &Node<'_>, list: &str) -> Result<Vec<Arc<Policy>>, Flaw> {
        let mut policies = Vec::new();
        for inline in node.get(list).map_or(&[][..], Node::list) {
            let document = inline.get("PolicyDocument");
            let document =
                document.ok_or_else(|| Flaw::new(inline.at, "an inline policy has no PolicyDocument"))?;
            policies.push(self.policy(&required(inline, "PolicyName")?, document, Kind::Identity));
        }
        Ok(policies)
    }

    /// A document as an object, as a text, or as a text in percent-encoding.
    fn policy(&mut self, name: &str, document: &Node<'_>, kind: Kind) -> Arc<Policy> {
        let policy = match document.text() {
            Some(text) => Policy::read(name, &decoded(text), kind),
            None => Policy::from_node(name, document, kind, &mut self.places),
        };
        Arc::new(policy.about_any(self.actions))
    }
}

fn attached(node: &Node<'_>) -> Result<Vec<String>, Flaw> {
    let policies = node.get("AttachedManagedPolicies").map_or(&[][..], Node::list);
    policies.iter().map(|policy| required(policy, "PolicyArn")).collect()
}

fn tags(node: &Node<'_>) -> Vec<(String, String)> {
    let tags = node.get("Tags").map_or(&[][..], Node::list).iter();
    let tag =
        |tag: &Node<'_>| Some((tag.get("Key")?.text()?.to_owned(), tag.get("Value")?.text()?.to_owned()));
    tags.filter_map(tag).collect()
}

fn required(node: &Node<'_>, name: &str) -> Result<String, Flaw> {
    let text = node.get(name).and_then(Node::text);
    text.map(str::to_owned).ok_or_else(|| Flaw::new(node.at, format!("an element has no `{name}`")))
}
