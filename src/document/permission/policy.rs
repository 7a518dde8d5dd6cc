//! Needs as policy documents, one or more for each of the four duties (IAM user guide,
//! "Grammar of the IAM JSON policy language").

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{ForWhat, Need, Only};
use crate::document::action::Duty;

/// What a managed policy may hold at most, in characters without white space (IAM user
/// guide, "IAM and AWS STS quotas").
pub const LARGEST: usize = 6_144;

/// How many resources one statement names, so that none grows past a whole policy.
const AT_ONCE: usize = 25;

/// A policy that is ready to be attached.
#[derive(Clone, Debug)]
pub struct Policy {
    pub duty: Duty,
    pub document: Value,
    /// Each of its actions with what wants it.
    pub because: BTreeMap<&'static str, BTreeSet<ForWhat>>,
}

impl Policy {
    /// Characters as IAM counts them.
    #[must_use]
    pub fn size(&self) -> usize {
        self.document.to_string().len()
    }
}

/// What a statement is made for: the same resources under the same condition.
type Group = (Only, Vec<String>);

/// The policies of all duties that the needs have, each within what IAM takes.
#[must_use]
pub fn policies(needs: &[Need]) -> Vec<Policy> {
    Duty::ALL
        .into_iter()
        .flat_map(|duty| {
            let needs: Vec<_> = needs.iter().filter(|need| need.duty == duty).collect();
            let statements = statements(duty, &needs);
            split(statements)
                .into_iter()
                .map(move |statements| policy(duty, &statements, &needs))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn policy(duty: Duty, statements: &[Value], needs: &[&Need]) -> Policy {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let holds = |action: &str| {
        let mut actions = statements.iter().filter_map(|it| it["Action"].as_array()).flatten();
        actions.any(|it| it == action)
    };
    let mut because: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for need in needs.iter().filter(|need| holds(need.action)) {
        because.entry(need.action).or_default().insert(need.for_what.clone());
    }
    Policy { duty, document, because }
}

fn statements(duty: Duty, needs: &[&Need]) -> Vec<Value> {
    let mut groups: BTreeMap<Group, BTreeSet<&str>> = BTreeMap::new();
    for (action, only) in needs.iter().map(|need| (need.action, need.only)).collect::<BTreeSet<_>>() {
        let resources = resources(needs, action, only);
        groups.entry((only, resources)).or_default().insert(action);
    }
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let mut statements = Vec::new();
    for ((only, resources), actions) in groups {
        for resources in resources.chunks(AT_ONCE) {
            let sid = sid(duty, &actions, &mut count);
            statements.push(statement(&sid, &actions, resources, only));
        }
    }
    statements
}

fn statement(sid: &str, actions: &BTreeSet<&str>, resources: &[String], only: Only) -> Value {
    let mut statement = json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources });
    if let Some(condition) = only.condition() {
        statement["Condition"] = condition;
    }
    statement
}

/// Every resource of an action, without those that a wider pattern holds already.
fn resources(needs: &[&Need], action: &str, only: Only) -> Vec<String> {
    let of_it = needs.iter().filter(|need| need.action == action && need.only == only);
    let all: BTreeSet<_> = of_it.flat_map(|need| &need.resources).collect();
    let held = |one: &str| all.iter().any(|other| *other != one && holds(other, one));
    all.iter().filter(|one| !held(one)).map(|one| (*one).clone()).collect()
}

/// Whether a pattern holds another ARN, part by part. Only a star at the end of a part is
/// understood; a pattern that is not is kept beside what it may hold.
fn holds(pattern: &str, arn: &str) -> bool {
    let same = |(wide, narrow): (&str, &str)| {
        let begin = wide.strip_suffix('*').filter(|begin| !begin.contains('*'));
        wide == narrow || begin.is_some_and(|begin| narrow.starts_with(begin))
    };
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let (wide, narrow) = (parts(pattern), parts(arn));
    pattern == "*"
        || (wide.len() == narrow.len() && wide.iter().zip(&narrow).all(|(wide, narrow)| same((wide, narrow))))
}

/// Letters and digits, once in a policy: duty, service, and a number from the second on.
fn sid(duty: Duty, actions: &BTreeSet<&str>, count: &mut BTreeMap<String, usize>) -> String {
    let services: BTreeSet<_> =
        actions.iter().filter_map(|action| action.split_once(':')).map(|it| it.0).collect();
    let services: String = services.into_iter().map(capital).collect();
    let sid = format!("{}{services}", capital(duty.word()));
    let number = count.entry(sid.clone()).and_modify(|count| *count += 1).or_insert(1);
    if *number == 1 { sid } else { format!("{sid}{number}") }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

/// As many statements in one policy as it takes.
fn split(statements: Vec<Value>) -> Vec<Vec<Value>> {
    const FRAME: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();
    let mut policies: Vec<(usize, Vec<Value>)> = Vec::new();
    for statement in statements {
        let size = statement.to_string().len() + 1;
        match policies.last_mut().filter(|(held, _)| held + size <= LARGEST) {
            Some((held, statements)) => {
                *held += size;
                statements.push(statement);
            }
            None => policies.push((FRAME + size, vec![statement])),
        }
    }
    policies.into_iter().map(|(_, statements)| statements).collect()
}
