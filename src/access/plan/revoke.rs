//! Every way by which a principal is allowed is taken away: its name in the key policy, its
//! grants, and the statements of its policies and groups.

use serde_json::Value;

use super::books::Books;
use super::document::{allowed, allowing, opened, statements, with_statements};
use super::edit::Edit;
use crate::access::policy::Kind;
use crate::access::review::Files;

#[derive(Default)]
pub(super) struct Revoked {
    pub edits: Vec<Edit>,
    pub obstacles: Vec<String>,
}

pub(super) fn revoke<F: Files>(
    books: &mut Books<'_, F>,
    key: &str,
    action: &str,
    principal: &str,
) -> Revoked {
    let mut revoked = Revoked::default();
    let cut = Cut { key, action, principal };
    cut.out_of_key_policy(books, &mut revoked);
    cut.grants(books, &mut revoked);
    if let Some(holder) = Holder::of(principal) {
        cut.inline(books, &holder, &mut revoked);
        cut.attached(books, &holder, &mut revoked);
        cut.groups(books, &holder, &mut revoked);
    }
    revoked
}

/// A user or a role, as authorization details list it.
struct Holder {
    list: &'static str,
    inline: &'static str,
}

impl Holder {
    fn of(principal: &str) -> Option<Self> {
        if principal.contains(":user/") {
            Some(Self { list: "UserDetailList", inline: "UserPolicyList" })
        } else if principal.contains(":role/") {
            Some(Self { list: "RoleDetailList", inline: "RolePolicyList" })
        } else {
            None
        }
    }
}

struct Cut<'a> {
    key: &'a str,
    action: &'a str,
    principal: &'a str,
}

