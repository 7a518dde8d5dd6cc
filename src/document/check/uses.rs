//! Every place in a step where a name is looked up, and what is in scope there.

use crate::document::action::{Action, Answering, Operation, Wait, Watch};
use crate::document::expr::Use;
use crate::document::value::{Expr, Input};
use crate::document::{Escalation, Step};

/// Where a name is looked up.
#[derive(Clone, Copy)]
pub(super) struct Site<'d> {
    pub used: &'d Use,
    /// The list whose elements are called `item` here.
    pub item: Option<&'d Expr>,
    /// The action whose outputs are called `result` here.
    pub result: Option<&'d Action>,
    /// Whether the step's own outputs are there already.
    pub after: bool,
    /// Whether the name is the whole value of an environment variable of a program.
    pub env: bool,
}

#[derive(Clone, Copy, Default)]
struct Scope<'d> {
    item: Option<&'d Expr>,
    result: Option<&'d Action>,
    after: bool,
    env: bool,
}

/// Calls `look` with every use of a name in a step.
pub(super) fn of_step<'d>(step: &'d Step, look: &mut dyn FnMut(Site<'d>)) {
    let mut walk = Walk { look };
    let outer = Scope::default();
    if let Some(when) = &step.when {
        walk.expr(when, outer);
    }
    let item = step.for_each.as_ref().map(|each| &each.list);
    if let Some(list) = item {
        walk.expr(list, outer);
    }
    let inner = Scope { item, ..outer };
    walk.action(&step.action, inner);
    if let Some(verify) = &step.verify {
        walk.watch(verify, Scope { after: true, ..inner });
    }
    if let Some(undo) = &step.undo {
        walk.action(undo, Scope { after: true, ..inner });
    }
}

/// Calls `look` with every use of a name in what an escalation says.
pub(super) fn of_escalation<'d>(escalation: &'d Escalation, look: &mut dyn FnMut(&'d Use)) {
    let texts = std::iter::once(&escalation.message).chain(&escalation.met_late);
    texts.flat_map(|text| text.uses.iter()).for_each(look);
}

/// Calls `take` with every expression of a step that stands alone.
pub(super) fn exprs<'d>(step: &'d Step, take: &mut dyn FnMut(&'d Expr)) {
    step.when.iter().for_each(&mut *take);
    step.for_each.iter().for_each(|each| take(&each.list));
    for action in std::iter::once(&step.action).chain(&step.undo) {
        in_action(action, take);
    }
    if let Some(verify) = &step.verify {
        in_action(&verify.action, take);
        take(&verify.holds);
    }
}

fn in_action<'d>(action: &'d Action, take: &mut dyn FnMut(&'d Expr)) {
    match action {
        Action::Assert(assert) => take(&assert.that),
        Action::Wait(wait) => match &**wait {
            Wait::Until(watch) => {
                in_action(&watch.action, take);
                take(&watch.holds);
            }
            Wait::Time(time) => in_input(time, take),
            Wait::For(_) => {}
        },
        _ => inputs(action).for_each(|input| in_input(input, take)),
    }
}

fn in_input<'d>(input: &'d Input, take: &mut dyn FnMut(&'d Expr)) {
    match input {
        Input::Expr(expr) => take(expr),
        Input::List(items, _) => items.iter().for_each(|item| in_input(item, take)),
        Input::Record(fields, _) => fields.iter().for_each(|(_, field)| in_input(field, take)),
        Input::Literal(..) | Input::Text(_) => {}
    }
}

/// The values that an action is given, but for texts and conditions of the language itself.
pub(super) fn inputs(action: &Action) -> impl Iterator<Item = &Input> {
    #[allow(clippy::type_complexity, reason = "it is taken apart on the spot")]
    let (argv, env, fields, others): (&[Input], &[(String, Input)], &[_], [Option<&Input>; 3]) = match action
    {
        Action::Shell(shell) => (&shell.argv, &shell.env, &[], [None; 3]),
        Action::Operation(Operation { inputs, .. }) => (&[], &[], inputs, [None; 3]),
        Action::Ask(ask) => match &ask.answering {
            Answering::Choice(choices) | Answering::Several(choices) => {
                (&[], &[], &[], [Some(choices), None, None])
            }
            _ => (&[], &[], &[], [None; 3]),
        },
        Action::Manual(_) | Action::Notify(_) | Action::Wait(_) | Action::Assert(_) => {
            (&[], &[], &[], [None; 3])
        }
        Action::Review(review) => {
            (&[], &[], &[], [Some(&review.items), review.last.as_ref(), review.reviewer.as_ref()])
        }
    };
    argv.iter()
        .chain(env.iter().map(|(_, value)| value))
        .chain(fields.iter().map(|(_, input)| input))
        .chain(others.into_iter().flatten())
}

struct Walk<'w, 'd> {
    look: &'w mut dyn FnMut(Site<'d>),
}

impl<'d> Walk<'_, 'd> {
    fn one(&mut self, used: &'d Use, scope: Scope<'d>) {
        let Scope { item, result, after, env } = scope;
        (self.look)(Site { used, item, result, after, env });
    }

    fn expr(&mut self, expr: &'d Expr, scope: Scope<'d>) {
        expr.uses.iter().for_each(|used| self.one(used, scope));
    }

    fn input(&mut self, input: &'d Input, scope: Scope<'d>) {
        input.uses(&mut |used| self.one(used, scope));
    }

    fn watch(&mut self, watch: &'d Watch, scope: Scope<'d>) {
        self.action(&watch.action, scope);
        self.expr(&watch.holds, Scope { result: Some(&watch.action), ..scope });
    }

    fn action(&mut self, action: &'d Action, scope: Scope<'d>) {
        match action {
            Action::Manual(manual) => manual.instructions.uses.iter().for_each(|used| self.one(used, scope)),
            Action::Ask(ask) => ask.question.uses.iter().for_each(|used| self.one(used, scope)),
            Action::Review(review) => review.question.uses.iter().for_each(|used| self.one(used, scope)),
            Action::Notify(notify) => {
                let texts = [Some(&notify.message), notify.subject.as_ref(), notify.about.as_ref()];
                let uses = texts.into_iter().flatten().flat_map(|text| text.uses.iter());
                uses.for_each(|used| self.one(used, scope));
            }
            Action::Assert(assert) => {
                self.expr(&assert.that, scope);
                assert.message.uses.iter().for_each(|used| self.one(used, scope));
            }
            Action::Wait(wait) => match &**wait {
                Wait::For(_) => {}
                Wait::Time(time) => self.input(time, scope),
                Wait::Until(watch) => self.watch(watch, scope),
            },
            Action::Shell(shell) => {
                shell.argv.iter().for_each(|argument| self.input(argument, scope));
                for (_, value) in &shell.env {
                    let whole = matches!(value, Input::Expr(expr) if expr.tree.as_name().is_some());
                    self.input(value, Scope { env: whole, ..scope });
                }
                return;
            }
            Action::Operation(_) => {}
        }
        inputs(action).for_each(|input| self.input(input, scope));
    }
}
