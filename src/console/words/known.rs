//! What earlier steps found out about the target of a later one.

use serde_json::Value;

use super::text::{count, one_line};
use super::value::{Arn, brief};
use crate::document::action::{self, Action, Spec};
use crate::document::{Input, Playbook};
use crate::run::{Aspect, Caller, Place, Request, Seen, Sight};

/// The document and the outputs of its finished steps.
pub struct Known<'a> {
    pub playbook: &'a Playbook,
    outputs: &'a dyn Fn(&str) -> Option<&'a Value>,
    /// Who acts, as the look around before step one found out.
    caller: Option<&'a Caller>,
    /// How far the step at hand reaches, as it was looked at before the question.
    radius: &'a [Sight],
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("playbook", &self.playbook.name).finish_non_exhaustive()
    }
}

impl<'a> Known<'a> {
    #[must_use]
    pub const fn new(playbook: &'a Playbook, outputs: &'a dyn Fn(&str) -> Option<&'a Value>) -> Self {
        Self { playbook, outputs, caller: None, radius: &[] }
    }

    #[must_use]
    pub const fn seen_by(mut self, caller: Option<&'a Caller>) -> Self {
        self.caller = caller;
        self
    }

    #[must_use]
    pub const fn reaching(mut self, radius: &'a [Sight]) -> Self {
        self.radius = radius;
        self
    }

    /// How far it reaches, aspect by aspect.
    pub fn radius(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.radius.iter().map(|sight| {
            let says = match &sight.seen {
                Seen::Known(says) => one_line(says),
                Seen::Unknown(why) => format!("unknown: {}", one_line(why)),
            };
            (sight.of.word(), says)
        })
    }

    /// Whether an aspect was looked at and told of itself.
    fn knows(&self, of: Aspect) -> bool {
        self.radius.iter().any(|sight| sight.of == of && matches!(sight.seen, Seen::Known(_)))
    }

    #[must_use]
    pub fn spec(&self, name: &str) -> Option<&'static Spec> {
        action::all().find(|spec| spec.name == name)
    }

    /// The name of an input, as the action declares it.
    #[must_use]
    pub fn label(&self, action: &str, input: &str) -> &'static str {
        self.spec(action).and_then(|spec| spec.input(input)).map_or("input", |field| field.name)
    }

    /// The outputs of finished steps that ran this action, the latest first.
    fn found(&self, action: &str) -> impl Iterator<Item = (&'a Action, &'a Value)> {
        let ran = move |step: &&crate::document::Step| step.action.name() == action;
        let outputs = self.outputs;
        self.playbook
            .steps
            .iter()
            .rev()
            .filter(ran)
            .filter_map(move |step| Some((&step.action, outputs(&step.id)?)))
    }

    /// Aliases that were seen to point at a key, and still do where that was looked at since: a
    /// run that moves an alias leaves another key under its name.
    #[must_use]
    pub fn aliases(&self, target: &str) -> Vec<String> {
        let is_it = |outputs: &&Value| {
            ["arn", "id"].iter().any(|name| outputs.get(name).is_some_and(|it| it == target))
        };
        let key = self.found("kms.describe_key").map(|(_, outputs)| outputs).find(is_it);
        let aliases = key.and_then(|outputs| outputs.get("aliases")?.as_array()).into_iter().flatten();
        let aliases = aliases.filter_map(Value::as_str);
        aliases.filter(|alias| self.still_points(alias)).map(str::to_owned).collect()
    }

    fn still_points(&self, alias: &str) -> bool {
        let looks = self.radius.iter().filter(|sight| sight.of == Aspect::Aliases);
        looks.into_iter().all(|sight| match &sight.seen {
            Seen::Known(says) => says.split([' ', ',']).any(|word| word == alias),
            Seen::Unknown(_) => true,
        })
    }

    /// Account and Region: the target's own, else the caller's.
    #[must_use]
    pub fn whereabouts(&self, request: &Request) -> Option<String> {
        if !request.action.contains('.') {
            return None;
        }
        let target = super::card::target(request);
        let arn = target.as_deref().and_then(Arn::parse).filter(|arn| !arn.account.is_empty());
        let (account, region) = match arn {
            Some(arn) => (arn.account.to_owned(), arn.region.to_owned()),
            None => self.callers_own()?,
        };
        // IAM answers for all Regions.
        let region = if request.action.starts_with("iam.") { "all Regions" } else { region.as_str() };
        let parts = [format!("account {}", one_line(&account)), one_line(region)];
        Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
    }

    /// The caller's account and Region, by a step that asked or by the look around.
    fn callers_own(&self) -> Option<(String, String)> {
        let asked = self.found("sts.get_caller_identity").next().and_then(|(_, outputs)| {
            Some((text(outputs, "account")?, text(outputs, "region").unwrap_or_default()))
        });
        asked.or_else(|| self.caller.map(|caller| (caller.account.clone(), caller.region.clone())))
    }

    /// Who acts.
    #[must_use]
    pub fn caller(&self) -> Option<String> {
        let asked = self.found("sts.get_caller_identity").next();
        let arn = asked.and_then(|(_, outputs)| text(outputs, "arn"));
        arn.or_else(|| self.caller.map(|caller| caller.arn.clone())).map(|arn| brief(&arn))
    }

    /// The last use of the step's key that an earlier step read, where nothing newer is known.
    #[must_use]
    pub fn last_use(&self, place: &Place) -> Option<String> {
        if self.knows(Aspect::LastUse) {
            return None;
        }
        let read = |action, at, what| {
            let outputs = self.about_the_key_of(place, action)?;
            let at = text(outputs, at)?;
            let what = text(outputs, what).map(|what| format!(" for {}", one_line(&what)));
            Some(format!("{}{}", one_line(&at), what.unwrap_or_default()))
        };
        read("kms.get_key_last_usage", "at", "operation")
            .or_else(|| read("kms.record_state", "last_used_at", "last_used_for"))
    }

    /// What an earlier step found to lie under the step's key.
    #[must_use]
    pub fn under_the_key(&self, place: &Place) -> Option<String> {
        let outputs = self.about_the_key_of(place, "s3.inventory")?;
        let buckets = outputs.get("names")?.as_array()?.len() as u64;
        let objects = outputs.get("objects")?.as_u64()?;
        let buckets = count(buckets, "bucket", "buckets");
        Some(format!("{buckets}, {}", count(objects, "object version", "object versions")))
    }

    /// The outputs of a finished step that looked at the same key: both documents name it
    /// by the same expression, or by the same text.
    fn about_the_key_of(&self, place: &Place, action: &str) -> Option<&'a Value> {
        let (_, step) = self.playbook.step(&place.step)?;
        let key = key(&step.action)?;
        self.found(action)
            .find(|(of, _)| self::key(of).is_some_and(|other| same(key, other)))
            .map(|(_, outputs)| outputs)
    }
}

fn key(action: &Action) -> Option<&Input> {
    let Action::Operation(operation) = action else { return None };
    operation.inputs.iter().find(|(field, _)| field.name == "key").map(|(_, input)| input)
}

fn same(one: &Input, other: &Input) -> bool {
    match (one, other) {
        (Input::Expr(one), Input::Expr(other)) => one.text.trim() == other.text.trim(),
        (Input::Text(one), Input::Text(other)) => one.text == other.text,
        (Input::Literal(one, _), Input::Literal(other, _)) => one == other,
        _ => false,
    }
}

fn text(outputs: &Value, name: &str) -> Option<String> {
    outputs.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
