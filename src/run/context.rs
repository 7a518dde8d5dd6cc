//! Expressions, texts and inputs evaluated in a run, and what is not known of them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::effect::Request;
use super::fault::{Fault, FaultKind};
use super::notice;
use super::scope::{Local, Names};
use super::state::{Run, StepState};
use crate::document::action::{Action, Class, Shell, Wait};
use crate::document::{Expr, Input, ParamKind, Text, expr};
use crate::text::duration;

/// What came of evaluating something in a run.
#[derive(Debug)]
pub(super) enum Told<T> {
    Known(T),
    /// It depends on steps that would run, or might, but did not.
    Unknown(Vec<String>),
    Wrong(Fault),
}

impl<T> Told<T> {
    /// What follows from it, where that may fail too.
    pub(super) fn then<U>(self, follow: impl FnOnce(T) -> Told<U>) -> Told<U> {
        match self {
            Self::Known(known) => follow(known),
            Self::Unknown(because) => Told::Unknown(because),
            Self::Wrong(fault) => Told::Wrong(fault),
        }
    }

    pub(super) fn and<U>(self, other: Told<U>) -> Told<(T, U)> {
        match (self, other) {
            (Self::Known(one), Told::Known(other)) => Told::Known((one, other)),
            (Self::Wrong(fault), _) | (_, Told::Wrong(fault)) => Told::Wrong(fault),
            (Self::Unknown(because), _) | (_, Told::Unknown(because)) => Told::Unknown(because),
        }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Told<U> {
        match self {
            Self::Known(value) => Told::Known(change(value)),
            Self::Unknown(because) => Told::Unknown(because),
            Self::Wrong(fault) => Told::Wrong(fault),
        }
    }
}

impl Run {
    pub(super) fn evaluate(&self, expr: &Expr, local: Local<'_>, now: DateTime<Utc>) -> Told<Value> {
        self.with_scope(&expr.names, local, now, |scope| expr::evaluate(expr, scope))
    }

    pub(super) fn render(&self, text: &Text, local: Local<'_>, now: DateTime<Utc>) -> Told<String> {
        if !text.templated {
            return Told::Known(text.text.to_string());
        }
        self.with_scope(&text.names, local, now, |scope| expr::render(text, scope))
    }

    /// The text rendered as far as is possible: for messages that must not fail.
    pub(super) fn words(&self, text: &Text, now: DateTime<Utc>) -> String {
        match self.render(text, Local::default(), now) {
            Told::Known(words) => words,
            Told::Unknown(_) | Told::Wrong(_) => text.text.to_string(),
        }
    }

    pub(super) fn resolve(&self, input: &Input, local: Local<'_>, now: DateTime<Utc>) -> Told<Value> {
        match input {
            Input::Literal(value, _) => Told::Known(value.clone()),
            Input::Expr(expr) => self.evaluate(expr, local, now).refuse_forged_secrets(self, expr),
            Input::Text(text) => self.render(text, local, now).map(Value::String),
            Input::List(items, _) => gather(items.iter().map(|item| ((), self.resolve(item, local, now))))
                .map(|items| items.into_iter().map(|((), item)| item).collect()),
            Input::Record(fields, _) => {
                gather(fields.iter().map(|(name, field)| (name.clone(), self.resolve(field, local, now))))
                    .map(|fields| Value::Object(fields.into_iter().collect()))
            }
        }
    }

    /// The action with its inputs rendered, for an executor.
    pub(super) fn request(&self, action: &Action, local: Local<'_>, now: DateTime<Utc>) -> Told<Request> {
        let request = request_with(action, &|input| self.resolve(input, local, now));
        request.map(|request| self.with_channels(action, request))
    }

    /// The action with its inputs as far as they are known; what is not stands there as
    /// `‹steps.pin.arn›`. Only ever to be shown.
    pub(super) fn sketch(&self, action: &Action, local: Local<'_>, now: DateTime<Utc>) -> Request {
        let sketched = request_with(action, &|input| Told::Known(self.sketched(input, local, now)));
        match sketched {
            Told::Known(request) => self.with_channels(action, request),
            Told::Unknown(_) | Told::Wrong(_) => {
                Request { action: action.name().to_owned(), class: action.class(), input: Value::Null }
            }
        }
    }

    fn with_channels(&self, action: &Action, mut request: Request) -> Request {
        if let Action::Notify(notify) = action {
            request.input = self.addressed(notify, request.input);
        }
        request
    }

    fn sketched(&self, input: &Input, local: Local<'_>, now: DateTime<Utc>) -> Value {
        match (self.resolve(input, local, now), input) {
            (Told::Known(value), _) => value,
            (_, Input::Expr(expr)) => Value::String(format!("‹{}›", expr.text)),
            (_, Input::Text(text)) => Value::String(sketched_text(text)),
            (_, Input::List(items, _)) => items.iter().map(|item| self.sketched(item, local, now)).collect(),
            (_, Input::Record(fields, _)) => {
                fields.iter().map(|(name, field)| (name.clone(), self.sketched(field, local, now))).collect()
            }
            (_, Input::Literal(value, _)) => value.clone(),
        }
    }

