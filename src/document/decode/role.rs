//! `roles`: who takes part.

use super::findings::Findings;
use super::record::Record;
use super::{channel, names, scalar};
use crate::document::draft::Broken;
use crate::document::language::ROLE;
use crate::document::playbook::{Role, Signers};
use crate::document::yaml::{Key, Node};
use crate::text::Diagnostic;

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
    let (mut title, mut staffed_by, mut notify, mut allowed_signers) = (None, None, Vec::new(), None);
    if node.text().is_some() && !node.is_null() {
        // The short form: `approver: CISO`.
        title = scalar::shown(node, "the title of a role", findings);
    } else if let Some(record) = Record::open(node, &ROLE, key.span, findings) {
        title = record.get("title", findings).and_then(|node| scalar::shown(node, "`title`", findings));
        staffed_by =
            record.get("staffed_by", findings).and_then(|node| scalar::shown(node, "`staffed_by`", findings));
        let channels = record.get("notify", findings);
        notify = channels.map(|node| channel::recipients(node, "a channel", findings)).unwrap_or_default();
        allowed_signers = record.get("allowed_signers", findings).and_then(|node| signers(node, findings));
    }
    let title = title.unwrap_or_else(|| names::in_words(&key.text));
    Role { id: key.text.clone(), span: key.span, title, staffed_by, notify, allowed_signers }
}

/// A path, or the lines themselves. Whether a line is one is found out before a run begins.
fn signers(node: &Node, findings: &mut Findings<'_>) -> Option<Signers> {
    if node.text().is_some() {
        let path = scalar::text(node, "`allowed_signers`", findings)?;
        let leaves = path.starts_with('/') || path.split('/').any(|name| name == "..") || path.is_empty();
        if leaves {
            let fault = Diagnostic::error(
                "allowed-signers",
                node.span,
                format!("`{path}` leads out of the document's folder"),
            );
            findings.push(fault.help("keep the list beside the document, so that both change together"));
        }
        return Some(Signers::File(path));
    }
    let lines = scalar::texts(node, "`allowed_signers`", findings);
    for line in lines.iter().filter(|line| !names_a_key(line)) {
        let fault = Diagnostic::error(
            "allowed-signers",
            node.span,
            format!("`{line}` is no line of allowed_signers"),
        );
        findings.push(fault.help("write a name and a public key: ann@example.com ssh-ed25519 AAAA..."));
    }
    if lines.is_empty() {
        let fault = Diagnostic::error("allowed-signers", node.span, "nobody is allowed to sign");
        findings.push(fault.help("name a file or list a line for each person; or leave the key out"));
    }
    Some(Signers::Lines(lines))
}

/// A name, and the kind of a key with something behind it (`ssh-keygen(1)`, ALLOWED SIGNERS).
fn names_a_key(line: &str) -> bool {
    const KINDS: [&str; 4] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-"];
    let words: Vec<&str> = line.split_whitespace().collect();
    let kind = words.iter().position(|word| KINDS.iter().any(|kind| word.starts_with(kind)));
    kind.is_some_and(|at| at > 0 && words.len() > at + 1) && !line.contains(['\n', '\r'])
}
