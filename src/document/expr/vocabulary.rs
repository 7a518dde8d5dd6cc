//! The filters, tests and functions of expressions. All of them are minijinja's own, none
//! looks at anything but its arguments; what would show internals is left out.

pub const FILTERS: &[&str] = &[
    "abs",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "zip",
];

/// Filters that the engine has and the language has not: those that make as much of nothing
/// as they are told to, those for HTML, and those that show internals.
pub(super) const NO_FILTERS: &[&str] =
    &["attr", "batch", "chain", "e", "escape", "format", "indent", "pprint", "safe", "slice"];

pub const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

pub const FUNCTIONS: &[&str] = &["dict", "range"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_known_to_the_template_engine() {
        let environment = minijinja::Environment::new();
        for (kind, words) in [("filter", FILTERS), ("test", TESTS)] {
            for word in words {
                let expression = format!("'{word}' is {kind}");
                let known = environment.compile_expression(&expression).unwrap().eval(()).unwrap();
                assert!(known.is_true(), "{expression}");
            }
        }
        for word in FUNCTIONS {
            assert!(environment.globals().any(|(name, _)| name == *word), "{word}");
        }
    }
}