impl Cut<'_> {
    fn out_of_key_policy<F: Files>(&self, books: &mut Books<'_, F>, revoked: &mut Revoked) {
        let Some(before) = books.key_policy.clone() else { return };
        let Some(concerned) = allowing(&before, Kind::Resource, self.action, self.key) else {
            return revoked.obstacles.push("the key policy cannot be read".to_owned());
        };
        let (mut left, mut also) = (Vec::new(), Vec::new());
        for (at, statement) in statements(&before).into_iter().enumerate() {
            let unnamed = concerned.contains(&at).then(|| without(&statement, self.principal)).flatten();
            if unnamed.is_some() && !is_about(&statement, self.action) {
                also.push(allowed(&statement));
            }
            match unnamed {
                Some(Unnamed::Nobody) => {}
                Some(Unnamed::Others(rest)) => left.push(rest),
                None => left.push(statement),
            }
        }
        let document = with_statements(&before, left);
        if document != with_statements(&before, statements(&before)) {
            revoked.edits.push(Edit::PutKeyPolicy {
                key: self.key.to_owned(),
                document: document.clone(),
                before,
                also,
            });
            books.key_policy = Some(document);
        }
    }

    fn grants<F: Files>(&self, books: &mut Books<'_, F>, revoked: &mut Revoked) {
        let operation = self.action.split_once(':').map_or(self.action, |(_, operation)| operation);
        let Some(grants) = books.grants() else { return };
        let named =
            |grant: &Value, field: &str| grant.get(field).and_then(Value::as_str) == Some(self.principal);
        let gives = |grant: &Value| {
            let operations = grant.get("Operations").and_then(Value::as_array);
            let listed = operations.is_some_and(|operations| {
                operations
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|listed| listed.eq_ignore_ascii_case(operation))
            });
            listed && (named(grant, "GranteePrincipal") || named(grant, "GranteeServicePrincipal"))
        };
        let (gone, left) = std::mem::take(grants).into_iter().partition(gives);
        *grants = left;
        let revoke = |grant: Value| Edit::RevokeGrant {
            key: self.key.to_owned(),
            grant: grant.get("GrantId").and_then(Value::as_str).unwrap_or_default().to_owned(),
            before: grant,
        };
        revoked.edits.extend(gone.into_iter().map(revoke));
    }

    fn inline<F: Files>(&self, books: &mut Books<'_, F>, holder: &Holder, revoked: &mut Revoked) {
        let Some(element) = books.element(holder.list, "Arn", self.principal) else { return };
        let Some(policies) = element.get_mut(holder.inline).and_then(Value::as_array_mut) else { return };
        policies.retain_mut(|policy| {
            let name = policy.get("PolicyName").and_then(Value::as_str).unwrap_or_default().to_owned();
            let Some(before) = policy.get("PolicyDocument").and_then(opened) else {
                revoked.obstacles.push(format!("the inline policy {name} cannot be read"));
                return true;
            };
            let Some(split) = self.split(&before) else {
                revoked.obstacles.push(format!("the inline policy {name} cannot be read"));
                return true;
            };
            if split.gone.is_empty() {
                return true;
            }
            let document = (!split.left.is_empty()).then(|| with_statements(&before, split.left));
            if let (Some(document), Some(place)) = (&document, policy.get_mut("PolicyDocument")) {
                *place = document.clone();
            }
            let kept = document.is_some();
            revoked.edits.push(Edit::PutInline {
                principal: self.principal.to_owned(),
                name,
                document,
                before: Some(before),
                also: split.also,
            });
            kept
        });
    }

    fn attached<F: Files>(&self, books: &mut Books<'_, F>, holder: &Holder, revoked: &mut Revoked) {
        let attached = books.peek(holder.list, "Arn", self.principal);
        let attached = attached.and_then(|element| element.get("AttachedManagedPolicies")?.as_array());
        let arns: Vec<String> = attached.into_iter().flatten().filter_map(arn_of).collect();
        for arn in arns {
            let Some(document) = default_version(books, &arn) else {
                revoked.obstacles.push(format!("{arn} cannot be read"));
                continue;
            };
            let Some(split) = self.split(&document) else {
                revoked.obstacles.push(format!("{arn} cannot be read"));
                continue;
            };
            if split.gone.is_empty() {
                continue;
            }
            if !split.left.is_empty() && is_its_own(books, &arn) {
                if has_no_room(books, &arn) {
                    revoked.obstacles.push(format!(
                        "{arn} has {VERSIONS} versions, and keeps no more; delete one that nobody needs, and plan again"
                    ));
                    continue;
                }
                new_version(books, &arn, document, split, revoked);
            } else {
                self.detach(books, holder, &arn, split, revoked);
            }
        }
    }

    fn detach<F: Files>(
        &self,
        books: &mut Books<'_, F>,
        holder: &Holder,
        arn: &str,
        split: Split,
        revoked: &mut Revoked,
    ) {
        let element = books.element(holder.list, "Arn", self.principal);
        let attached = element.and_then(|element| element.get_mut("AttachedManagedPolicies")?.as_array_mut());
        if let Some(attached) = attached {
            attached.retain(|policy| arn_of(policy).as_deref() != Some(arn));
        }
        let rest = split.left.iter().map(allowed);
        revoked.edits.push(Edit::DetachPolicy {
            principal: self.principal.to_owned(),
            policy: arn.to_owned(),
            also: split.also.iter().cloned().chain(rest).collect(),
        });
    }

    /// A group's policies stay as they are for the others in it.
    fn groups<F: Files>(&self, books: &mut Books<'_, F>, holder: &Holder, revoked: &mut Revoked) {
        let element = books.peek(holder.list, "Arn", self.principal);
        let groups = element.and_then(|element| element.get("GroupList")?.as_array());
        let groups: Vec<String> =
            groups.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        for group in groups {
            let Some(documents) = documents_of(books, &group) else {
                revoked.obstacles.push(format!("the group {group} cannot be read"));
                continue;
            };
            let splits: Vec<_> = documents.iter().filter_map(|document| self.split(document)).collect();
            if splits.iter().all(|split| split.gone.is_empty()) {
                continue;
            }
            let also =
                splits.iter().flat_map(|split| split.left.iter().map(allowed).chain(split.also.clone()));
            revoked.edits.push(Edit::LeaveGroup {
                user: self.principal.to_owned(),
                group: group.clone(),
                also: also.collect(),
            });
            let element = books.element(holder.list, "Arn", self.principal);
            if let Some(list) = element.and_then(|element| element.get_mut("GroupList")?.as_array_mut()) {
                list.retain(|name| name.as_str() != Some(&group));
            }
        }
    }

    fn split(&self, document: &Value) -> Option<Split> {
        let concerned = allowing(document, Kind::Identity, self.action, self.key)?;
        let mut split = Split::default();
        for (at, statement) in statements(document).into_iter().enumerate() {
            if concerned.contains(&at) {
                if !is_about(&statement, self.action) {
                    split.also.push(allowed(&statement));
                }
                split.gone.push(statement);
            } else {
                split.left.push(statement);
            }
        }
        Some(split)
    }
}

