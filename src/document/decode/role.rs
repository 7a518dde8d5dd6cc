//! `roles`: who takes part.

use super::findings::Findings;
use super::record::Record;
use super::{channel, names, scalar};
use crate::document::draft::Broken;
use crate::document::language::ROLE;
use crate::document::playbook::Role;
use crate::document::yaml::{Key, Node};

pub(super) fn roles(document: &Record<'_>, broken: &mut Broken, findings: &mut Findings<'_>) -> Vec<Role> {
    let Some(node) = document.get("roles", findings) else { return Vec::new() };
    let Some(entries) = node.entries() else {
        findings.wrong_type(node, "`roles`", "a map of roles");
        broken.all_roles = true;
        return Vec::new();
    };
    entries.iter().map(|(key, node)| role(key, node, findings)).collect()
}

/// A role is there even if what is said about it is wrong.
fn role(key: &Key, node: &Node, findings: &mut Findings<'_>) -> Role {
    names::snake_key(key, "the name of a role", findings);
    let (mut title, mut staffed_by, mut notify) = (None, None, Vec::new());
    if node.text().is_some() && !node.is_null() {
        // The short form: `approver: CISO`.
        title = scalar::shown(node, "the title of a role", findings);
    } else if let Some(record) = Record::open(node, &ROLE, key.span, findings) {
        title = record.get("title", findings).and_then(|node| scalar::shown(node, "`title`", findings));
        staffed_by =
            record.get("staffed_by", findings).and_then(|node| scalar::shown(node, "`staffed_by`", findings));
        let channels = record.get("notify", findings);
        notify = channels.map(|node| channel::recipients(node, "a channel", findings)).unwrap_or_default();
    }
    let title = title.unwrap_or_else(|| names::in_words(&key.text));
    Role { id: key.text.clone(), span: key.span, title, staffed_by, notify }
}
