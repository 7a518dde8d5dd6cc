use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// The more can be done, the higher; a doubt lies between.
fn rank(answer: &Value) -> u8 {
    match answer["verdict"].as_str().unwrap() {
        "Allowed" => 3,
        "AllowedIf" => 2,
        "Unknown" => 1,
        _ => 0,
    }
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = select(vec!["Allow", "Allow", "Deny"]);
    let action = select(vec!["kms:*", "kms:Decrypt", "kms:De*", "s3:*", "*"]);
    let resource =
        select(vec!["*", KEY, "arn:aws:kms:*:111122223333:key/*", "arn:aws:s3:::x", "arn:aws:kms:us-*"]);
    let condition = select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"kms:ViaService": "s3"}}),
        json!({"StringNotEquals": {"kms:ViaService": "s3"}}),
        json!({"StringLikeIfExists": {"kms:ViaService": "ec*"}}),
        json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Null": {"kms:ViaService": "true"}}),
    ]);
    (effect, action, resource, condition).prop_map(|(effect, action, resource, condition)| {
        json!({"Effect": effect, "Action": action, "Resource": resource, "Condition": condition})
    })
}

fn named(statements: Vec<Value>, principals: &[&str]) -> Vec<Value> {
    let name = |(at, mut statement): (usize, Value)| {
        statement["Principal"] = json!({"AWS": principals[at % principals.len()]});
        statement
    };
    statements.into_iter().enumerate().map(name).collect()
}

prop_compose! {
    fn line()(
        identity in vec(statement(), 0..4),
        key in vec(statement(), 0..4),
        boundary in proptest::option::of(vec(statement(), 0..3)),
        who in select(vec![ANA, APP, APP_SESSION]),
        discover in any::<bool>(),
        via in select(vec![Value::Null, "s3".into(), "ec2".into()]),
    ) -> Line {
        let mut line = decrypt(who)
            .identity(identity.into())
            .key_policy(named(key, &[ROOT, ANA, APP, "*", APP_SESSION]).into())
            .with("discover", discover.into());
        if let Some(boundary) = boundary {
            line = line.boundary(boundary.into());
        }
        if via.is_null() { line } else { line.context("kms:ViaService", via) }
    }
}

/// Every context of the keys that statements here ask about.
fn every_context() -> Vec<Value> {
    let mut contexts = vec![json!({})];
    for (key, values) in [
        ("kms:ViaService", vec![json!("s3"), json!("ec2"), json!("x")]),
        ("kms:ResourceAliases", vec![json!(["alias/a"]), json!(["alias/b", "alias/a"]), json!(["alias/b"])]),
        ("aws:SecureTransport", vec![json!("true"), json!("false")]),
    ] {
        let with = |context: &Value, value: &Value| {
            let mut context = context.clone();
            context[key] = value.clone();
            context
        };
        let more = contexts
            .iter()
            .flat_map(|context| values.iter().map(|value| with(context, value)).collect::<Vec<_>>());
        contexts = contexts.clone().into_iter().chain(more.collect::<Vec<_>>()).collect();
    }
    contexts
}

/// Whether a condition as it is told holds in a context, read from its words alone.
fn is_met(told: &str, context: &Value) -> bool {
    let (any, all) = (alternatives(told), split_outside(told, " and "));
    if any.len() > 1 {
        return any.iter().any(|part| is_met(part, context));
    }
    if all.len() > 1 {
        return all.iter().all(|part| is_met(part, context));
    }
    match told.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_met(inner, context),
        None => is_met_alone(told, context),
    }
}

/// The alternatives of a sentence, of which ", or is absent" belongs to the one before it.
fn alternatives(told: &str) -> Vec<String> {
    split_outside(&told.replace(", or is absent", ", ABSENT"), " or ")
        .into_iter()
        .map(|part| part.replace(", ABSENT", ", or is absent"))
        .collect()
}

/// Parts of a sentence between words that stand outside of brackets.
fn split_outside(told: &str, word: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut at) = (Vec::new(), String::new(), 0, 0);
    while at < told.len() {
        let rest = &told[at..];
        if depth == 0 && rest.starts_with(word) {
            parts.push(std::mem::take(&mut part));
            at += word.len();
            continue;
        }
        let letter = rest.chars().next().unwrap();
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        part.push(letter);
        at += letter.len_utf8();
    }
    parts.push(part);
    parts
}

fn is_met_alone(told: &str, context: &Value) -> bool {
    let via = context["kms:ViaService"].as_str();
    let secure = context["aws:SecureTransport"].as_str();
    let has_a = context["kms:ResourceAliases"].as_array().is_some_and(|all| all.contains(&json!("alias/a")));
    match told {
        "kms:ViaService is `s3`" => via == Some("s3"),
        "kms:ViaService is not `s3`, or is absent" => via != Some("s3"),
        "kms:ViaService is absent" => via.is_none(),
        "kms:ViaService is present" => via.is_some(),
        "kms:ViaService matches `ec*`" => via == Some("ec2"),
        "kms:ViaService does not match `ec*`, or is absent" => via != Some("ec2"),
        "at least one value of kms:ResourceAliases is `alias/a`" => has_a,
        "no value of kms:ResourceAliases is `alias/a`" => !has_a,
        "aws:SecureTransport is `true`" => secure == Some("true"),
        "aws:SecureTransport is not `true`, or is absent" => secure != Some("true"),
        other => panic!("`{other}` is told, and nobody asked for it"),
    }
}

