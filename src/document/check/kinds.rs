//! Kinds: that what a name stands for fits where it is used.

use serde_json::Value;

use super::shape::{self, Shape};
use super::uses::{self, Site};
use crate::document::Step;
use crate::document::action::{Action, Answering, Kind, Wait, Watch};
use crate::document::draft::Draft;
use crate::document::expr::{Relation, Tree, Use};
use crate::document::value::{Expr, Input};
use crate::text::Diagnostic;

pub(super) fn check(draft: &Draft, found: &mut Vec<Diagnostic>) {
    for step in &draft.playbook.steps {
        if draft.broken.steps.contains(&step.id) {
            continue;
        }
        Kinds { draft, step, result: None, found }.step();
    }
}

struct Kinds<'c, 'd> {
    draft: &'d Draft,
    step: &'d Step,
    result: Option<&'d Action>,
    found: &'c mut Vec<Diagnostic>,
}

impl<'d> Kinds<'_, 'd> {
    fn step(mut self) {
        let step = self.step;
        if let Some(when) = &step.when {
            self.condition(when, "`when`");
        }
        if let Some(each) = &step.for_each {
            self.value(&each.list.tree, Kind::List(&Kind::Any), "`for_each`");
        }
        self.action(&step.action);
        if let Some(verify) = &step.verify {
            self.watch(verify);
        }
        if let Some(undo) = &step.undo {
            self.action(undo);
        }
        uses::exprs(step, &mut |expr| self.comparisons(&expr.tree));
    }

    fn watch(&mut self, watch: &'d Watch) {
        self.action(&watch.action);
        self.result = Some(&watch.action);
        self.condition(&watch.holds, "`holds`");
        self.comparisons(&watch.holds.tree);
        self.result = None;
    }

    fn action(&mut self, action: &'d Action) {
        match action {
            Action::Manual(_) | Action::Notify(_) => {}
            Action::Assert(assert) => self.condition(&assert.that, "`that`"),
            Action::Wait(wait) => match &**wait {
                Wait::For(_) => {}
                Wait::Time(time) => self.input(time, Kind::Time, "`time`"),
                Wait::Until(watch) => self.watch(watch),
            },
            Action::Ask(ask) => {
                if let Answering::Choice(choices) | Answering::Several(choices) = &ask.answering {
                    self.input(choices, Kind::List(&Kind::Text), "`choices`");
                }
            }
            Action::Review(review) => {
                self.input(&review.items, Kind::List(&Kind::Any), "`items`");
                if let Some(last) = &review.last {
                    self.input(last, Kind::List(&Kind::Any), "`last`");
                }
                if let Some(reviewer) = &review.reviewer {
                    self.input(reviewer, Kind::Text, "`reviewer`");
                }
            }
            Action::Shell(shell) => {
                shell.argv.iter().for_each(|argument| self.input(argument, Kind::Text, "an argument"));
                shell
                    .env
                    .iter()
                    .for_each(|(_, value)| self.input(value, Kind::Text, "an environment variable"));
            }
            Action::Operation(operation) => {
                for (field, input) in &operation.inputs {
                    let what = format!("the input `{}` of `{}`", field.name, operation.spec.name);
                    self.input(input, field.kind, &what);
                }
            }
        }
    }

    fn input(&mut self, input: &'d Input, kind: Kind, what: &str) {
        match (input, kind) {
            (Input::Expr(expr), _) => self.value(&expr.tree, kind, what),
            (Input::List(items, _), Kind::List(inner)) => {
                for item in items {
                    self.input(item, *inner, what);
                }
            }
            _ => {}
        }
    }

    /// Only an explicit true or false is an answer.
    fn condition(&mut self, expr: &'d Expr, what: &str) {
        match &*expr.tree {
            Tree::Literal(value) if !value.is_boolean() => {
                let message = format!("{what} is always {value}, which is neither true nor false");
                self.found.push(Diagnostic::error("type-mismatch", expr.span, message));
            }
            tree => self.value(tree, Kind::Boolean, what),
        }
    }

    fn shape(&self, used: &'d Use) -> Shape {
        let item = self.step.for_each.as_ref().map(|each| &each.list);
        let site = Site { used, item, result: self.result, after: true, env: false };
        shape::of_site(self.draft, site).unwrap_or(Shape::Any)
    }

    fn value(&mut self, tree: &'d Tree, kind: Kind, what: &str) {
        let Tree::Name(used) = tree else { return };
        let shape = self.shape(used);
        let fault = match fit(&shape, kind) {
            Fit::Fits => return,
            Fit::Not => {
                let message =
                    format!("{what} has to be {}, and `{}` is {}", kind.words(), used.path, shape.words());
                Diagnostic::error("type-mismatch", used.span, message)
            }
            Fit::MayBeAlias => {
                let message =
                    format!("{what} has to be a key id or key ARN, and `{}` may be an alias", used.path);
                Diagnostic::error("alias-for-key", used.span, message)
                    .label("KMS takes no alias here")
                    .help("pin it first with kms.describe_key and use steps.PIN.arn")
            }
        };
        self.found.push(fault);
    }

    fn comparisons(&mut self, tree: &'d Tree) {
        tree.visit(&mut |part| {
            let Tree::Compare { relation, left, right } = part else {
                return;
            };
            if matches!(relation, Relation::In | Relation::NotIn) {
                return;
            }
            for (name, literal) in [(left, right), (right, left)] {
                if let (Tree::Name(used), Tree::Literal(value)) = (&**name, &**literal) {
                    self.comparison(used, value);
                }
            }
        });
    }

    fn comparison(&mut self, used: &'d Use, value: &Value) {
        // A `holds` is walked twice: with its `result`, and with the step for all else.
        if (used.root() == "result") != self.result.is_some() {
            return;
        }
        let shape = self.shape(used);
        let never = match &shape {
            Shape::Scalar(Kind::Integer | Kind::Number) => value.is_string() || value.is_boolean(),
            Shape::Scalar(Kind::Boolean) => value.is_string() || value.is_number(),
            Shape::Scalar(_) => value.is_number() || value.is_boolean(),
            Shape::List(_) | Shape::Record(_) | Shape::Known(_) | Shape::Names(_) => {
                value.is_string() || value.is_number() || value.is_boolean()
            }
            Shape::Any => false,
        };
        if never {
            let message = format!("`{}` is {}: it never equals {value}", used.path, shape.words());
            let fault = Diagnostic::error("type-mismatch", used.span, message);
            self.found.push(match (&shape, value) {
                (Shape::List(_), _) => {
                    fault.help(format!("ask whether it holds it: {value} in {}", used.path))
                }
                (Shape::Scalar(Kind::Boolean), _) => fault.help("compare with true or false, without quotes"),
                _ => fault,
            });
        }
    }
}

