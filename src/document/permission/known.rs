//! What an input will be, as far as the document and the given parameters tell before the
//! run.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::action::{Action, Operation};
use crate::document::{Input, Playbook};

pub(super) struct Known<'a> {
    pub(super) playbook: &'a Playbook,
    pub(super) params: &'a BTreeMap<String, Value>,
}

impl Known<'_> {
    /// The text of an input. Nothing where only the run will tell, and nothing where it holds
    /// a letter that a policy would read as a pattern or a variable.
    pub(super) fn text(&self, operation: &Operation, input: &str) -> Option<String> {
        let (_, input) = operation.inputs.iter().find(|(field, _)| field.name == input)?;
        self.of(input).filter(|text| !text.is_empty() && !text.contains(['*', '?', '$']))
    }

    fn of(&self, input: &Input) -> Option<String> {
        match input {
            Input::Literal(Value::String(text), _) => Some(text.clone()),
            Input::Text(text) if !text.templated => Some(text.text.to_string()),
            Input::Expr(expr) => self.named(expr.text.trim()),
            _ => None,
        }
    }

    /// A parameter, or the key that an earlier step resolves: the same key under its ARN.
    fn named(&self, name: &str) -> Option<String> {
        if let Some(param) = name.strip_prefix("params.") {
            return self.params.get(param)?.as_str().map(str::to_owned);
        }
        let step = name.strip_prefix("steps.")?.strip_suffix(".arn")?;
        let (_, step) = self.playbook.step(step)?;
        match &step.action {
            Action::Operation(operation) if operation.spec.name == "kms.describe_key" => {
                self.text(operation, "key")
            }
            _ => None,
        }
    }
}
