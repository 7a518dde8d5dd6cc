//! Broken and oversized inputs of `playbook access`: an error that says where, or `Unknown`
//! with the reason; never a silent deny, and never a silent allow.

use serde_json::{Value, json};

use crate::support::{Drill, Said};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ANA: &str = "arn:aws:iam::111122223333:user/ana";

/// Documents that AWS would not take, or of which nobody can say what they mean, as they stand
/// in a file, and a word of the reason.
fn broken() -> Vec<(String, &'static str)> {
    let statement = |more: &str| format!(r#"{{"Version": "2012-10-17", "Statement": [{{{more}}}]}}"#);
    let condition = |condition: &str| {
        statement(&format!(
            r#""Effect": "EFFECT", "Action": "kms:*", "Resource": "*", "Condition": {condition}"#
        ))
    };
    vec![
        (r#""{\"Version\": \"2012-10-17\", \"Statement\": [""#.to_owned(), "ends where"),
        (r#""%7B%22Statement%22%3A""#.to_owned(), "ends where"),
        (r#""not json""#.to_owned(), "JSON value is expected"),
        ("17".to_owned(), "a number"),
        ("[]".to_owned(), "a list"),
        ("{}".to_owned(), "no Statement"),
        (r#"{"Statement": "all"}"#.to_owned(), "a text"),
        (r#"{"Statement": [null]}"#.to_owned(), "null"),
        (r#"{"Version": "2020-01-01", "Statement": []}"#.to_owned(), "the Version"),
        (r#"{"Version": 2012, "Statement": []}"#.to_owned(), "the Version"),
        (r#"{"Statement": [], "Statement": []}"#.to_owned(), "stands twice"),
        (r#"{"Statements": [], "Statement": []}"#.to_owned(), "`Statements`"),
        (statement(r#""Effect": "deny", "Action": "kms:*", "Resource": "*""#), "Effect"),
        (statement(r#""Effect": ["EFFECT"], "Action": "kms:*", "Resource": "*""#), "Effect"),
        (statement(r#""Effect": "EFFECT", "Resource": "*""#), "neither Action"),
        (
            statement(r#""Effect": "EFFECT", "Action": "kms:*", "NotAction": "s3:*", "Resource": "*""#),
            "both Action",
        ),
        (
            statement(r#""Effect": "EFFECT", "Action": "kms:*", "Action": "s3:*", "Resource": "*""#),
            "stands twice",
        ),
        (statement(r#""Effect": "EFFECT", "Action": {"a": 1}, "Resource": "*""#), "an object"),
        (statement(r#""Effect": "EFFECT", "Action": "kms:*", "Resource": "*", "Foo": 1"#), "`Foo`"),
        (statement(r#""Effect": "EFFECT", "Action": "Decrypt", "Resource": "*""#), "names no service"),
        (statement(r#""Effect": "EFFECT", "Action": "kms:*", "Resource": "key/1234""#), "nor an ARN"),
        (statement(r#""Effect": "EFFECT", "Action": "kms:*", "Resource": 7"#), "a number"),
        (statement(r#""Effect": "EFFECT", "NotAction": [], "Resource": "*""#), "names nothing"),
        (condition(r#"{"StringMatches": {"aws:username": "a"}}"#), "StringMatches"),
        (condition(r#"{"ForSome:StringEquals": {"aws:username": "a"}}"#), "ForSome"),
        (condition(r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "soon"}}"#), "no number"),
        (condition(r#"{"DateLessThan": {"aws:CurrentTime": "31.12.2026"}}"#), "no date"),
        (condition(r#"{"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}"#), "IP address"),
        (condition(r#"{"Bool": {"aws:SecureTransport": "yes"}}"#), "no boolean"),
        (condition(r#"{"Null": {"aws:username": []}}"#), "neither true nor false"),
        (condition(r#"{"ArnLike": {"aws:PrincipalArn": "role/app"}}"#), "no ARN"),
        (condition(r#"{"StringEquals": {"aws:username": {"a": 1}}}"#), "an object"),
        (condition(r#"{"StringEquals": "aws:username"}"#), "a text"),
        (condition(r#"{"StringEquals": {"k": "a"}, "StringEquals": {"k": "b"}}"#), "stands twice"),
        (condition("[]"), "a list"),
    ]
}

const ALLOW: &str =
    r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}"#;
const ALLOW_TO: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}]}"#;

/// The layers, each with the document beside those without which nothing would be allowed.
const LAYERS: &[(&str, &str)] = &[
    ("identity", r#""identity_policies": [ALLOW, BROKEN], "resource_policy": ALLOW_TO"#),
    ("identity alone", r#""identity_policies": [BROKEN], "resource_policy": ALLOW_TO"#),
    ("resource", r#""identity_policies": [ALLOW], "resource_policy": BROKEN"#),
    ("boundary", r#""identity_policies": [ALLOW], "resource_policy": ALLOW_TO, "boundary": BROKEN"#),
    ("session", r#""identity_policies": [ALLOW], "resource_policy": ALLOW_TO, "session_policies": [BROKEN]"#),
    ("scp", r#""identity_policies": [ALLOW], "resource_policy": ALLOW_TO, "scps": [[ALLOW, BROKEN]]"#),
    ("rcp", r#""identity_policies": [ALLOW], "resource_policy": ALLOW_TO, "rcps": [[ALLOW, BROKEN]]"#),
];

fn line(id: &str, layers: &str, document: &str) -> String {
    let layers = layers.replace("ALLOW_TO", ALLOW_TO).replace("ALLOW", ALLOW).replace("BROKEN", document);
    format!(
        r#"{{"id": "{id}", "request": {{"principal": "{ANA}", "action": "kms:Decrypt", "resource": "{KEY}"}}, {layers}}}"#
    )
}

fn simulated(drill: &Drill, lines: &[String]) -> Said {
    drill.file("requests.jsonl", &lines.join("\n"));
    drill.playbook(["access", "simulate", "requests.jsonl"])
}

fn answers(said: &Said) -> Vec<Value> {
    said.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// With each effect, since a deny is no less unknown than an allow. The policy of a key needs
/// a principal beside what is broken, which identity policies may not have.
#[test]
fn a_document_that_nobody_can_read_is_unknown_in_every_layer() {
    let drill = Drill::new();
    let (mut lines, mut reasons) = (Vec::new(), Vec::new());
    for (document, reason) in broken() {
        for effect in ["Allow", "Deny"] {
            for (layer, layers) in LAYERS {
                let mut document = document.replace("EFFECT", effect);
                if matches!(*layer, "resource" | "rcp") {
                    document = document.replacen(r#""Action""#, r#""Principal": "*", "Action""#, 1);
                    document =
                        document.replacen(r#""NotAction": []"#, r#""Principal": "*", "NotAction": []"#, 1);
                }
                // Beside a whole allow a broken one takes nothing away, and alone a broken deny
                // leaves nothing to be allowed.
                let beside = matches!(*layer, "identity" | "scp" | "rcp");
                let idle = (effect == "Allow") == beside;
                if idle && !is_refused_whole(reason) {
                    continue;
                }
                lines.push(line(&format!("{layer}: {reason}: {effect}"), layers, &document));
                reasons.push((reason, document));
            }
        }
    }
    let said = simulated(&drill, &lines);
    let answers = answers(said.exits(0));
    assert_eq!(answers.len(), reasons.len());
    for (answer, (reason, document)) in answers.iter().zip(reasons) {
        assert_eq!(answer["verdict"], "Unknown", "{}\n{document}\n{answer:#}", answer["id"]);
        let told = answer["because"].to_string().replace("\\\"", "\"");
        assert!(told.contains(reason), "{}\n{document}\n{told}", answer["id"]);
    }
}

/// Flaws of one part leave the rest of the document as it is; others make all of it unreadable.
fn is_refused_whole(reason: &str) -> bool {
    let parts = ["names no service", "nor an ARN", "StringMatches", "ForSome", "no number", "no date"];
    let values = ["IP address", "no boolean", "neither true nor false", "no ARN"];
    !parts.contains(&reason) && !values.contains(&reason)
}

/// "IAM JSON policy elements: Action": nothing is trimmed; what AWS takes is taken.
#[test]
fn oddities_that_aws_takes_are_taken() {
    let drill = Drill::new();
    let key_policy = |statement: &str| format!(r#""resource_policy": {{"Statement": {statement}}}"#);
    let to = |action: &str| {
        format!(r#"{{"Effect": "Allow", "Principal": "*", "Action": {action}, "Resource": "*"}}"#)
    };
    let encode = |byte: u8| format!("%{byte:02X}");
    let encoded = ALLOW_TO.replace("111122223333", ANA).bytes().map(encode).collect::<Vec<_>>().concat();
    let cases = [
        (key_policy(&to(r#""kms:Decrypt""#)), "Allowed"),
        (key_policy(&to(r#"[" kms:Decrypt", "kms:Decrypt "]"#)), "ImplicitDeny"),
        (key_policy(&to(r#"["kms:\u0044ecrypt"]"#)), "Allowed"),
        (key_policy(&to("[]")), "ImplicitDeny"),
        (key_policy("[]"), "ImplicitDeny"),
        (key_policy(&format!("[{}]", to(r#""KMS:DECRYPT""#))), "Allowed"),
        (format!(r#""resource_policy": "{encoded}""#), "Allowed"),
        (format!(r#""resource_policy": {:?}"#, ALLOW_TO.replace("111122223333", ANA)), "Allowed"),
        (format!(r#""resource_policy": {{"Id": "x", "Statement": {}}}"#, to(r#""kms:*""#)), "Allowed"),
    ];
    let lines: Vec<_> = cases.iter().map(|(layers, _)| line("x", layers, "")).collect();
    let said = simulated(&drill, &lines);
    for (answer, (layers, verdict)) in answers(said.exits(0)).iter().zip(&cases) {
        assert_eq!(answer["verdict"], *verdict, "{layers}");
    }
}

/// Work grows with the size: with its square, or with the ways through a pattern, each of
/// these would take hours.
#[test]
fn documents_of_any_size_and_shape_come_to_an_answer() {
    let drill = Drill::new();
    let to = |more: &str| {
        format!(r#"{{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"{more}}}"#)
    };
    let document = |statements: &str| {
        format!(r#""resource_policy": {{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
    };
    let many =
        |one: &dyn Fn(usize) -> String, count: usize| (0..count).map(one).collect::<Vec<_>>().join(",");
    let condition =
        |at: usize| format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/t{at}":"v"}}}}"#);
    let stars = "a*".repeat(2_000);
    let cases = [
        (document(&many(&|at| to(&condition(at)), 12_000)), "AllowedIf"),
        (document(&many(&|_| to(""), 20_000)), "Allowed"),
        (
            document(&to(&format!(
                r#","Condition":{{"StringEquals":{{{}}}}}"#,
                many(&|at| format!(r#""aws:PrincipalTag/t{at}":"v""#), 20_000)
            ))),
            "AllowedIf",
        ),
        (
            document(&to(&format!(
                r#","Condition":{{"StringLike":{{"aws:username":[{}]}}}}"#,
                many(&|at| format!(r#""{at}*x*y*z""#), 60_000)
            ))),
            "AllowedIf",
        ),
        (
            document(&to(&format!(r#","Condition":{{"StringLike":{{"aws:RequestTag/t":"{stars}b"}}}}"#))),
            "ImplicitDeny",
        ),
        (document(&format!("{},{}", to(""), to("").replace("kms:*", &format!("kms:{stars}")))), "Allowed"),
        (
            document(
                &to("")
                    .replace(r#""Resource": "*""#, &format!(r#""Resource": "arn:aws:kms:*:*:key/{stars}""#)),
            ),
            "ImplicitDeny",
        ),
        (format!(r#""resource_policy": {}"#, "[".repeat(500_000)), "none"),
        (format!(r#""resource_policy": "{}""#, "{\\\"a\\\":".repeat(200_000)), "Unknown"),
        (document(&many(&|_| to(""), 30_000)), "Allowed"),
        (
            format!(
                r#""resource_policy": {}, "identity_policies": [{}]"#,
                ALLOW_TO,
                many(&|at| ALLOW.replace(r#""*"}"#, &format!(r#""*"{}}}"#, condition(at))), 5_000)
            ),
            "AllowedIf",
        ),
    ];
    let text = |layers: &String| {
        let context = format!(r#""context": {{"aws:RequestTag/t": "{}"}}"#, "a".repeat(6_000));
        line("x", layers, "").replacen(r#""action""#, &format!(r#"{context}, "discover": true, "action""#), 1)
    };
    let lines: Vec<_> = cases.iter().map(|(layers, _)| text(layers)).collect();
    let said = simulated(&drill, &lines);
    said.exits(1).says("requests.jsonl:8:").says("nested deeper");
    let expected: Vec<_> =
        cases.iter().map(|(_, verdict)| *verdict).filter(|verdict| *verdict != "none").collect();
    let verdicts: Vec<_> = answers(&said).iter().map(|answer| answer["verdict"].clone()).collect();
    assert_eq!(verdicts, expected);
}

#[test]
fn bytes_that_are_no_text_are_an_error_that_says_where() {
    let drill = Drill::new();
    let path = drill.file("requests.jsonl", "");
    let good = line("a", r#""resource_policy": ALLOW_TO"#, "").into_bytes();
    let mut bytes = good.clone();
    bytes.extend(b"\n{\"id\": \"\xff\xfe\"}\n");
    bytes.extend(&good);
    std::fs::write(path, bytes).unwrap();
    let said = drill.playbook(["access", "simulate", "requests.jsonl"]);
    said.exits(1).says("requests.jsonl").says("UTF-8");
}

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

fn user(more: Value) -> Value {
    let mut user = json!({"UserName": "ana", "UserId": "AIDAANA", "Arn": ANA});
    user.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    user
}

fn folder(user: &str) -> Drill {
    let drill = Drill::new();
    let details = format!(
        r#"{{"UserDetailList": [{user}], "RoleDetailList": [], "GroupDetailList": [], "Policies": []}}"#
    );
    drill.file("data/authorization-details.json", &details);
    drill.file("data/key-policy.json", &json!({ "Policy": ALLOW_TO }).to_string());
    drill.file(
        "data/describe-key.json",
        &json!({"KeyMetadata": {"Arn": KEY, "KeyState": "Enabled"}}).to_string(),
    );
    for (name, text) in [("grants", r#"{"Grants": []}"#), ("scps", "[]"), ("rcps", "[]")] {
        drill.file(&format!("data/{name}.json"), text);
    }
    drill
}

fn who_can(drill: &Drill) -> Said {
    drill.playbook(["access", "who-can", "kms:Decrypt", "--key", KEY, "--data", "data", "--json"])
}

fn anas(said: &Said) -> Value {
    let review = said.exits(0).json();
    let ana = review["principals"].as_array().unwrap().iter().find(|one| one["principal"] == ANA);
    ana.expect("ana is reviewed").clone()
}

/// What is not of the form that AWS documents may hide a policy: the collection is refused.
#[test]
fn a_collection_that_is_not_as_aws_returns_it_is_refused_with_the_place() {
    let own = json!([{"PolicyName": "own", "PolicyDocument": allow("kms:*")}]);
    anas(&who_can(&folder(&user(json!({"UserPolicyList": own})).to_string())));
    for (more, message) in [
        (json!({"UserPolicyList": own[0]}), "`UserPolicyList` has to be a list"),
        (json!({"UserPolicyList": [{"PolicyName": "own"}]}), "no PolicyDocument"),
        (json!({"AttachedManagedPolicies": "arn:aws:iam::aws:policy/ReadOnlyAccess"}), "has to be a list"),
        (json!({"AttachedManagedPolicies": [{"PolicyName": "x"}]}), "no `PolicyArn`"),
        (json!({"GroupList": [7]}), "`GroupList`"),
        (json!({"GroupList": "readers"}), "has to be a list"),
        (
            json!({"PermissionsBoundary": {"PermissionsBoundaryType": "Policy"}}),
            "no `PermissionsBoundaryArn`",
        ),
    ] {
        let drill = folder(&user(more).to_string());
        who_can(&drill).exits(1).says("authorization-details.json:1:").says(message);
    }
    let twice =
        user(json!({"UserPolicyList": own})).to_string().replacen('{', r#"{"UserPolicyList": [], "#, 1);
    who_can(&folder(&twice)).exits(1).says("stands twice");
}

#[test]
fn files_beside_it_that_are_broken_are_named() {
    for (file, text, message) in [
        (
            "authorization-details.json",
            r#"{"UserDetailList": [], "IsTruncated": "false"}"#,
            "neither true nor false",
        ),
        (
            "authorization-details.json",
            r#"{"UserDetailList": [], "IsTruncated": true}"#,
            "the authorization details break off",
        ),
        ("authorization-details.json", r#"{"UserDetailList": [{"UserName": "a"#, "never ends"),
        ("grants.json", r#"{"Grants": [], "Truncated": true}"#, "truncated"),
        ("grants.json", r#"{"Grants": [], "Truncated": "no"}"#, "truncated"),
        ("grants.json", r#"{"Grants": [{"GranteePrincipal": "a"}]}"#, "`Operations`"),
        (
            "grants.json",
            r#"{"Grants": [{"GranteePrincipal": "a", "Operations": "Decrypt"}]}"#,
            "has to be a list",
        ),
        ("grants.json", r#"{"Grants": [{"GranteePrincipal": 7, "Operations": []}]}"#, "has to be a text"),
        (
            "grants.json",
            r#"{"Grants": [{"GranteePrincipal": "a", "KeyId": [], "Operations": []}]}"#,
            "`KeyId`",
        ),
        ("scps.json", r#"{"Policies": []}"#, "a list is expected"),
        ("scps.json", "[{}]", "a list is expected"),
        ("rcps.json", "[[", "ends where"),
        ("describe-key.json", r#"{"KeyMetadata": {}}"#, "no `Arn`"),
    ] {
        let drill = folder(&user(json!({})).to_string());
        drill.file(&format!("data/{file}"), text);
        let said = who_can(&drill);
        said.exits(1).says(message).says(if message.contains("break off") { "hint" } else { file });
    }
    let drill = folder(&user(json!({})).to_string());
    std::fs::write(drill.path().join("data/key-policy.json"), b"{\"Policy\": \"\xff\"}").unwrap();
    who_can(&drill).exits(1).says("key-policy.json").says("UTF-8");
}

/// One policy that cannot be read makes those unknown whom it concerns.
#[test]
fn a_policy_that_cannot_be_read_makes_whom_it_concerns_unknown() {
    let own =
        |document: Value| json!({"UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}]});
    for document in [
        json!("%7B%22Version%22"),
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*"}]}),
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringMatches": {"aws:username": "a"}}}, allow("kms:*")["Statement"][0]]}),
    ] {
        let ana = anas(&who_can(&folder(&user(own(document.clone())).to_string())));
        assert_eq!(ana["verdict"], "Unknown", "{document}");
    }
    let big = json!([allow("kms:*"), " ".repeat(2 * 1024 * 1024 + 1)]);
    let ana = anas(&who_can(&folder(&user(own(big[1].clone())).to_string())));
    assert_eq!(ana["verdict"], "Unknown");
    assert!(ana["because"].to_string().contains("longer than"));
    let ana = anas(&who_can(&folder(&user(json!({"GroupList": ["gone"]})).to_string())));
    assert_eq!(ana["verdict"], "Unknown");
}
