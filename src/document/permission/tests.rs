//! Policies against the grammar of IAM and the document that they are derived from.

use super::*;
use crate::document::load;
use crate::text::Source;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn playbook(steps: &str) -> Playbook {
    let head = "runbook: r\ntitle: R\nversion: 1\nowner: O\nsummary: S.\nparams:\n  key: { type: kms_key }\n  role: { type: string }\nroles:\n  ciso: { title: CISO }\nphases:\n  - id: p\n    title: P\n    steps:\n";
    let steps: String = steps.lines().map(|line| ["      ", line, "\n"].concat()).collect();
    let (playbook, diagnostics) = load(&Source::new("r.yaml", head.to_owned() + &steps), Some("r"));
    playbook.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

const STEPS: &str = r#"
- id: pin
  do: { kms.describe_key: { key: "{{ params.key }}" } }
- id: disable
  do: { kms.disable_key: { key: "{{ steps.pin.arn }}" } }
  undo: { kms.enable_key: { key: "{{ steps.pin.arn }}" } }
- id: sessions
  do: { iam.revoke_sessions: { role: "{{ params.role }}" } }
- id: late
  do: { cloudtrail.late_uses: { key: "{{ steps.pin.arn }}" } }
- id: delete
  approve: { by: ciso, count: 2 }
  do: { kms.schedule_key_deletion: { key: "{{ steps.pin.arn }}", days: 30 } }
"#;

fn derived(key: &str, role: &str) -> Vec<Policy> {
    let params = [("key", key), ("role", role)];
    let params = params.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    policies(&needs(&playbook(STEPS), &params))
}

fn of(policies: &[Policy], duty: Duty) -> &Policy {
    policies.iter().find(|policy| policy.duty == duty).expect("a policy")
}

fn statement<'a>(policy: &'a Policy, action: &str) -> &'a Value {
    let holds =
        |it: &&Value| it["Action"].as_array().is_some_and(|actions| actions.iter().any(|it| it == action));
    policy.document["Statement"].as_array().and_then(|all| all.iter().find(holds)).expect("a statement")
}

#[test]
fn a_key_that_is_given_by_its_arn_is_the_only_one() {
    let policies = derived(KEY, "etl");
    assert_eq!(
        statement(of(&policies, Duty::Contain), "kms:DisableKey")["Resource"],
        serde_json::json!([KEY])
    );
    let role = &statement(of(&policies, Duty::Contain), "iam:PutRolePolicy")["Resource"];
    assert_eq!(*role, serde_json::json!(["arn:aws:iam::*:role/*/etl", "arn:aws:iam::*:role/etl"]));
}

#[test]
fn a_multi_region_key_is_looked_at_in_every_region_and_changed_in_its_own() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
    let policies = derived(key, "etl");
    assert_eq!(
        statement(of(&policies, Duty::Read), "kms:DescribeKey")["Resource"],
        serde_json::json!(["arn:aws:kms:*:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"])
    );
    for (duty, action) in [(Duty::Contain, "kms:DisableKey"), (Duty::Destroy, "kms:ScheduleKeyDeletion")] {
        assert_eq!(statement(of(&policies, duty), action)["Resource"], serde_json::json!([key]));
    }
}

#[test]
fn an_alias_narrows_nothing_because_it_can_be_moved() {
    let policies = derived("alias/pii", "etl");
    let resources = &statement(of(&policies, Duty::Contain), "kms:DisableKey")["Resource"];
    assert_eq!(*resources, serde_json::json!(["arn:aws:kms:*:*:key/*"]));
}

#[test]
fn a_value_never_becomes_a_pattern_or_a_variable() {
    for odd in ["a*b", "${aws:username}", "x?"] {
        let resources =
            &statement(of(&derived(odd, odd), Duty::Contain), "iam:PutRolePolicy")["Resource"].clone();
        assert_eq!(*resources, serde_json::json!(["arn:aws:iam::*:role/*"]), "{odd}");
    }
}

