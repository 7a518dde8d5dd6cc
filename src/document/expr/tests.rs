//! Expectations come from the language contract: strict, typed, data for ever.

use serde_json::{Value, json};

use super::{Expr, Text, evaluate, render};
use crate::document::value::Input;
use crate::text::Span;

fn scope() -> Value {
    json!({
        "params": {"containment": "disable", "count": 3, "names": ["a", "b"], "wait": "15m", "none": null},
        "steps": {"pin": {"arn": "arn:aws:kms:eu-west-1:111122223333:key/1", "aliases": ["alias/a"]},
                  "grants": {"list": [{"grantee": "x"}, {"grantee": "y"}]}},
        "item": {"id": 7, "evil": "{{ params.count }}"},
    })
}

fn eval(text: &str) -> Result<Value, String> {
    evaluate(&Expr::parse(text).unwrap_or_else(|flaws| panic!("{flaws:?}")), &scope())
}

fn names(text: &str) -> Vec<String> {
    Text::parse(text).unwrap().names.to_vec()
}

#[test]
fn expressions_keep_the_type_of_what_they_give() {
    for (text, value) in [
        ("params.count", json!(3)),
        ("params.count + 1", json!(4)),
        ("params.count / 2", json!(1.5)),
        ("params.names", json!(["a", "b"])),
        ("params.containment == 'disable'", json!(true)),
        ("'b' in params.names and not params.count > 3", json!(true)),
        ("steps.grants.list | map(attribute='grantee') | list", json!(["x", "y"])),
        ("steps.grants.list[1].grantee", json!("y")),
        ("steps['pin'].aliases | length", json!(1)),
        ("{'a': [params.count, none]}", json!({"a": [3, null]})),
        ("params.none", json!(null)),
        ("18446744073709551615", json!(u64::MAX)),
        ("item", json!({"id": 7, "evil": "{{ params.count }}"})),
        ("item | tojson", json!("{\"id\": 7, \"evil\": \"{{ params.count }}\"}")),
        ("range(3) | list", json!([0, 1, 2])),
    ] {
        assert_eq!(eval(text), Ok(value), "{text}");
    }
}

#[test]
fn an_undefined_name_stops_and_never_reads_as_false() {
    for text in [
        "params.nothing",
        "params.nothing == 'x'",
        "params.nothing != 'x'",
        "not params.nothing",
        "params.count == 3 or params.nothing",
        "params.nothing in ['a']",
        "steps.later.answer == 'yes'",
        "steps.grants.list[0].nothing == 'x'",
        "steps.grants.list[9] == 'x'",
        "item['nothing'] == 1",
        "params[params.containment] == 1",
        "params.none.deeper == 1",
        "nothing",
        "'a' if false",
    ] {
        let outcome = eval(text);
        assert!(outcome.as_ref().is_err_and(|message| message.contains("undefined")), "{text}: {outcome:?}");
    }
}

#[test]
fn asking_whether_a_name_is_defined_is_no_look_at_it() {
    for (text, value) in [
        ("params.nothing is defined", json!(false)),
        ("steps.later.answer is defined", json!(false)),
        ("steps.later.answer is undefined", json!(true)),
        ("steps.later is defined and steps.later.answer == 'yes'", json!(false)),
        ("steps.later.answer is defined and steps.later.answer == 'yes'", json!(false)),
        ("steps.later is not defined or steps.later.answer == 'yes'", json!(true)),
        ("steps.later.answer | default('none')", json!("none")),
        ("steps.pin.arn is defined", json!(true)),
        ("params.none is defined", json!(true)),
    ] {
        assert_eq!(eval(text), Ok(value), "{text}");
    }
}

#[test]
fn what_is_no_data_is_refused() {
    for text in ["range", "1 / 0", "1e308 * 10", "10 ** 30", "'a' * 1000000000"] {
        assert!(eval(text).is_err(), "{text}: {:?}", eval(text));
    }
}

#[test]
fn what_would_swell_without_end_is_refused() {
    for text in [
        "'a' | indent(1000000000000000000)",
        "[1] | batch(1000000000000, 0) | list",
        "['a'] | map('indent', 99999999999) | list",
    ] {
        let refused = match Expr::parse(text) {
            Ok(expr) => evaluate(&expr, &scope()).is_err(),
            Err(_) => true,
        };
        assert!(refused, "{text}");
    }
}

#[test]
fn what_is_too_large_to_walk_is_refused() {
    let sum = format!("1{}", " + 1".repeat(100_000));
    assert!(Expr::parse(&sum).is_err());
    for text in [
        format!("{{{{ {sum} }}}}"),
        format!("x {{{{ {} }}}}", sum[..50_000].trim_end_matches([' ', '+'])),
        format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(4000)),
        format!("{{{{ a }}}}{}", "\n".repeat(70_000)),
        format!("{{{{ a }}}}{}", "x".repeat(70_000)),
    ] {
        assert!(Text::parse(&text).is_err(), "{}", &text[..60]);
    }
    let long = format!("{{{{ params.count }}}}{}", "line of text\n".repeat(4000));
    assert_eq!(render(&Text::parse(&long).unwrap(), &scope()).unwrap().len(), long.len() - 17);
    assert!(Text::parse(&"no template ".repeat(100_000)).is_ok());
    let elifs =
        format!("{{% if params.none %}}a{}{{% else %}}b{{% endif %}}", "{% elif params.none %}c".repeat(390));
    assert_eq!(render(&Text::parse(&elifs).unwrap(), &scope()).as_deref(), Ok("b"));
    let widest = format!("1{}", " + 1".repeat(199));
    assert_eq!(eval(&widest), Ok(json!(200)));
    let deepest = format!("{}1{}", "(".repeat(2000), ")".repeat(2000));
    assert!(Expr::parse(&deepest).is_err());
}

