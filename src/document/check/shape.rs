//! What a name stands for, as far as it is known before a run.

use super::uses::Site;
use crate::document::action::{Action, Answering, Field, Kind, Spec, Wait};
use crate::document::draft::Draft;
use crate::document::expr::ELEMENT;
use crate::document::{Playbook, Step};

/// The shape of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing is known.
    Any,
    /// Neither list nor record.
    Scalar(Kind),
    List(Box<Self>),
    Record(&'static [Field]),
    /// A record of which more is known than its action tells.
    Known(Vec<(&'static str, Self)>),
    /// Names of the author's choosing, all of one shape.
    Names(Vec<String>),
}

/// Why a name stands for nothing.
#[derive(Debug, PartialEq)]
pub(super) enum Missing {
    /// A record has no such part; these are there.
    Part { of: String, part: String, known: Vec<String> },
    /// What is no record has no parts.
    NoParts { of: String },
    /// Not known here: unknown roots, parameters, steps, and what is out of scope are told
    /// elsewhere.
    Elsewhere,
}

impl Shape {
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Any => Self::Any,
            Kind::List(inner) => Self::List(Box::new(Self::of(*inner))),
            Kind::Record(fields) => Self::Record(fields),
            scalar => Self::Scalar(scalar),
        }
    }

    /// A shape in words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Scalar(kind) => kind.words(),
            Self::List(_) => "a list",
            Self::Record(_) | Self::Known(_) | Self::Names(_) => "a map",
        }
    }

    fn part(&self, so_far: &str, part: &str) -> Result<Self, Missing> {
        let missing =
            |known: Vec<String>| Missing::Part { of: so_far.to_owned(), part: part.to_owned(), known };
        match self {
            Self::Any => Ok(Self::Any),
            Self::List(inner) if part == ELEMENT => Ok((**inner).clone()),
            Self::Record(fields) => match fields.iter().find(|field| field.name == part) {
                Some(field) => Ok(Self::of(field.kind)),
                None => Err(missing(fields.iter().map(|field| field.name.to_owned()).collect())),
            },
            Self::Known(fields) => match fields.iter().find(|(name, _)| *name == part) {
                Some((_, shape)) => Ok(shape.clone()),
                None => Err(missing(fields.iter().map(|(name, _)| (*name).to_owned()).collect())),
            },
            Self::Names(names) if names.iter().any(|name| name == part) => Ok(Self::Scalar(Kind::Text)),
            Self::Names(names) => Err(missing(names.clone())),
            // Elements of a text are its characters.
            Self::Scalar(Kind::Text) if part == ELEMENT => Ok(Self::Scalar(Kind::Text)),
            Self::List(_) | Self::Scalar(_) => Err(Missing::NoParts { of: so_far.to_owned() }),
        }
    }
}

/// The shape of what a name stands for at its site.
///
/// # Errors
/// Why it stands for nothing.
pub(super) fn of_site(draft: &Draft, site: Site<'_>) -> Result<Shape, Missing> {
    of_path(draft, &site.used.path, site)
}

fn of_path(draft: &Draft, path: &str, site: Site<'_>) -> Result<Shape, Missing> {
    let playbook = &draft.playbook;
    let mut parts = path.split('.');
    let root = parts.next().unwrap_or_default();
    let mut so_far = root.to_owned();
    let mut shape = match root {
        "params" => match parts.next() {
            None => return Ok(Shape::Any),
            Some(name) => {
                so_far = format!("params.{name}");
                of_param(draft, name)?
            }
        },
        "steps" => match parts.next() {
            None => return Ok(Shape::Any),
            Some(id) => {
                so_far = format!("steps.{id}");
                of_step(draft, id)?
            }
        },
        "roles" if draft.broken.all_roles => Shape::Any,
        "roles" => Shape::Names(playbook.roles.iter().map(|role| role.id.clone()).collect()),
        "run" => of_run(),
        "item" => of_item(draft, site)?,
        "result" => site.result.map(outputs).ok_or(Missing::Elsewhere)?,
        _ => return Err(Missing::Elsewhere),
    };
    for part in parts {
        shape = shape.part(&so_far, part)?;
        so_far = format!("{so_far}.{part}");
    }
    Ok(shape)
}

