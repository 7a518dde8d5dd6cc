//! Who may sign approvals: taken from the document and what lies beside it, by value, before
//! a run begins.

use std::path::Path;

use crate::document::{Playbook, Role, Signers};
use crate::engine::{Clock as _, SystemClock};
use crate::error::{Error, Kind, Result};
use crate::evidence::{APPROVALS, AllowedSigners, given};
use crate::run::{Event, Run};

/// A list longer than this is none: 256 KiB.
const LONGEST: u64 = 256 << 10;

/// An event for each role whose signatures count.
///
/// # Errors
/// When a list cannot be read, or a line of it is none.
pub(super) fn staffed(playbook: &Playbook, origin: &str) -> Result<Vec<Event>> {
    let roles = playbook.roles.iter().filter_map(|role| Some((role, role.allowed_signers.as_ref()?)));
    roles.map(|(role, signers)| of_role(role, signers, playbook, origin)).collect()
}

/// What a crash kept out of the record between its first two entries.
///
/// # Errors
/// As [`staffed`].
pub(super) fn missing(run: &Run) -> Result<Vec<Event>> {
    let Some(opened) = run.opened() else { return Ok(Vec::new()) };
    let unknown = |role: &Role| role.allowed_signers.is_some() && run.signers(&role.id).is_none();
    if !run.playbook().roles.iter().any(unknown) {
        return Ok(Vec::new());
    }
    let mut events = staffed(run.playbook(), &opened.document.origin)?;
    events.retain(|event| matches!(event, Event::Staffed { role, .. } if run.signers(role).is_none()));
    Ok(events)
}

fn of_role(role: &Role, signers: &Signers, playbook: &Playbook, origin: &str) -> Result<Event> {
    let lines = match signers {
        Signers::Lines(lines) => lines.clone(),
        Signers::File(path) => in_file(path, origin)?,
    };
    let unfit = |why: String| {
        Error::new(
            Kind::Document,
            format!("the allowed signers of role `{}` in `{}`: {why}", role.id, playbook.name),
        )
        .hint("a line is a name, options and a public key, as in ssh-keygen(1), ALLOWED SIGNERS")
    };
    let list = AllowedSigners::parse(&lines.join("\n")).map_err(unfit)?;
    if list.has_authorities() {
        return Err(unfit("a certificate authority is in it, and certificates do not sign here".to_owned())
            .hint("name each person's own key"));
    }
    let (able, wanted) = (list.able(APPROVALS, SystemClock.now()), wanted(role, playbook));
    if able < wanted {
        let able = if able == 0 { "nobody".to_owned() } else { format!("only {able}") };
        return Err(unfit(format!("{able} in the list can sign approvals now, and a step wants {wanted}"))
            .hint("the purpose is playbook-approval; look at `namespaces` and `valid-before`"));
    }
    let signers = lines.iter().map(|line| AllowedSigners::in_utc(line)).collect();
    Ok(Event::Staffed { role: role.id.clone(), signers })
}

/// How many people a step asks for at most in that role; one at least.
fn wanted(role: &Role, playbook: &Playbook) -> usize {
    let theirs = playbook.steps.iter().filter_map(|step| step.approve.as_ref());
    let counts = theirs.filter(|approve| approve.by == role.id).map(|approve| approve.count as usize);
    counts.max().unwrap_or_default().max(1)
}

/// The lines of a file beside the document, without comments.
fn in_file(path: &str, origin: &str) -> Result<Vec<String>> {
    let Some(folder) = Path::new(origin).parent().filter(|_| Path::new(origin).is_file()) else {
        return Err(Error::new(
            Kind::Document,
            format!("`{path}` has no folder to lie in: the document is {origin}"),
        )
        .hint("write the lines into the document, or take a copy of it with `playbook new NAME --from`"));
    };
    let path = folder.join(path);
    let text = given::text("could not read the allowed signers in", &path, LONGEST)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}