#[derive(PartialEq, Eq)]
enum Fit {
    Fits,
    Not,
    MayBeAlias,
}

/// Whether a shape fits where a kind is expected. Many outputs are texts that hold times or
/// ARNs; a text is therefore no mismatch there.
fn fit(shape: &Shape, kind: Kind) -> Fit {
    let scalar = match (shape, kind) {
        (Shape::Any, _)
        | (_, Kind::Any)
        | (Shape::Record(_) | Shape::Known(_) | Shape::Names(_), Kind::Record(_)) => return Fit::Fits,
        (Shape::List(have), Kind::List(want)) => return fit(have, *want),
        (Shape::Scalar(have), Kind::Text) => return if is_list(*have) { Fit::Not } else { Fit::Fits },
        (Shape::Scalar(have), _) => *have,
        _ => return Fit::Not,
    };
    let fits = match kind {
        Kind::Integer | Kind::Number => matches!(scalar, Kind::Integer | Kind::Number),
        Kind::Boolean => scalar == Kind::Boolean,
        Kind::Duration => scalar == Kind::Duration,
        Kind::Time => matches!(scalar, Kind::Time | Kind::Text),
        Kind::Arn => matches!(scalar, Kind::Arn | Kind::KeyId | Kind::Text),
        Kind::KeyName => matches!(scalar, Kind::KeyName | Kind::KeyId | Kind::Arn | Kind::Text),
        Kind::KeyId if scalar == Kind::KeyName => return Fit::MayBeAlias,
        Kind::KeyId => matches!(scalar, Kind::KeyId | Kind::Arn | Kind::Text),
        _ => false,
    };
    if fits { Fit::Fits } else { Fit::Not }
}

const fn is_list(kind: Kind) -> bool {
    matches!(kind, Kind::List(_) | Kind::Record(_))
}
