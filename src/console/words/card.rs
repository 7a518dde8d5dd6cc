//! The card: what is about to be done to the world, before anybody says yes.

use serde_json::Value;

use super::super::line::{Line, Tone, width};
use super::known::Known;
use super::put;
use super::text::{count, one_line, wrapped};
use super::value::{self, Arn};
use crate::document::action::{Class, Reversal};
use crate::run::{Place, Request, is_taken_back_from_the_record};

/// Inputs that name what an action acts on, the most telling first.
const TARGETS: [&str; 9] =
    ["key", "alias", "bucket", "access_key", "role", "user", "principal", "trail", "grant"];

/// The column in which the facts of a card begin.
const LABEL: usize = 11;

/// What the request acts on, as its input names it.
#[must_use]
pub fn target(request: &Request) -> Option<String> {
    TARGETS.iter().find_map(|name| request.input.get(name)?.as_str().map(str::to_owned))
}

/// The names by which the target of a destructive request may be typed: the last part of
/// its path, and the aliases that are known to point at it. The step's id where the
/// request names no target.
#[must_use]
pub fn names(place: &Place, request: &Request, known: &Known<'_>) -> Vec<String> {
    let Some(target) = target(request) else { return vec![place.step.clone()] };
    let resource = Arn::parse(&target).map_or(target.as_str(), |arn| arn.resource);
    let last = resource.strip_prefix("key/").unwrap_or(resource);
    let mut names = vec![last.rsplit_once('/').map_or(last, |(_, last)| last).to_owned()];
    names.extend(known.aliases(&target));
    names
}

/// The card of a step that is about to act.
#[must_use]
pub fn lines(
    place: &Place,
    request: &Request,
    known: &Known<'_>,
    approval: Option<&str>,
    columns: usize,
) -> Vec<Line> {
    let mut lines = heading(place, request, known, columns);
    for (label, text) in facts(place, request, known, approval) {
        lines.extend(fact_lines(label, &text, columns));
    }
    lines.extend(work(request, columns));
    lines
}

/// The instructions of manual work, as whoever does it will read them.
fn work(request: &Request, columns: usize) -> Vec<Line> {
    let Some(instructions) = instructions(request) else { return Vec::new() };
    let attach = request.input["attach"].as_array().into_iter().flatten();
    let attach: Vec<_> = attach.filter_map(|thing| thing.as_str().map(str::to_owned)).collect();
    std::iter::once(Line::new()).chain(put::manual_lines(instructions, &attach, columns)).collect()
}

fn instructions(request: &Request) -> Option<&str> {
    (request.action == "manual").then(|| request.input["instructions"].as_str()).flatten()
}

/// `▶ 7 disable_key · Disable the compromised key     WRITE · can be undone`.
fn heading(place: &Place, request: &Request, known: &Known<'_>, columns: usize) -> Vec<Line> {
    let step = known.playbook.step(&place.step);
    let number = step.map_or(String::new(), |(at, _)| format!("{} ", at + 1));
    let title = step.map_or(String::new(), |(_, step)| format!(" · {}", one_line(&step.title)));
    let left =
        Line::of(Tone::Prompt, "▶ ").and(Tone::Strong, format!("{number}{place}")).and(Tone::Plain, title);
    let (reversible, tone) = match reversal(place, request, known) {
        Undoing::Nothing => ("", Tone::Plain),
        Undoing::Can(_) => (" · can be undone", Tone::Plain),
        Undoing::Cannot(_) => (" · CANNOT be undone", Tone::Danger),
    };
    let right =
        Line::of(class_tone(request.class), request.class.word().to_uppercase()).and(tone, reversible);
    match columns.checked_sub(left.width() + right.width()).filter(|&gap| gap >= 2) {
        Some(gap) => vec![left.and(Tone::Plain, " ".repeat(gap.min(40))).then(right)],
        None => vec![left.fit(columns), Line::plain("    ").then(right)],
    }
}

const fn class_tone(class: Class) -> Tone {
    match class {
        Class::Read => Tone::Plain,
        Class::Write => Tone::Warning,
        Class::Destroy => Tone::Danger,
    }
}