    /// A text as far as it is known.
    pub(super) fn sketched_words(&self, text: &Text, local: Local<'_>, now: DateTime<Utc>) -> String {
        match self.render(text, local, now) {
            Told::Known(words) => words,
            Told::Unknown(_) | Told::Wrong(_) => sketched_text(text),
        }
    }

    fn with_scope<T>(
        &self,
        names: &[String],
        local: Local<'_>,
        now: DateTime<Utc>,
        evaluate: impl FnOnce(&Names<'_>) -> Result<T, String>,
    ) -> Told<T> {
        let mut unknown: Vec<_> = names.iter().filter_map(|name| self.unknown_step(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        if !unknown.is_empty() {
            return Told::Unknown(unknown);
        }
        match evaluate(&Names::of(self, local, now)) {
            Ok(value) => Told::Known(value),
            Err(message) => Told::Wrong(Fault::new(FaultKind::Undefined, message)),
        }
    }

    /// The step behind `steps.ID...` when nothing is known of what it would have told.
    fn unknown_step(&self, name: &str) -> Option<String> {
        let step = name.strip_prefix("steps.")?.split('.').next()?;
        let state = self.index(step).map(|index| self.step_state(index))?;
        matches!(state, StepState::Foreseen | StepState::Unknown).then(|| step.to_owned())
    }

    fn is_secret(&self, name: &str) -> bool {
        let param = name.strip_prefix("params.").and_then(|name| self.playbook.param(name));
        param.is_some_and(|param| param.kind == ParamKind::Secret)
    }
}

impl Told<Value> {
    /// A value that came from the world must not pose as a reference to a secret.
    fn refuse_forged_secrets(self, run: &Run, expr: &Expr) -> Self {
        match self {
            Self::Known(value)
                if names_a_secret(&value) && !expr.names.iter().all(|name| run.is_secret(name)) =>
            {
                let message = format!("`{}` gave an object with the reserved key `$secret`", expr.text);
                Self::Wrong(Fault::new(FaultKind::Refused, message))
            }
            told => told,
        }
    }
}

fn names_a_secret(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.contains_key("$secret") || fields.values().any(names_a_secret),
        Value::Array(items) => items.iter().any(names_a_secret),
        _ => false,
    }
}

/// How an input is rendered.
pub(super) type Resolve<'a> = &'a dyn Fn(&Input) -> Told<Value>;

fn request_with(action: &Action, resolve: Resolve<'_>) -> Told<Request> {
    let input = match action {
        Action::Shell(shell) => shell_input(shell, resolve),
        Action::Operation(operation) => {
            let fields = operation.inputs.iter();
            gather(fields.map(|(field, input)| (field.name.to_owned(), resolve(input)))).map(record)
        }
        Action::Wait(wait) => wait_input(wait, resolve),
        Action::Notify(notify) => notice::input(notify, resolve),
        // Whoever approves it agrees to these very words.
        Action::Manual(manual) => resolve(&Input::Text(manual.instructions.clone()))
            .map(|instructions| json!({ "instructions": instructions, "attach": manual.attach })),
        Action::Ask(_) | Action::Review(_) | Action::Assert(_) => Told::Known(Value::Null),
    };
    input.map(|input| Request { action: action.name().to_owned(), class: action.class(), input })
}

fn shell_input(shell: &Shell, resolve: Resolve<'_>) -> Told<Value> {
    let argv = gather(shell.argv.iter().map(|word| ("argv", resolve(word))));
    let env = gather(shell.env.iter().map(|(name, value)| (name.clone(), resolve(value))));
    argv.and(env).map(|(argv, env)| {
        let argv: Value = argv.into_iter().map(|(_, word)| word).collect();
        json!({ "argv": argv, "env": record(env), "success": shell.success })
    })
}

fn wait_input(wait: &Wait, resolve: Resolve<'_>) -> Told<Value> {
    match wait {
        Wait::For(length) => Told::Known(json!({ "for": duration::show(*length) })),
        Wait::Time(time) => resolve(time).map(|time| json!({ "time": time })),
        Wait::Until(watch) => request_with(&watch.action, resolve).map(|read| {
            json!({ "until": read, "holds": &*watch.holds.text, "at_most": duration::show(watch.at_most) })
        }),
    }
}

fn record(fields: Vec<(String, Value)>) -> Value {
    Value::Object(fields.into_iter().collect())
}

/// The text with its braces turned into the marks of what is not known.
fn sketched_text(text: &Text) -> String {
    text.text.replace("{{ ", "‹").replace(" }}", "›")
}

/// All of them, or the first fault, or everything that is unknown.
fn gather<K>(told: impl Iterator<Item = (K, Told<Value>)>) -> Told<Vec<(K, Value)>> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (name, told) in told {
        match told {
            Told::Known(value) => known.push((name, value)),
            Told::Unknown(because) => unknown.extend(because),
            Told::Wrong(fault) => return Told::Wrong(fault),
        }
    }
    unknown.dedup();
    if unknown.is_empty() { Told::Known(known) } else { Told::Unknown(unknown) }
}

/// Whether an action acts through an executor, or is decided or asked by the run itself.
pub(super) fn acts(action: &Action) -> bool {
    matches!(action, Action::Shell(_) | Action::Notify(_) | Action::Operation(_))
}

pub(super) fn needs_go(action: &Action) -> bool {
    acts(action) && !matches!(action.class(), Class::Read)
}