#[test]
fn a_step_that_did_not_run_is_named() {
    let message = eval("steps.later.answer == 1").unwrap_err();
    assert!(message.contains("step `later` was skipped, failed, or has not run"), "{message}");
}

#[test]
fn an_endless_expression_runs_out_of_fuel() {
    let text =
        Text::parse("{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}").unwrap();
    assert!(render(&text, &scope()).unwrap_err().contains("fuel"));
}

#[test]
fn texts_render_and_what_they_take_in_is_not_rendered_again() {
    for (text, rendered) in [
        ("plain {text}", "plain {text}"),
        ("{{ item.evil }}", "{{ params.count }}"),
        ("n={{ params.count }}, {{ steps.pin.arn }}", "n=3, arn:aws:kms:eu-west-1:111122223333:key/1"),
        ("{% for g in steps.grants.list %}\n- {{ g.grantee }}\n{% endfor %}\n", "- x\n- y\n"),
        ("{% if steps.later is defined %}{{ steps.later.x }}{% else %}not run{% endif %}", "not run"),
        ("line\n", "line\n"),
    ] {
        assert_eq!(render(&Text::parse(text).unwrap(), &scope()).as_deref(), Ok(rendered), "{text}");
    }
    assert!(render(&Text::parse("{{ params.nothing }}").unwrap(), &scope()).is_err());
}

#[test]
fn inputs_resolve_deeply() {
    let span = Span::new(0, 0);
    let input = Input::Record(
        vec![(
            "a".to_owned(),
            Input::List(
                vec![
                    Input::Expr(Expr::parse("params.count").unwrap()),
                    Input::Text(Text::parse("<{{ params.count }}>").unwrap()),
                ],
                span,
            ),
        )],
        span,
    );
    assert_eq!(input.resolve(&scope()), Ok(json!({"a": [3, "<3>"]})));
}

#[test]
fn names_are_those_that_the_scope_has_to_give() {
    assert_eq!(
        names("{{ steps.pin.arn }} and {{ steps.pin.arn }} {{ item['id'] }}"),
        ["steps.pin.arn", "item.id"]
    );
    assert_eq!(
        names(
            "{% for g in steps.grants.list %}{{ g.grantee }}{{ loop.index }}{{ params.count }}{% endfor %}"
        ),
        ["steps.grants.list", "params.count"]
    );
    assert_eq!(names("{% set x = params.count %}{{ x }}"), ["params.count"]);
    assert_eq!(names("no template"), Vec::<String>::new());
}

#[test]
fn elements_of_lists_are_known_by_where_they_come_from() {
    let text = Text::parse("{% for g in steps.grants.list %}{{ g.grantee }}{% endfor %}").unwrap();
    let paths: Vec<_> = text.uses.iter().map(|used| used.path.as_str()).collect();
    assert_eq!(paths, ["steps.grants.list", "steps.grants.list.[].grantee"]);
    assert_eq!(&text.text[text.uses[1].span.range()], "g.grantee");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (text, place) in [
        ("params.count ==", "=="),
        ("params.count | lowr", "lowr"),
        ("params.count is definde", "definde"),
        ("run('x')", "run"),
        ("'a'.upper()", "'a'.upper"),
        ("a b", "b"),
    ] {
        let flaws = Expr::parse(text).unwrap_err();
        assert_eq!(&text[flaws[0].range.clone()], place, "{flaws:?}");
    }
    for text in [
        "{{ a",
        "{% if x %}",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% import 'x' as y %}",
        "{{ }}",
    ] {
        assert!(Text::parse(text).is_err(), "{text}");
    }
}

mod any_text {
    use proptest::prelude::*;

    use super::{Expr, Text, evaluate, render, scope};

    proptest! {
        #[test]
        fn anything_is_read_or_refused(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "params", ".", "count", " ", "[", "]", "(", ")", "'", "{{", "}}", "{%", "%}", "if", "for x in", "endfor",
                    "endif", "|", "default", "is", "defined", "not", "==", "1", "-", "é", "{#", "#}", "~", "\n", "range", "*",
                ]),
                0..30,
            )
        ) {
            let text = parts.concat();
            if let Ok(expr) = Expr::parse(&text) {
                let _ = evaluate(&expr, &scope());
            }
            if let Ok(text) = Text::parse(&text) {
                let _ = render(&text, &scope());
            }
        }
    }
}
