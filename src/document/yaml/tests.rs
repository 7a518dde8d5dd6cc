//! Trees and refusals, by the YAML specification.

use serde_json::json;

use super::{Content, MAX_BYTES, Node, Style, parse};
use crate::text::Diagnostic;

fn tree(text: &str) -> Node {
    let (node, faults) = parse(text);
    assert_eq!(faults, [], "{text}");
    node.unwrap_or_else(|| panic!("nothing in {text:?}"))
}

fn faults(text: &str) -> Vec<Diagnostic> {
    parse(text).1
}

fn fault<'t>(text: &'t str, code: &str) -> &'t str {
    let all = faults(text);
    let found = all.iter().find(|fault| fault.code == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {all:?}"));
    &text[found.span.range()]
}

#[test]
fn a_tree_knows_where_everything_stands() {
    let text = "clé: \"wért\" # why\nlist: [one, {two: 2}]\nblock:\n  - a: |\n      line\n      more\n\n  # end\nlast: x\n";
    let node = tree(text);
    let slice = |node: &Node| &text[node.span.range()];
    assert_eq!(slice(node.get("clé").unwrap()), "\"wért\"");
    assert_eq!(slice(node.get("list").unwrap()), "[one, {two: 2}]");
    assert_eq!(slice(node.get("block").unwrap()), "- a: |\n      line\n      more");
    assert_eq!(slice(&node), text.trim_end());
    let Content::List(items) = &node.get("block").unwrap().content else { panic!() };
    let a = items[0].get("a").unwrap();
    assert_eq!(a.text(), Some("line\nmore\n"));
    assert_eq!(a.scalar().unwrap().style, Style::Literal);
    assert_eq!(slice(a), "line\n      more");
}

#[test]
fn a_quoted_text_ends_with_its_quote() {
    let text = "a: 'it''s'   # why 'not'\nb: \"x \\\" y\" # \"\nc: [ 'd' , \"e\" ]\n'f' : g\n";
    let node = tree(text);
    assert_eq!(&text[node.get("a").unwrap().span.range()], "'it''s'");
    assert_eq!(&text[node.get("b").unwrap().span.range()], "\"x \\\" y\"");
    let Content::List(items) = &node.get("c").unwrap().content else { panic!() };
    assert_eq!(&text[items[0].span.range()], "'d'");
    assert_eq!(&text[node.entries().unwrap()[3].0.span.range()], "'f'");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_move_nothing() {
    let text = "\u{feff}a: één\r\nb:\r\n  c: wert\r\n";
    let node = tree(text);
    let c = node.get("b").unwrap().get("c").unwrap();
    assert_eq!(&text[c.span.range()], "wert");
    assert_eq!(&text[node.get("a").unwrap().span.range()], "één");
}

#[test]
fn a_tree_becomes_data() {
    let node = tree("a: [1, yes, '2', ~, 0.5, true]\nb: {c: }\n");
    assert_eq!(node.to_value(), json!({"a": [1, "yes", "2", null, 0.5, true], "b": {"c": null}}));
}

#[test]
fn an_alias_is_what_it_stands_for_and_points_at_itself() {
    let text = "a: &x {k: [v]}\nb: *x\n";
    let node = tree(text);
    assert_eq!(node.get("b").unwrap().to_value(), json!({"k": ["v"]}));
    assert_eq!(&text[node.get("b").unwrap().span.range()], "*x");
}

#[test]
fn nothing_at_all_is_no_node() {
    for text in ["", "\n", "# only a comment\n"] {
        let (node, faults) = parse(text);
        assert!(node.is_none() && faults.is_empty(), "{text:?}: {node:?} {faults:?}");
    }
}

#[test]
fn what_a_document_never_needs_is_refused_where_it_stands() {
    assert_eq!(fault("a: 1\nb: 2\na: 3\n", "duplicate-key"), "a");
    assert_eq!(fault("a: !!str 1\n", "tag"), "!!str 1");
    assert_eq!(fault("? [a, b]\n: c\n", "key"), "[a, b]");
    assert_eq!(fault("a: 1\n---\nb: 2\n", "several-documents"), "---");
    assert_eq!(fault("a: &x [*x]\n", "alias"), "*x");
    assert_eq!(fault("a: b\0c\n", "not-text"), "\0");
    assert_eq!(fault("a: [1, 2\nb: 3\n", "yaml").len(), 1);
    assert_eq!(fault("a:\n\t- b\n", "yaml"), "\t");
}

#[test]
fn a_duplicate_key_points_at_both() {
    let text = "a: 1\nb: 2\na: 3\n";
    let found = &faults(text)[0];
    assert_eq!((found.span.start, found.others[0].span.start), (10, 0));
}

#[test]
fn a_duplicate_key_is_found_in_a_map_of_any_size() {
    let many = (0..100).map(|number| format!("k{number}: x\n")).collect::<Vec<_>>().concat();
    for twice in ["k0", "k15", "k16", "k17", "k99"] {
        assert_eq!(fault(&format!("{many}{twice}: y\n"), "duplicate-key"), twice);
    }
}

#[test]
fn all_duplicate_keys_are_told_at_once() {
    assert_eq!(faults("a: 1\na: 2\nb: {c: 1, c: 2}\n").len(), 2);
}

#[test]
fn an_alias_bomb_is_refused_before_it_goes_off() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    assert_eq!(fault(&bomb, "alias"), "*a3");
}

#[test]
fn deep_nesting_and_large_texts_are_refused() {
    assert_eq!(faults(&"[".repeat(100_000))[0].code, "too-deep");
    assert_eq!(faults(&"- ".repeat(100_000))[0].code, "too-deep");
    assert_eq!(faults(&"#".repeat(MAX_BYTES + 1))[0].code, "too-large");
}

mod any_text {
    use proptest::prelude::*;

    use super::parse;

    fn whole(text: &str) {
        let (_, faults) = parse(text);
        for fault in faults {
            for span in std::iter::once(fault.span).chain(fault.others.iter().map(|other| other.span)) {
                assert!(text.get(span.range()).is_some(), "{span:?} cuts {text:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn random_characters_are_read_or_refused(text in "\\PC{0,200}") {
            whole(&text);
        }

        #[test]
        fn fragments_of_yaml_are_read_or_refused(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "a", ": ", ":", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "\"", "'", "|", ">", "&x ", "*x",
                    "!!t ", "---", "...", "#", "? ", "%YAML 1.2", "\t", "é", "\r\n", "~", "|2-\n", "\\x", "\u{feff}", "<<",
                ]),
                0..60,
            )
        ) {
            whole(&parts.concat());
        }
    }
}