fn new_version<F: Files>(
    books: &mut Books<'_, F>,
    arn: &str,
    before: Value,
    split: Split,
    revoked: &mut Revoked,
) {
    let document = with_statements(&before, split.left);
    if let Some(version) = default_version_of(books, arn) {
        *version = document.clone();
    }
    let also = split.also;
    revoked.edits.push(Edit::PutVersion { policy: arn.to_owned(), document, before, also });
}

/// A document, parted at what has to go.
#[derive(Default)]
struct Split {
    gone: Vec<Value>,
    left: Vec<Value>,
    /// What the statements that go allow besides.
    also: Vec<String>,
}

/// Whether the statement allows this one action and nothing else.
fn is_about(statement: &Value, action: &str) -> bool {
    match statement.get("Action") {
        Some(Value::String(one)) => one.eq_ignore_ascii_case(action),
        Some(Value::Array(all)) => {
            all.iter().all(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(action)))
        }
        _ => false,
    }
}

enum Unnamed {
    /// The statement was about this principal alone.
    Nobody,
    Others(Value),
}

/// The statement without a principal that it names exactly; nothing where it does not.
fn without(statement: &Value, principal: &str) -> Option<Unnamed> {
    let principals = statement.get("Principal")?.as_object()?;
    let mut rest = principals.clone();
    let mut found = false;
    for kind in ["AWS", "Service"] {
        match rest.get_mut(kind) {
            Some(Value::String(one)) if one == principal => {
                rest.remove(kind);
                found = true;
            }
            Some(Value::Array(all)) => {
                let before = all.len();
                all.retain(|one| one.as_str() != Some(principal));
                found |= all.len() < before;
                if all.is_empty() {
                    rest.remove(kind);
                }
            }
            _ => {}
        }
    }
    if !found {
        return None;
    }
    if rest.is_empty() {
        return Some(Unnamed::Nobody);
    }
    let mut members = statement.as_object()?.clone();
    members.insert("Principal".to_owned(), Value::Object(rest));
    Some(Unnamed::Others(Value::Object(members)))
}

fn arn_of(policy: &Value) -> Option<String> {
    policy.get("PolicyArn").and_then(Value::as_str).map(str::to_owned)
}

fn default_version<F: Files>(books: &Books<'_, F>, arn: &str) -> Option<Value> {
    let versions = books.peek("Policies", "Arn", arn)?.get("PolicyVersionList")?.as_array()?;
    let default =
        versions.iter().find(|version| version.get("IsDefaultVersion") == Some(&Value::Bool(true)))?;
    default.get("Document").and_then(opened)
}

fn default_version_of<'b, F: Files>(books: &'b mut Books<'_, F>, arn: &str) -> Option<&'b mut Value> {
    let versions = books.element("Policies", "Arn", arn)?.get_mut("PolicyVersionList")?.as_array_mut()?;
    let default =
        versions.iter_mut().find(|version| version.get("IsDefaultVersion") == Some(&Value::Bool(true)))?;
    default.get_mut("Document")
}

/// A customer managed policy that nobody else holds can be written anew; others have to be
/// let go of.
fn is_its_own<F: Files>(books: &Books<'_, F>, arn: &str) -> bool {
    let attachments =
        books.peek("Policies", "Arn", arn).and_then(|policy| policy.get("AttachmentCount")?.as_u64());
    attachments == Some(1) && !arn.contains(":iam::aws:policy/")
}

/// A managed policy keeps so many versions (IAM and AWS STS quotas, "IAM object quotas").
const VERSIONS: usize = 5;

fn has_no_room<F: Files>(books: &Books<'_, F>, arn: &str) -> bool {
    let versions =
        books.peek("Policies", "Arn", arn).and_then(|policy| policy.get("PolicyVersionList")?.as_array());
    versions.is_some_and(|versions| versions.len() >= VERSIONS)
}

fn documents_of<F: Files>(books: &Books<'_, F>, group: &str) -> Option<Vec<Value>> {
    let element = books.peek("GroupDetailList", "GroupName", group)?;
    let inline = element.get("GroupPolicyList").and_then(Value::as_array);
    let inline =
        inline.into_iter().flatten().filter_map(|policy| policy.get("PolicyDocument").and_then(opened));
    let attached = element.get("AttachedManagedPolicies").and_then(Value::as_array);
    let attached = attached.into_iter().flatten().filter_map(arn_of);
    let attached: Option<Vec<_>> = attached.map(|arn| default_version(books, &arn)).collect();
    Some(inline.chain(attached?).collect())
}
