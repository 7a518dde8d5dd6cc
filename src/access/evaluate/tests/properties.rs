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