#[test]
fn nobody_who_only_looks_may_change_anything_and_what_destroys_wants_a_second_factor() {
    let policies = derived(KEY, "etl");
    let read = of(&policies, Duty::Read);
    assert!(
        read.because
            .keys()
            .all(|action| resource::only_looks(action) || *action == "iam:SimulatePrincipalPolicy")
    );
    let destroy = of(&policies, Duty::Destroy);
    let mfa =
        &statement(destroy, "kms:ScheduleKeyDeletion")["Condition"]["Bool"]["aws:MultiFactorAuthPresent"];
    assert_eq!(mfa, "true");
    let enable = of(&policies, Duty::Contain).because["kms:EnableKey"].iter().map(ToString::to_string);
    assert_eq!(enable.collect::<Vec<_>>(), ["undoing step disable"]);
}

#[test]
fn sids_are_letters_and_digits_and_stand_once_and_every_policy_fits() {
    let of = |name: &str| {
        let found = crate::document::Library::new(Vec::new()).find(name).expect("built in");
        let (playbook, _) = load(&found.source, Some(name));
        policies(&needs(&playbook.expect("a document"), &BTreeMap::new()))
    };
    // The deletion is a run of its own, and so are its permissions.
    let (incident, deletion) = (of("key-compromise"), of("delete-compromised-key"));
    let duties = |policies: &[Policy]| policies.iter().map(|policy| policy.duty).collect::<Vec<_>>();
    assert_eq!(duties(&incident), [Duty::Read, Duty::Contain, Duty::Recover]);
    assert_eq!(duties(&deletion), [Duty::Read, Duty::Destroy]);
    for policy in incident.iter().chain(&deletion) {
        assert!(policy.size() <= LARGEST, "{:?}: {}", policy.duty, policy.size());
        let statements = policy.document["Statement"].as_array().expect("statements");
        let sids: Vec<_> = statements.iter().map(|it| it["Sid"].as_str().expect("a Sid")).collect();
        let distinct: std::collections::BTreeSet<_> = sids.iter().collect();
        assert_eq!(distinct.len(), sids.len(), "{sids:?}");
        assert!(sids.iter().all(|sid| sid.bytes().all(|byte| byte.is_ascii_alphanumeric())), "{sids:?}");
    }
}

#[test]
fn more_than_one_policy_takes_is_split_between_statements() {
    let need = |at: usize| Need {
        action: "kms:DisableKey",
        resources: vec![format!("arn:aws:kms:*:*:key/{at}-{}", "0".repeat(100))],
        only: if at.is_multiple_of(2) { Only::Always } else { Only::ThroughS3 },
        duty: Duty::Contain,
        for_what: ForWhat::Step("s".to_owned()),
    };
    let policies = policies(&(0..80).map(need).collect::<Vec<_>>());
    assert_eq!(policies.len(), 2, "80 ARNs of 130 characters");
    assert!(policies.iter().all(|policy| policy.size() <= LARGEST));
}

#[test]
fn whoever_reads_may_read_what_the_look_before_each_write_and_each_undo_reads() {
    let policies = derived(KEY, "etl");
    let because = &of(&policies, Duty::Read).because;
    let wanted = |action: &str, step: &str| {
        because.get(action).is_some_and(|wants| wants.contains(&ForWhat::Looking(step.to_owned())))
    };
    for action in ["kms:DescribeKey", "kms:ListAliases", "kms:ListGrants", "kms:GetKeyLastUsage"] {
        assert!(wanted(action, "disable") && wanted(action, "delete"), "{action}");
    }
    for action in ["iam:GetRole", "iam:ListAttachedRolePolicies"] {
        assert!(wanted(action, "sessions"), "{action}");
    }
    let looked = &statement(of(&policies, Duty::Read), "kms:ListGrants")["Resource"];
    assert_eq!(*looked, serde_json::json!([KEY]));
    // Which key an alias leaves is known when it is looked at, and no policy can name it before.
    let playbook = playbook(&format!(
        "- id: move\n  do: {{ kms.update_alias: {{ alias: alias/pii, key: \"{KEY}\" }} }}"
    ));
    let needs = needs(&playbook, &BTreeMap::new());
    let looks = needs.iter().filter(|need| need.action == "kms:DescribeKey");
    assert!(
        looks.clone().count() > 0 && looks.clone().all(|need| need.resources == ["arn:aws:kms:*:*:key/*"])
    );
}

#[test]
fn a_document_without_aws_needs_nothing() {
    let playbook = playbook("- id: a\n  do: { shell: { argv: [\"true\"], class: read } }");
    assert_eq!(needs(&playbook, &BTreeMap::new()), []);
}