fn of_param(draft: &Draft, name: &str) -> Result<Shape, Missing> {
    if draft.broken.params.contains(name) {
        return Ok(Shape::Any);
    }
    let param = draft.playbook.param(name).ok_or(Missing::Elsewhere)?;
    Ok(Shape::of(param.kind.value_kind()))
}

fn of_step(draft: &Draft, id: &str) -> Result<Shape, Missing> {
    if draft.broken.steps.contains(id) {
        return Ok(Shape::Any);
    }
    draft.playbook.step(id).map(|(_, step)| found_by(step)).ok_or(Missing::Elsewhere)
}

/// What `steps.ID` stands for once the step is done.
pub(super) fn found_by(step: &Step) -> Shape {
    let one = outputs(&step.action);
    match &step.for_each {
        None => one,
        Some(_) => Shape::Known(vec![
            ("results", Shape::List(Box::new(one))),
            ("done", Shape::Scalar(Kind::Integer)),
            ("failed", Shape::Scalar(Kind::Integer)),
            ("unknown", Shape::Scalar(Kind::Integer)),
        ]),
    }
}

fn outputs(action: &Action) -> Shape {
    let spec: &'static Spec = action.spec();
    let known = match action {
        Action::Ask(ask) => Some(("answer", answer(&ask.answering))),
        Action::Wait(wait) => match &**wait {
            Wait::Until(watch) => Some(("result", outputs(&watch.action))),
            Wait::For(_) | Wait::Time(_) => None,
        },
        _ => None,
    };
    let Some((name, known)) = known else { return Shape::Record(spec.outputs) };
    let others = spec.outputs.iter().filter(|field| field.name != name);
    let others = others.map(|field| (field.name, Shape::of(field.kind)));
    Shape::Known(others.chain([(name, known)]).collect())
}

fn answer(answering: &Answering) -> Shape {
    Shape::of(match answering {
        Answering::Text | Answering::Choice(_) => Kind::Text,
        Answering::Number => Kind::Number,
        Answering::Time => Kind::Time,
        Answering::YesNo => Kind::Boolean,
        Answering::Several(_) => Kind::List(&Kind::Text),
    })
}

fn of_run() -> Shape {
    let texts = ["id", "started_at", "elapsed", "severity", "incident"];
    Shape::Known(texts.into_iter().map(|name| (name, Shape::Scalar(Kind::Text))).collect())
}

fn of_item(draft: &Draft, site: Site<'_>) -> Result<Shape, Missing> {
    let list = site.item.ok_or(Missing::Elsewhere)?;
    let crate::document::expr::Tree::Name(used) = &*list.tree else { return Ok(Shape::Any) };
    let outer = Site { used, item: None, result: None, ..site };
    match of_path(draft, &used.path, outer) {
        Ok(Shape::List(inner)) => Ok(*inner),
        // What is wrong with the list is told where the list stands.
        _ => Ok(Shape::Any),
    }
}

/// The names at the top of every scope.
pub(super) fn roots(site: Option<Site<'_>>) -> Vec<&'static str> {
    let mut roots = vec!["params", "steps", "run", "roles"];
    if let Some(site) = site {
        roots.extend(site.item.map(|_| "item"));
        roots.extend(site.result.map(|_| "result"));
    }
    roots
}

/// The step with an id that was decoded, with its index.
pub(super) fn sound_step<'d>(draft: &'d Draft, id: &str) -> Option<(usize, &'d Step)> {
    let playbook: &Playbook = &draft.playbook;
    playbook.step(id).filter(|_| !draft.broken.steps.contains(id))
}