fn push(line: &Line, layer: &str, statement: Value) -> Line {
    let mut line = line.clone();
    let policy = if layer == "identity_policies" { &mut line.0[layer][0] } else { &mut line.0[layer] };
    policy["Statement"].as_array_mut().unwrap().push(statement);
    line
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn adding_a_deny_never_allows(line in line(), mut deny in statement()) {
        deny["Effect"] = "Deny".into();
        let before = rank(&line.answer());
        prop_assert!(rank(&push(&line, "identity_policies", deny.clone()).answer()) <= before);
        deny["Principal"] = "*".into();
        prop_assert!(rank(&push(&line, "resource_policy", deny).answer()) <= before);
    }

    #[test]
    fn adding_an_allow_never_denies(line in line(), mut more in statement()) {
        more["Effect"] = "Allow".into();
        prop_assert!(rank(&push(&line, "identity_policies", more).answer()) >= rank(&line.answer()));
    }

    #[test]
    fn the_order_of_statements_never_matters(line in line()) {
        let mut turned = line.clone();
        for pointer in ["/identity_policies/0/Statement", "/resource_policy/Statement", "/boundary/Statement"] {
            if let Some(statements) = turned.0.pointer_mut(pointer) {
                statements.as_array_mut().unwrap().reverse();
            }
        }
        prop_assert_eq!(&turned.answer()["verdict"], &line.answer()["verdict"]);
    }

    #[test]
    fn a_narrower_resource_never_widens(line in line(), at in 0..4_usize) {
        let mut narrow = line.clone();
        if let Some(statement) = narrow.0["identity_policies"][0]["Statement"].get_mut(at)
            && statement["Effect"] == "Allow"
        {
            statement["Resource"] = "arn:aws:kms:eu-west-1:111122223333:key/0*".into();
        }
        prop_assert!(rank(&narrow.answer()) <= rank(&line.answer()));
    }

    /// What discovery promises, or rules out, a known context cannot contradict.
    #[test]
    fn discovery_covers_every_known_context(line in line(), via in select(vec!["s3", "ec2", "x"]), secure in any::<bool>()) {
        let discovered = rank(&line.clone().with("discover", true.into()).answer());
        let known = line.with("discover", false.into())
            .context("kms:ViaService", via.into())
            .context("aws:SecureTransport", secure.into());
        let mut open = known.clone().with("discover", true.into());
        open.0["request"]["context"].as_object_mut().unwrap().clear();
        let strict = rank(&known.answer());
        let open = rank(&open.answer());
        prop_assert!(strict == 0 || open > 0, "{:#}", known.0);
        prop_assert!(open < 3 || strict == 3, "{:#}", known.0);
        prop_assert!(discovered <= 3);
    }

    /// What discovery allows on conditions is allowed strictly in a context that meets all that
    /// is told, and denied in one that meets nothing of it.
    #[test]
    fn what_is_allowed_on_conditions_is_allowed_where_they_are_met(line in line()) {
        let mut open = line.with("discover", true.into());
        open.0["request"]["context"].as_object_mut().unwrap().clear();
        open.0["request"]["principal"] = APP_SESSION.into();
        let answer = open.answer();
        let told: Vec<&str> = answer["conditions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let contexts = every_context();
        let strict = |context: &Value| {
            let mut known = open.clone().with("discover", false.into());
            known.0["request"]["context"] = context.clone();
            rank(&known.answer())
        };
        for context in &contexts {
            let met = told.iter().all(|condition| is_met(condition, context));
            prop_assert_eq!(
                strict(context) == 3,
                rank(&answer) > 0 && met,
                "{:#}\n{:#}\n{:#}", open.0, answer, context
            );
        }
    }

    #[test]
    fn a_narrower_condition_never_widens(line in line(), at in 0..4_usize) {
        let mut narrow = line.clone();
        if let Some(statement) = narrow.0["identity_policies"][0]["Statement"].get_mut(at)
            && statement["Effect"] == "Allow"
        {
            statement["Condition"]["DateLessThan"] = json!({"aws:CurrentTime": "2020-01-01T00:00:00Z"});
        }
        prop_assert!(rank(&narrow.answer()) <= rank(&line.answer()));
    }

    /// "Action" ignores case, and so do the names of condition keys and of operators.
    #[test]
    fn the_case_of_actions_and_of_condition_keys_never_matters(line in line()) {
        let turned = |text: &str| text.replace("kms:", "KMS:").replace("Decrypt", "dECRYPT").replace("ViaService", "viaSERVICE");
        let mut other = line.clone();
        for layer in ["identity_policies", "resource_policy", "boundary"] {
            if !other.0[layer].is_null() {
                let text = other.0[layer].to_string().replace("arn:aws:kms:", "ARN-OF-A-KEY:");
                let text = turned(&text).replace("ARN-OF-A-KEY:", "arn:aws:kms:");
                other.0[layer] = serde_json::from_str(&text).unwrap();
            }
        }
        prop_assert_eq!(&other.answer()["verdict"], &line.answer()["verdict"]);
    }

    /// A layer that is added only takes away.
    #[test]
    fn a_guardrail_or_a_limit_never_allows(line in line(), more in vec(statement(), 0..4)) {
        let before = rank(&line.answer());
        for layer in ["scps", "rcps", "session_policies"] {
            let policies = match layer {
                "session_policies" => json!([policy(more.clone().into())]),
                "rcps" => json!([[policy(named(more.clone(), &["*"]).into())]]),
                _ => json!([[policy(more.clone().into())]]),
            };
            prop_assert!(rank(&line.clone().with(layer, policies).answer()) <= before, "{}", layer);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(line in line(), at in any::<prop::sample::Index>(), with in "\\PC{0,4}", cut in any::<prop::sample::Index>()) {
        let text = line.0.to_string();
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        let end = (at + cut.index(8)).min(letters.len());
        let broken: String = letters[..at].iter().copied().chain(with.chars()).chain(letters[end..].iter().copied()).collect();
        let _ = answer(&broken);
    }
}
