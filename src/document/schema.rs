//! The document language as a JSON Schema (draft 2020-12), from the same tables that
//! decoding uses, so that editors complete and underline what the program would.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::action::{self, Class, Field, Kind, Spec};
use super::language::{ASK, ASSERT, DOCUMENT, Form, Key, MANUAL, NOTIFY, Noun, REVIEW, SHELL, WAIT};

/// The schema of a document.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Definitions::default();
    let mut document = definitions.noun(&DOCUMENT);
    definitions.actions();
    document["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    document["title"] = json!("playbook document");
    // A document is one of both, and has its name there.
    document["oneOf"] = json!([{ "required": ["playbook"] }, { "required": ["runbook"] }]);
    document["$defs"] = definitions.all.into_iter().collect();
    document
}

/// What is referred to by name, so that each noun is described once.
#[derive(Default)]
struct Definitions {
    all: BTreeMap<String, Value>,
}

impl Definitions {
    fn noun(&mut self, noun: &'static Noun) -> Value {
        let properties: Map<String, Value> =
            noun.keys.iter().map(|key| (key.name.to_owned(), self.key(key))).collect();
        let required: Vec<&str> = noun.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
        closed(noun.about, properties, &required)
    }

    fn key(&mut self, key: &'static Key) -> Value {
        described(self.form(key.form), key.about)
    }

