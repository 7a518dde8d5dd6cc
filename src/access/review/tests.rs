//! Answers that are shared against answers that are not: whoever is asked in company gets
//! what it gets when it is asked alone. Routes are compared with a search that tries every
//! step of every pair.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::question::Question;
use super::*;
use crate::access::evaluate::Answer;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const NAMES: [&str; 6] = ["ana", "bob", "cleo", "app", "ops", "aws-service-role/x.amazonaws.com/linked"];

#[derive(Clone, Debug, Default)]
struct Folder(BTreeMap<String, Value>);

impl Files for Folder {
    type Error = Infallible;

    fn text(&self, name: &str) -> Result<Option<String>, Infallible> {
        Ok(self.0.get(name).map(Value::to_string))
    }

    fn names(&self, _: &str) -> Result<Vec<String>, Infallible> {
        Ok(Vec::new())
    }
}

fn arn(name: &str) -> String {
    let kind = if NAMES[..3].contains(&name) { "user" } else { "role" };
    format!("arn:aws:iam::111122223333:{kind}/{name}")
}

fn condition() -> impl Strategy<Value = Value> {
    select(vec![
        json!({}),
        json!({}),
        json!({"StringEquals": {"aws:username": ["ana", "cleo"]}}),
        json!({"StringNotLike": {"aws:PrincipalArn": "*app"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        json!({"StringEquals": {"kms:ViaService": "${aws:PrincipalTag/team}"}}),
        json!({"StringLike": {"aws:PrincipalTag/team": "${aws:username}"}}),
        json!({"StringEqualsIfExists": {"aws:userid": "AIDABOBBOBBOBBOBBOB"}}),
        json!({"Null": {"aws:PrincipalTag/team": "true"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        json!({"NoSuchOperator": {"aws:username": "ana"}}),
    ])
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let action =
        select(vec!["kms:*", "kms:Decrypt", "kms:PutKeyPolicy", "sts:AssumeRole", "iam:Put*", "s3:*", "*"]);
    let resource = select(vec![
        "*",
        KEY,
        "arn:aws:kms:*:111122223333:key/${aws:username}*",
        "arn:aws:iam::111122223333:role/a*",
        "arn:aws:iam::111122223333:user/${aws:username}",
        "arn:aws:kms:*:111122223333:key/0000*",
    ]);
    (effect, action, resource, condition(), any::<bool>()).prop_map(
        |(effect, action, resource, condition, not)| {
            let element = if not && action != "*" && effect == "Deny" { "NotAction" } else { "Action" };
            json!({"Effect": effect, element: action, "Resource": resource, "Condition": condition})
        },
    )
}

fn policy() -> impl Strategy<Value = Value> {
    vec(statement(), 0..3).prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

fn principal() -> impl Strategy<Value = String> {
    select(vec![
        "*".to_owned(),
        "111122223333".to_owned(),
        "444455556666".to_owned(),
        "arn:aws:iam::111122223333:root".to_owned(),
        "arn:aws:sts::111122223333:assumed-role/app/one".to_owned(),
        "arn:aws:iam::444455556666:role/partner".to_owned(),
        "AIDABOBBOBBOBBOBBOB".to_owned(),
        "AROAOPSOPSOPSOPSOPS".to_owned(),
        "no principal at all".to_owned(),
        arn("ana"),
        arn("bob"),
        arn("app"),
        arn("ops"),
    ])
}

fn of_resource() -> impl Strategy<Value = Value> {
    let statement =
        (statement(), vec(principal(), 1..3), select(vec!["Principal", "Principal", "NotPrincipal"]));
    let named = statement.prop_map(|(mut statement, named, element)| {
        statement[element] = json!({ "AWS": named });
        statement
    });
    vec(named, 0..4).prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

prop_compose! {
    fn entity(name: &'static str)(
        inline in option::weighted(0.15, policy()),
        // Few sets, so that some have the same and are answered together.
        managed in select(vec![vec![], vec!["m0"], vec!["m0"], vec!["m0"], vec!["m0", "m1"], vec!["gone"]]),
        groups in select(vec![vec![], vec![], vec!["red"], vec!["blue"]]),
        bounded in proptest::bool::weighted(0.2),
        team in option::of(select(vec!["red", "ana", "s3.eu-west-1.amazonaws.com"])),
        trust in of_resource(),
    ) -> Value {
        let arn = arn(name);
        let role = arn.contains(":role/");
        let (word, id) = if role { ("Role", "AROA") } else { ("User", "AIDA") };
        let short = name.rsplit('/').next().unwrap();
        let inline: Vec<_> =
            inline.into_iter().map(|document| json!({"PolicyName": "own", "PolicyDocument": document.to_string()})).collect();
        let attached: Vec<_> = managed.iter().map(|name| json!({"PolicyArn": name})).collect();
        let mut entity = json!({
            format!("{word}Name"): short, format!("{word}Id"): format!("{id}{}", short.to_uppercase().repeat(5)),
            "Arn": arn, format!("{word}PolicyList"): inline, "AttachedManagedPolicies": attached,
            "Tags": team.into_iter().map(|team| json!({"Key": "team", "Value": team})).collect::<Vec<_>>(),
        });
        if bounded {
            entity["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": "m2"});
        }
        if role {
            entity["AssumeRolePolicyDocument"] = trust;
        } else {
            entity["GroupList"] = json!(groups);
        }
        entity
    }
}

prop_compose! {
    fn account()(
        users in (entity(NAMES[0]), entity(NAMES[1]), entity(NAMES[2])),
        roles in (entity(NAMES[3]), entity(NAMES[4]), entity(NAMES[5])),
        managed in vec(policy(), 3),
        group in policy(),
    ) -> Value {
        let managed = managed.into_iter().enumerate().map(|(at, document)| json!({
            "PolicyName": format!("m{at}"), "Arn": format!("m{at}"),
            "PolicyVersionList": [{"IsDefaultVersion": true, "Document": document}]}));
        json!({
            "UserDetailList": [users.0, users.1, users.2],
            "RoleDetailList": [roles.0, roles.1, roles.2],
            "GroupDetailList": [{"GroupName": "red", "GroupPolicyList": [{"PolicyName": "g", "PolicyDocument": group}]}],
            "Policies": managed.collect::<Vec<_>>(),
            "IsTruncated": false,
        })
    }
}

prop_compose! {
    fn folder()(
        account in account(),
        key_policy in of_resource(),
        scps in option::of(vec(vec(policy(), 1..2), 0..2)),
        rcp in policy(),
        grants in vec((principal(), option::of(principal()), any::<bool>()), 0..3),
    ) -> Folder {
        let grant = |(at, (grantee, retiring, constrained)): (usize, (String, Option<String>, bool))| {
            let mut grant = json!({"GrantId": format!("g{at}"), "KeyId": KEY, "GranteePrincipal": grantee,
                "Operations": ["Decrypt", "CreateGrant"]});
            grant["RetiringPrincipal"] = json!(retiring);
            if constrained {
                grant["Constraints"] = json!({"EncryptionContextSubset": {"team": "red"}});
            }
            grant
        };
        let grants: Vec<_> = grants.into_iter().enumerate().map(grant).collect();
        let mut rcp = rcp;
        for statement in rcp["Statement"].as_array_mut().unwrap() {
            statement["Principal"] = json!("*");
        }
        let mut files = BTreeMap::from([
            ("authorization-details.json".to_owned(), account),
            ("key-policy.json".to_owned(), json!({"Policy": key_policy.to_string()})),
            ("describe-key.json".to_owned(), json!({"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}})),
            ("grants.json".to_owned(), json!({"Grants": grants, "Truncated": false})),
            ("rcps.json".to_owned(), json!([[rcp]])),
        ]);
        files.extend(scps.map(|scps| ("scps.json".to_owned(), json!(scps))));
        Folder(files)
    }
}

fn collected(folder: &Folder) -> Collected {
    gather(folder, KEY, "kms:Decrypt").unwrap().collected
}

fn alone(collected: &Collected, action: &str, person: &Person) -> Answer {
    Question::on_key(collected, action).ask_alone(person)
}

/// Every step of every pair, asked alone.
fn steps(residents: &Residents) -> Vec<(usize, usize, Verdict)> {
    let people = &residents.people;
    let mut steps = Vec::new();
    for (to, role) in people.iter().enumerate() {
        let (Some(trust), Some(arn)) = (role.trust.as_deref(), role.own_arn.as_deref()) else { continue };
        let question = Question::on_role(ASSUME, (arn, trust), &residents.key, &residents.scps);
        for (from, person) in people.iter().enumerate().filter(|(from, _)| *from != to) {
            let verdict = question.ask_alone(person).verdict;
            if is_open(verdict) {
                steps.push((from, to, verdict));
            }
        }
    }
    steps
}

/// For each principal the best verdict with which it gets to a role in so many steps or less.
fn reached(steps: &[(usize, usize, Verdict)], end: usize, most: usize) -> BTreeMap<usize, Verdict> {
    let mut best = BTreeMap::from([(end, Verdict::Allowed)]);
    for _ in 0..most {
        let before = best.clone();
        for (from, to, verdict) in steps {
            if let Some(behind) = before.get(to) {
                let worst = *behind.max(verdict);
                let known = best.entry(*from).or_insert(worst);
                *known = worst.min(*known);
            }
        }
    }
    best.remove(&end);
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whoever_is_asked_in_company_gets_the_answer_that_it_gets_alone(folder in folder()) {
        let collected = collected(&folder);
        for action in ["kms:Decrypt", "kms:CreateGrant"] {
            let review = review(&collected, action);
            prop_assert!(review.findings.len() >= NAMES.len());
            for finding in &review.findings {
                prop_assert_eq!(&*finding.answer, &alone(&collected, action, &finding.person), "{}", finding.person.name);
                for asked in SELF_SERVICE {
                    let open = is_open(alone(&collected, asked, &finding.person).verdict);
                    prop_assert_eq!(finding.self_service.contains(asked), open, "{} {}", finding.person.name, asked);
                }
            }
        }
    }

    #[test]
    fn several_keys_are_answered_as_each_alone(folder in folder(), other in of_resource()) {
        let shared = Shared::gather(&folder, "kms:Decrypt").unwrap();
        let mut second = folder.clone();
        second.0.insert("key-policy.json".to_owned(), json!({"Policy": other.to_string()}));
        let residents = Residents::of(&shared.with_key(&folder, KEY, "kms:Decrypt").unwrap().collected);
        for files in [&folder, &second, &folder] {
            let together = shared.with_key(files, KEY, "kms:Decrypt").unwrap().collected;
            prop_assert!(residents.fit(&together));
            let (one, other) = (residents.review(&together, "kms:Decrypt"), review(&collected(files), "kms:Decrypt"));
            prop_assert_eq!(told("kms:Decrypt", &together.key, &one, &[], None), told("kms:Decrypt", &together.key, &other, &[], None));
        }
    }

    #[test]
    fn routes_are_those_that_a_search_of_all_pairs_finds(folder in folder()) {
        let residents = Residents::of(&collected(&folder));
        let steps = steps(&residents);
        for (end, role) in residents.people.iter().enumerate().filter(|(_, role)| role.trust.is_some()) {
            let routes = residents.routes(role);
            prop_assert_eq!(routes.more, 0);
            let place = |name: &str| residents.people.iter().position(|person| person.name == name);
            for most in 1..NAMES.len() {
                let mut told: BTreeMap<usize, Verdict> = BTreeMap::new();
                for route in routes.told.iter().filter(|route| route.via.len() < most) {
                    let Some(by) = place(&route.by) else { continue };
                    let known = told.entry(by).or_insert(route.verdict);
                    *known = (*known).min(route.verdict);
                }
                prop_assert_eq!(told, reached(&steps, end, most), "{} in {}", role.name, most);
            }
            for route in &routes.told {
                let mut way = route.via.clone();
                way.push(role.name.clone());
                way.insert(0, route.by.clone());
                let worst = way.windows(2).filter_map(|pair| {
                    let (from, to) = (place(&pair[0])?, place(&pair[1])?);
                    steps.iter().find(|step| (step.0, step.1) == (from, to)).map(|step| step.2)
                }).max();
                if place(&route.by).is_some() {
                    prop_assert_eq!(worst, Some(route.verdict), "{:?}", way);
                }
                way.sort_unstable();
                way.dedup();
                prop_assert_eq!(way.len(), route.via.len() + 2, "no role is passed twice");
            }
        }
    }
}

/// A trusts B, B trusts C, C trusts whoever: one path of three steps, with what it needs.
#[test]
fn a_route_over_several_roles_is_told_with_its_path_and_its_conditions() {
    let role = |name: &str, trusts: &str, may: Value| {
        json!({"RoleName": name, "RoleId": format!("AROA{name}"), "Arn": arn(name),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": may}}],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Principal": {"AWS": trusts}, "Action": "sts:AssumeRole",
                "Condition": if name == "ops" { json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}) } else { json!({}) }}]}})
    };
    let decrypts = json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]);
    let nothing = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
    let user = json!({"UserName": "ana", "UserId": "AIDAANA", "Arn": arn("ana"), "UserPolicyList": []});
    let roles = [
        role("data", &arn("ops"), decrypts),
        role("ops", &arn("app"), nothing.clone()),
        role("app", &arn("ana"), nothing),
    ];
    let folder = Folder(BTreeMap::from([
        (
            "authorization-details.json".to_owned(),
            json!({"UserDetailList": [user], "RoleDetailList": roles, "IsTruncated": false}),
        ),
        (
            "key-policy.json".to_owned(),
            json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
            "Action": "kms:*", "Resource": "*"}]}),
        ),
        ("describe-key.json".to_owned(), json!({"KeyMetadata": {"Arn": KEY}})),
        ("grants.json".to_owned(), json!([])),
        ("scps.json".to_owned(), json!([])),
        ("rcps.json".to_owned(), json!([])),
    ]));
    let review = review(&collected(&folder), "kms:Decrypt");
    let data = review.findings.iter().find(|finding| finding.person.name == arn("data")).unwrap();
    let told: Vec<_> =
        data.routes.told.iter().map(|it| (it.by.clone(), it.via.clone(), it.verdict)).collect();
    assert_eq!(
        told,
        [
            (arn("ops"), vec![], Verdict::Allowed),
            (arn("app"), vec![arn("ops")], Verdict::AllowedIf),
            (arn("ana"), vec![arn("app"), arn("ops")], Verdict::AllowedIf),
        ]
    );
    let needs = format!("to assume {}: aws:MultiFactorAuthPresent is `true`", arn("ops"));
    assert_eq!(data.routes.told[2].conditions, [needs]);
    assert!(
        review
            .findings
            .iter()
            .all(|finding| finding.person.name != arn("ops") || finding.routes.told.is_empty())
    );
}

/// The bound is on what is told: the rest is counted.
#[test]
fn more_routes_than_are_told_are_counted() {
    let user = |at: usize| json!({"UserName": format!("u{at}"), "UserId": format!("AIDA{at}"), "Arn": format!("arn:aws:iam::111122223333:user/u{at:03}")});
    let users: Vec<_> = (0..TOLD + 7).map(user).collect();
    let named: Vec<_> = users.iter().map(|user| user["Arn"].clone()).collect();
    let trust =
        json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": named}, "Action": "sts:AssumeRole"}]});
    let role =
        json!({"RoleName": "app", "RoleId": "AROAAPP", "Arn": arn("app"), "AssumeRolePolicyDocument": trust});
    let folder = Folder(BTreeMap::from([
        (
            "authorization-details.json".to_owned(),
            json!({"UserDetailList": users, "RoleDetailList": [role], "IsTruncated": false}),
        ),
        ("describe-key.json".to_owned(), json!({"KeyMetadata": {"Arn": KEY}})),
    ]));
    let review = review(&collected(&folder), "kms:Decrypt");
    let app = review.findings.iter().find(|finding| finding.person.name == arn("app")).unwrap();
    assert_eq!((app.routes.told.len(), app.routes.more), (TOLD, 7));
}