enum Undoing {
    Nothing,
    Can(String),
    Cannot(&'static str),
}

/// Whether the act can be taken back: by what the step has prepared, else by what is
/// known of the action.
fn reversal(place: &Place, request: &Request, known: &Known<'_>) -> Undoing {
    let prepared = known.playbook.step(&place.step).and_then(|(_, step)| step.undo.as_ref());
    match (prepared, known.spec(&request.action).map(|spec| spec.reversal)) {
        (Some(undo), _) => Undoing::Can(format!("{}, which this step has ready", undo.name())),
        (None, Some(Reversal::By(action))) if is_taken_back_from_the_record(&request.action) => {
            Undoing::Can(format!("{action}, from what is recorded of the state before"))
        }
        (None, Some(Reversal::By(action))) => {
            Undoing::Can(format!("{action}, by hand: this step has no undo ready"))
        }
        (None, Some(Reversal::Never(why))) => Undoing::Cannot(why),
        (None, Some(Reversal::Nothing) | None) => Undoing::Nothing,
    }
}

fn facts(
    place: &Place,
    request: &Request,
    known: &Known<'_>,
    approval: Option<&str>,
) -> Vec<(&'static str, String)> {
    let mut facts = vec![("does", does(request, known))];
    facts.extend(inputs(request, known));
    facts.extend(known.whereabouts(request).map(|text| ("where", text)));
    facts.extend(known.caller().map(|text| ("as", text)));
    facts.extend(known.radius());
    facts.extend(known.last_use(place).map(|text| ("last used", text)));
    facts.extend(known.under_the_key(place).map(|text| ("under it", text)));
    facts.extend(match reversal(place, request, known) {
        Undoing::Can(how) => Some(("undo", how)),
        Undoing::Cannot(why) => Some(("no undo", why.to_owned())),
        Undoing::Nothing => None,
    });
    facts.extend(approval.map(|title| ("approval", one_line(title))));
    facts
}

fn does(request: &Request, known: &Known<'_>) -> String {
    match known.spec(&request.action) {
        Some(spec) if request.action.contains('.') => format!("{} · {}", request.action, spec.summary),
        _ => request.action.clone(),
    }
}

/// The inputs, one by one; those that would fill the screen are left to the request.
fn inputs(request: &Request, known: &Known<'_>) -> Vec<(&'static str, String)> {
    const AT_MOST: usize = 6;
    let Value::Object(fields) = &request.input else { return Vec::new() };
    if instructions(request).is_some() {
        return Vec::new();
    }
    if let (Some(Value::Array(elements)), Some(many)) = (fields.get("for_each"), fields.get("elements")) {
        let each = elements.iter().map(|input| ("each", value::shown(input)));
        return each.chain([("elements", value::shown(many))]).collect();
    }
    if let Some(Value::Array(argv)) = fields.get("argv") {
        return vec![("command", argv.iter().map(quoted).collect::<Vec<_>>().join(" "))];
    }
    let mut facts: Vec<_> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .take(AT_MOST)
        .map(|(name, value)| (known.label(&request.action, name), named(value, known)))
        .collect();
    if fields.len() > AT_MOST {
        facts.push((
            "",
            count(
                (fields.len() - AT_MOST) as u64,
                "more input: see the request",
                "more inputs: see the request",
            ),
        ));
    }
    facts
}

/// A value with the aliases that are known to point at it.
fn named(value: &Value, known: &Known<'_>) -> String {
    let Some(text) = value.as_str() else {
        return value.as_array().map_or_else(
            || value::shown(value),
            |items| format!("{} ({})", value::shown(value), count(items.len() as u64, "element", "elements")),
        );
    };
    let resource = Arn::parse(text).map_or_else(|| value::shown(value), |arn| one_line(arn.resource));
    let aliases: Vec<_> = known.aliases(text).iter().map(|alias| one_line(alias)).collect();
    if aliases.is_empty() { resource } else { format!("{resource} ({})", aliases.join(", ")) }
}

/// An argument as a POSIX shell would have to be given it.
fn quoted(argument: &Value) -> String {
    let text = match argument {
        Value::String(text) => super::text::safe(text).replace('\n', "\\n"),
        other => value::shown(other),
    };
    let bare = |letter: char| letter.is_alphanumeric() || "-_./:=@%+,‹›".contains(letter);
    if !text.is_empty() && text.chars().all(bare) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn fact_lines(label: &str, text: &str, columns: usize) -> Vec<Line> {
    let label = label.replace('_', " ");
    let room = LABEL.max(width(&label) + 2);
    let texts = wrapped(text, columns.saturating_sub(4 + room).max(24));
    texts
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            let label = if at == 0 { label.as_str() } else { "" };
            Line::plain("    ").and(Tone::Quiet, format!("{label:<room$}")).and(Tone::Plain, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::rehearsal::{self, KEY};
    use serde_json::json;

    fn card(step: &str, request: &Request, approval: Option<&str>, columns: usize) -> Vec<String> {
        let playbook = rehearsal::playbook();
        let known = Known::new(&playbook, &rehearsal::outputs);
        lines(&Place::step(step), request, &known, approval, columns).iter().map(Line::text).collect()
    }

    #[test]
    fn before_a_write_it_says_what_where_as_whom_and_whether_it_can_be_undone() {
        assert_eq!(
            card("disable_key", &rehearsal::disable(), Some("Incident Commander"), 80),
            [
                "▶ 6 disable_key · Disable the compromised key              WRITE · can be undone",
                "    does       kms.disable_key · Make a key unusable for everyone, at once",
                "    key        key/79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f (alias/customer-pii)",
                "    where      account 111122223333 · us-east-1",
                "    as         assumed-role/responder/on-call",
                "    last used  2026-11-22T03:09:20Z for Decrypt",
                "    under it   2 buckets, 3,400 object versions",
                "    undo       kms.enable_key, which this step has ready",
                "    approval   Incident Commander",
            ]
        );
    }

    #[test]
    fn what_was_looked_at_before_the_question_stands_on_the_card_and_replaces_what_is_older() {
        use crate::run::{Aspect, Seen, Sight};
        let playbook = rehearsal::playbook();
        let radius = [
            Sight { of: Aspect::Grants, seen: Seen::Known("4 grants".into()) },
            Sight { of: Aspect::Aliases, seen: Seen::Unknown("not allowed\u{1b}[2J".into()) },
            Sight { of: Aspect::LastUse, seen: Seen::Known("2026-11-22T03:12:00Z for Decrypt".into()) },
        ];
        let known = Known::new(&playbook, &rehearsal::outputs).reaching(&radius);
        let place = Place::step("disable_key");
        let card: Vec<_> =
            lines(&place, &rehearsal::disable(), &known, None, 80).iter().map(Line::text).collect();
        assert!(card.contains(&"    grants     4 grants".to_owned()), "{card:#?}");
        let unknown = card.iter().find(|line| line.contains("aliases    unknown: not allowed"));
        assert!(unknown.is_some_and(|line| !line.contains('\u{1b}')), "{card:#?}");
        let uses: Vec<_> = card.iter().filter(|line| line.contains("last used")).collect();
        assert_eq!(uses, ["    last used  2026-11-22T03:12:00Z for Decrypt"]);
    }

    #[test]
    fn what_destroys_says_so_in_words() {
        let delete = rehearsal::delete();
        let card = card("delete_key", &delete, None, 200);
        assert!(card[0].ends_with("DESTROY · can be undone"), "{card:?}");
        let playbook = rehearsal::playbook();
        let known = Known::new(&playbook, &rehearsal::outputs);
        assert_eq!(
            names(&Place::step("delete_key"), &delete, &known),
            ["79c50f57-3f27-4d2b-8e6f-0a1b2c3d4e5f", "alias/customer-pii"]
        );
    }

    #[test]
    fn an_alias_that_was_moved_names_the_target_no_more() {
        use crate::run::{Aspect, Seen, Sight};
        let playbook = rehearsal::playbook();
        let named = |seen: Seen| {
            let radius = [Sight { of: Aspect::Aliases, seen }];
            let known = Known::new(&playbook, &rehearsal::outputs).reaching(&radius);
            names(&Place::step("delete_key"), &rehearsal::delete(), &known).len()
        };
        assert_eq!(named(Seen::Known("no aliases".into())), 1);
        assert_eq!(named(Seen::Known("1 alias: alias/customer-pii-2".into())), 1);
        assert_eq!(named(Seen::Known("2 aliases: alias/customer-pii, alias/b".into())), 2);
        assert_eq!(named(Seen::Unknown("not allowed".into())), 2, "what was known before stands");
    }

    #[test]
    fn a_program_is_shown_as_one_would_type_it() {
        let request = Request {
            action: "shell".to_owned(),
            class: Class::Write,
            input: json!({"argv": ["kubectl", "rollout", "restart", "deploy/a b", "it's", "\u{1b}[0m"]}),
        };
        let card = card("roll_out", &request, None, 100);
        assert!(card[0].contains("WRITE · CANNOT be undone"), "{card:?}");
        assert_eq!(card[2], r"    command    kubectl rollout restart 'deploy/a b' 'it'\''s' '\u{1b}[0m'");
        let playbook = rehearsal::playbook();
        let known = Known::new(&playbook, &rehearsal::outputs);
        assert_eq!(names(&Place::step("roll_out"), &request, &known), ["roll_out"]);
    }

    #[test]
    fn on_a_narrow_terminal_the_danger_moves_to_its_own_line() {
        let card = card("disable_key", &rehearsal::disable(), None, 50);
        assert_eq!(card[0], "▶ 6 disable_key · Disable the compromised key");
        assert_eq!(card[1], "    WRITE · can be undone");
        let id = KEY.rsplit('/').next().unwrap();
        assert!(card.iter().any(|line| line.ends_with(id)), "an id is never broken: {card:?}");
    }
}