    /// The schema of a noun stands among the definitions, once.
    fn reference(&mut self, noun: &'static Noun) -> Value {
        let name = name(noun);
        if !self.all.contains_key(name) {
            // Nouns refer to each other; the place is taken before looking further.
            self.all.insert(name.to_owned(), Value::Null);
            let schema = self.noun(noun);
            self.all.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn form(&mut self, form: Form) -> Value {
        match form {
            Form::Text | Form::Template | Form::Expression => scalar(),
            Form::Literal => json!({ "type": ["string", "number", "boolean"] }),
            Form::Duration => duration(),
            Form::Window => pattern(&format!("^\\s*{DURATION}\\s*\\.\\.\\s*{DURATION}\\s*$")),
            Form::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Form::Boolean => json!({ "type": "boolean" }),
            Form::Percent => pattern("^0*(100|[0-9]{1,2})\\s*%$"),
            Form::Kebab => pattern("^[a-z][a-z0-9-]*$"),
            Form::Snake => pattern("^[a-z][a-z0-9_]*$"),
            Form::Cause => pattern("^\\s*((missed|failed)\\s*\\([^,]*\\)|answered\\s*\\([^,]*,.*\\))\\s*$"),
            Form::MetBy => pattern("^\\s*((any|all)\\s*\\([A-Za-z0-9_, ]+\\)|[A-Za-z0-9_, ]+)\\s*$"),
            Form::OneOf(words) => json!({ "enum": words }),
            Form::Pattern(text) => pattern(text),
            Form::Value(kind) => value(kind, &[]),
            Form::List(inner) => json!({ "type": "array", "items": self.form(*inner) }),
            Form::OneOrMore(inner) => {
                let one = self.form(*inner);
                json!({ "anyOf": [one, { "type": "array", "items": one }] })
            }
            Form::Map(inner) => json!({ "type": "object", "additionalProperties": self.form(*inner) }),
            Form::Noun(noun) => self.reference(noun),
            Form::OnlyOne(noun) => {
                let keys = noun.keys.iter().map(|key| (key.name.to_owned(), self.key(key))).collect();
                exactly_one(noun.about, keys)
            }
            Form::Either(forms) => {
                let forms: Vec<Value> = forms.iter().map(|form| self.form(*form)).collect();
                json!({ "anyOf": forms })
            }
            Form::Action => json!({ "$ref": "#/$defs/action" }),
            Form::Reading => json!({ "$ref": "#/$defs/reading" }),
        }
    }

    /// Every action, and those that a watch may repeat.
    fn actions(&mut self) {
        let mut all = Map::new();
        let mut reading = Map::new();
        for noun in [&MANUAL, &ASK, &REVIEW, &SHELL, &NOTIFY, &WAIT, &ASSERT] {
            all.insert(name(noun).to_owned(), described(self.reference(noun), noun.about));
        }
        let read = json!({ "required": ["class"], "properties": { "class": { "const": "read" } } });
        reading.insert("shell".to_owned(), json!({ "allOf": [self.reference(&SHELL), read] }));
        for spec in action::all().filter(|spec| spec.name.contains('.')) {
            self.all.insert(spec.name.to_owned(), operation(spec));
            let reference = json!({ "$ref": format!("#/$defs/{}", spec.name) });
            all.insert(spec.name.to_owned(), reference.clone());
            if spec.class == Class::Read {
                reading.insert(spec.name.to_owned(), reference);
            }
        }
        self.all.insert("action".to_owned(), exactly_one("Exactly one action", all));
        self.all.insert("reading".to_owned(), exactly_one("Exactly one action that reads", reading));
    }
}

/// `a step` is defined as `step`, `the action shell` as `shell`, `` `retry` `` as `retry`.
fn name(noun: &Noun) -> &'static str {
    noun.name.rsplit(' ').next().unwrap_or_default().trim_matches('`')
}

fn operation(spec: &Spec) -> Value {
    let properties: Map<String, Value> = spec
        .inputs
        .iter()
        .map(|field| (field.name.to_owned(), described(value(field.kind, field.choices), field.about)))
        .collect();
    let required: Vec<&str> =
        spec.inputs.iter().filter(|field| field.required).map(|field| field.name).collect();
    let about = format!("{} ({}). Gives {}", spec.summary, spec.class.word(), gives(spec.outputs));
    let inputs = closed(&about, properties, &required);
    if required.is_empty() {
        // `sts.get_caller_identity:` without anything takes no inputs.
        return json!({ "description": about, "anyOf": [inputs, { "type": "null" }] });
    }
    inputs
}

fn gives(outputs: &[Field]) -> String {
    let names: Vec<&str> = outputs.iter().map(|field| field.name).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

fn closed(about: &str, properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "description": about,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn exactly_one(about: &str, properties: Map<String, Value>) -> Value {
    let mut schema = closed(about, properties, &[]);
    schema["minProperties"] = json!(1);
    schema["maxProperties"] = json!(1);
    schema
}

/// An editor shows the description that stands beside a reference.
fn described(mut schema: Value, about: &str) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert("description".to_owned(), json!(about));
    }
    schema
}

/// A duration, as `text::duration` reads it.
const DURATION: &str = "(0|(?=[0-9])([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?)";

fn duration() -> Value {
    json!({ "anyOf": [{ "type": "string", "pattern": format!("^\\s*{DURATION}\\s*$") }, { "const": 0 }] })
}

fn pattern(text: &str) -> Value {
    json!({ "type": "string", "pattern": text })
}

/// Any characters are a text, even if YAML takes them for a number.
fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// A value of a kind: literal, or from a template.
fn value(kind: Kind, choices: &[&str]) -> Value {
    let literal = match kind {
        Kind::Any => return json!({}),
        Kind::Text | Kind::KeyName | Kind::KeyId | Kind::Arn if choices.is_empty() => return scalar(),
        Kind::Text | Kind::KeyName | Kind::KeyId | Kind::Arn => json!({ "enum": choices }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Duration => duration(),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Record(_) => json!({ "type": "object" }),
        Kind::List(inner) => json!({ "type": "array", "items": value(*inner, &[]) }),
    };
    json!({ "anyOf": [literal, { "type": "string", "pattern": "\\{[{%]" }] })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::load;
    use crate::document::yaml;
    use crate::text::Source;

    fn accepts(text: &str) -> Result<(), String> {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let (node, faults) = yaml::parse(text);
        assert_eq!(faults, []);
        validator.validate(&node.unwrap().to_value()).map_err(|error| error.to_string())
    }

    /// Whether schema and program agree about a document.
    #[track_caller]
    fn agree(text: &str, sound: bool) {
        let loads = load(&Source::new("x.yaml", text), None).0.is_some();
        assert_eq!((loads, accepts(text).is_ok()), (sound, sound), "{text}\n{:?}", accepts(text));
    }

    const DOC: &str = "playbook: a-b
roles: { commander: Lead, ciso: { title: CISO, notify: [chat] } }
channels: { chat: { slack: { url: env(CHAT_URL) } }, mail: { email: { server: smtps://m.example.com, from: a@b.example, to: c@d.example } } }
params: { key: kms_key, wait: { type: duration, default: 0 }, n: { type: integer, default: 3 } }
severity: { default: high, levels: { high: x } }
objectives: { o: { within: 1h30m, met_by: \"any(a, b)\" } }
escalations: [{ when: missed(o), to: commander, message: x }, { when: failed(a), to: [ciso], message: 7 }]
phases:
  - id: one
    window: 0m..1h
    steps:
      - { id: a, do: { kms.describe_key: { key: \"{{ params.key }}\" } } }
      - { id: l, do: { cloudtrail.late_uses: { key: \"{{ steps.a.arn }}\" } } }
      - id: b
        title: 7
        when: true
        approve: { by: commander, count: 2 }
        do: { kms.schedule_key_deletion: { key: \"{{ steps.a.arn }}\", days: \"{{ params.n }}\" } }
        verify: { do: { shell: { argv: [x, 1, true], class: read } }, holds: result.code == 0, every: 3s }
        undo: { kms.cancel_key_deletion: { key: \"{{ steps.a.arn }}\" } }
        on_failure: goto c
      - { id: c, do: { sts.get_caller_identity: }, on_failure: { goto: d }, retry: { attempts: 2 } }
      - { id: d, do: { wait: { until: { sts.get_caller_identity: {} }, holds: true } } }
      - { id: e, do: { ask: { question: x, choices: \"{{ steps.a.aliases }}\" } }, approve: { by: ciso, count: 2 } }
      - { id: t, do: { notify: { to: [ciso, mail], message: x, event: resolve, severity: info, about: y } } }
      - { id: f, for_each: steps.a.aliases, tolerate: 5%, do: { manual: { instructions: x, attach: log } } }
";

    #[test]
    fn the_schema_is_one_of_draft_2020_12() {
        assert!(jsonschema::draft202012::meta::validate(&schema()).is_ok());
        assert!(schema()["$defs"].as_object().unwrap().values().all(Value::is_object));
    }

    #[test]
    fn what_the_program_accepts_the_schema_accepts() {
        agree(DOC, true);
    }

    #[test]
    fn what_the_schema_refuses_the_program_refuses() {
        for (sound, broken) in [
            ("playbook: a-b", "playbok: a-b"),
            ("playbook: a-b", "playbook: a-b\nrunbook: a-b"),
            ("playbook: a-b", "playbook: A_B"),
            ("title: CISO", "titel: CISO"),
            ("kms_key,", "kms_kye,"),
            ("default: high, ", ""),
            ("within: 1h30m", "within: 1.5h"),
            ("any(a, b)", "some(a)"),
            ("when: missed(o)", "when: lost(o)"),
            ("window: 0m..1h", "window: 1h"),
            ("title: 7", "titel: 7"),
            ("kms.describe_key:", "kms.describe_kye:"),
            ("days: \"{{ params.n }}\"", "days: soon"),
            ("days: \"{{ params.n }}\"", "day: 7"),
            (", days: \"{{ params.n }}\"", ""),
            ("class: read", "class: raed"),
            ("class: read", "class: write"),
            ("holds: result.code == 0, ", ""),
            ("goto c", "gotoc"),
            ("{ goto: d }", "{ got: d }"),
            ("attempts: 2", "attempts: 0"),
            ("until: { sts.get_caller_identity: {} }", "until: { manual: { instructions: x } }"),
            ("by: ciso", "bye: ciso"),
            ("5%", "500%"),
            ("instructions: x", "instruction: x"),
            ("url: env(CHAT_URL)", "url: https://example.com"),
            ("slack: { url", "slakc: { url"),
            ("chat: { slack: { url: env(CHAT_URL) } }", "chat: {}"),
            ("event: resolve", "event: solve"),
            ("severity: info", "severity: high"),
            ("server: smtps://m.example.com, ", ""),
            ("do: { ask:", "do: { kms.describe_key: { key: x }, ask:"),
        ] {
            assert!(DOC.contains(sound), "{sound}");
            agree(&DOC.replacen(sound, broken, 1), false);
        }
    }

    #[test]
    fn every_document_of_the_library_fits_the_schema() {
        for folder in ["playbooks", "runbooks"] {
            let Ok(entries) = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) else {
                continue;
            };
            for path in entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
            {
                agree(&std::fs::read_to_string(&path).unwrap(), true);
            }
        }
    }
}
